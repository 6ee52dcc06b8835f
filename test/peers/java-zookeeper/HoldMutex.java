import java.util.concurrent.CountDownLatch;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.ExponentialBackoffRetry;

/**
 * Takes a lock with Curator and holds it until its session is lost. Arguments: HOST:PORT PATH. Says `waiting SESSION`
 * once it stands for it, `held ZNODE` once it has it, `lost` once the session is gone.
 */
public final class HoldMutex {
  public static void main(String[] args) throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    CuratorFramework client = CuratorFrameworkFactory.newClient(args[0], 30_000, 15_000, new ExponentialBackoffRetry(100, 10));
    client
        .getConnectionStateListenable()
        .addListener(
            (c, state) -> {
              if (state == ConnectionState.LOST) {
                say("lost");
                over.countDown();
              }
            });
    client.start();
    client.blockUntilConnected();
    say("waiting " + Long.toHexString(client.getZookeeperClient().getZooKeeper().getSessionId()));
    InterProcessMutex mutex = new InterProcessMutex(client, args[1]);
    mutex.acquire();
    // The holder is the first of those who stand for it.
    say("held " + mutex.getParticipantNodes().iterator().next());
    over.await();
    System.exit(0);
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
