#!/usr/bin/env node
import { Command } from "commander";
import { packageVersion, versionText } from "../version-text.ts";

/**
 * The program `bridgekeeper`. What `serve` and `ctl` take is read by themselves, in etcd's and etcdctl's manner, so
 * their arguments pass through untouched; each loads its code only when it runs.
 */
const program = new Command("bridgekeeper")
  .description("One store, two APIs: an etcd v3 server and, on the same keys, a ZooKeeper server.")
  .version(`bridgekeeper ${packageVersion()}`, "-V, --version", "print the version")
  .helpOption("-h, --help", "print this help")
  .helpCommand(false)
  .enablePositionalOptions()
  .configureHelp({ helpWidth: 100 })
  .showHelpAfterError("(bridgekeeper --help lists the commands)")
  .addHelpText(
    "after",
    `
Examples:
  bridgekeeper serve                          start a server on http://localhost:2379
  bridgekeeper serve --data-dir /var/lib/bk   start it with its data there
  bridgekeeper serve --zk-config zoo.cfg      serve ZooKeeper's clients as a zoo.cfg says
  bridgekeeper serve --help                   list all flags of the server
  bridgekeeper facade --etcd-endpoints a:1    serve ZooKeeper's clients on the etcd cluster at a:1
  bridgekeeper ctl put greeting hello         write a key
  bridgekeeper ctl get greeting               read it
`,
  );

passThrough("serve", "start a server; takes etcd's flags, variables and configuration file", async (argv) => {
  const { runServerProcess } = await import("../server-process.ts");
  return runServerProcess("bridgekeeper serve", argv, { zkListen: "localhost:2181=/zk" });
});

passThrough("facade", "serve ZooKeeper's clients on an etcd cluster that runs elsewhere", async (argv) => {
  const { runFacadeProcess } = await import("../facade-process.ts");
  return runFacadeProcess("bridgekeeper facade", argv);
});

passThrough("ctl", "put, get, watch, and the other commands of etcdctl", async (argv) => {
  const { runCtl } = await import("../etcd/ctl/main.ts");
  return runCtl(argv);
});

program
  .command("version")
  .description("print the versions of Bridgekeeper and of the etcd it stands for")
  .action(() => {
    process.stdout.write(`bridgekeeper ${packageVersion()}\n${versionText()}`);
  });

await program.parseAsync();

/** A command whose arguments commander does not look at, `--help` included. */
function passThrough(name: string, description: string, run: (argv: string[]) => Promise<number>): void {
  program
    .command(name)
    .description(description)
    .usage("[flags]")
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .passThroughOptions()
    .action(async (_options: unknown, command: Command) => {
      // Whatever still waits for something must not keep a server alive that has ended.
      process.exit(await run(command.args));
    });
}
