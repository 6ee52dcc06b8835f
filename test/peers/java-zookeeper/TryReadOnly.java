import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.KeeperException.NoNodeException;
import org.apache.zookeeper.KeeperException.NotReadOnlyException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.ZooKeeper.States;
import org.apache.zookeeper.data.ACL;

/**
 * Tries the read-only mode of a server with ZooKeeper's own Java client. Argument: HOST:PORT. The server loses what it needs
 * for writing at the first disturbance, and gets it back at the second one; the checks rest on each other.
 */
public final class TryReadOnly extends Checks {
  private static final int TIMEOUT_MS = 20_000;
  private static final List<ACL> OPEN = Ids.OPEN_ACL_UNSAFE;
  private static final String NODE = "/read-only";
  private static final String OWN = "/own";

  /** Connected before the loss. */
  private final Client owner;
  private long ownersSession;
  /** Connects during the loss. */
  private Client reader;
  private long readersSession;

  public static void main(String[] args) throws Exception {
    System.exit(new TryReadOnly(args[0]).run("read-only") ? 0 : 1);
  }

  private TryReadOnly(String connect) throws Exception {
    super(connect);
    owner = new Client(connect, true);
    check("a client that can do without writing is connected as any other", root -> before());
    check("when writing is lost, a new client is told that it is read-only", root -> connectedReadOnly());
    check("it reads, and watches", root -> reads());
    check("it writes nothing", root -> writes());
    check("a client that cannot do without writing is not served", root -> notServed());
    check("a session of before waits for the end of it", root -> waits());
    check("when writing is back, the session of before goes on", root -> goesOn());
    check("the read-only client gets a session of its own, and what it watches is told", root -> ownSession());
  }

  private static final class Client extends ZooKeeper {
    final Events events;

    Client(String connect, boolean canBeReadOnly) throws Exception {
      this(connect, canBeReadOnly, new Events());
    }

    private Client(String connect, boolean canBeReadOnly, Events events) throws Exception {
      super(connect, TIMEOUT_MS, events, canBeReadOnly);
      this.events = events;
    }
  }

  private static final class Events implements Watcher {
    private final BlockingQueue<WatchedEvent> all = new LinkedBlockingQueue<>();

    @Override
    public void process(WatchedEvent event) {
      all.add(event);
    }

    /** Skips disconnections, and nothing else. */
    KeeperState nextState() throws Exception {
      for (; ; ) {
        WatchedEvent event = next(all);
        same(event.getType(), EventType.None);
        if (event.getState() != KeeperState.Disconnected) return event.getState();
      }
    }

    String nextChange() throws Exception {
      WatchedEvent event = next(all);
      return event.getType() + " " + event.getPath();
    }
  }

  private void before() throws Exception {
    same(owner.events.nextState(), KeeperState.SyncConnected);
    same(owner.getState(), States.CONNECTED);
    ownersSession = owner.getSessionId();
    owner.create(NODE, bytes("before"), OPEN, CreateMode.PERSISTENT);
    owner.create(OWN, bytes("mine"), OPEN, CreateMode.EPHEMERAL);
    same(text(owner.getData(NODE, false, null)), "before");
    disturb();
  }

  private void connectedReadOnly() throws Exception {
    until("the owner is disconnected", () -> owner.getState() == States.CONNECTING);
    reader = new Client(connect, true);
    same(reader.events.nextState(), KeeperState.ConnectedReadOnly);
    same(reader.getState(), States.CONNECTEDREADONLY);
    readersSession = reader.getSessionId();
    same(readersSession != 0 && readersSession != ownersSession, true);
  }

  private void reads() throws Exception {
    same(text(reader.getData(NODE, true, null)), "before");
    same(reader.exists(OWN, false).getEphemeralOwner(), ownersSession);
    same(reader.getChildren("/", false).contains("own"), true);
    same(reader.getACL(NODE, null), OPEN);
    same(reader.getAllChildrenNumber(NODE), 0);
    same(reader.getEphemerals().size(), 0);
    fails(NoNodeException.class, r -> reader.getData("/none", false, null));
    reader.addWatch("/later", AddWatchMode.PERSISTENT);
    reader.addAuthInfo("digest", bytes("reader:secret"));
    same(reader.whoAmI().size(), 2);
  }

  private void writes() throws Exception {
    fails(NotReadOnlyException.class, r -> reader.create("/new", null, OPEN, CreateMode.PERSISTENT));
    fails(NotReadOnlyException.class, r -> reader.create("/new", null, OPEN, CreateMode.EPHEMERAL_SEQUENTIAL));
    fails(NotReadOnlyException.class, r -> reader.create("/new", null, OPEN, CreateMode.CONTAINER));
    fails(NotReadOnlyException.class, r -> reader.setData(NODE, bytes("during"), -1));
    fails(NotReadOnlyException.class, r -> reader.delete(NODE, -1));
    fails(NotReadOnlyException.class, r -> reader.setACL(NODE, OPEN, -1));
    fails(NotReadOnlyException.class, r -> reader.multi(List.of(Op.setData(NODE, bytes("during"), -1))));
    fails(NotReadOnlyException.class, r -> reader.transaction().check(NODE, 0).commit());
    CompletableFuture<Integer> synced = new CompletableFuture<>();
    reader.sync(NODE, (code, path, context) -> synced.complete(code), null);
    same(Code.get(synced.get(30, TimeUnit.SECONDS)), Code.NOTREADONLY);
    same(text(reader.getData(NODE, true, null)), "before");
    same(reader.getState(), States.CONNECTEDREADONLY);
  }

  private void notServed() throws Exception {
    Client writer = later(new Client(connect, false));
    // It tries about once a second.
    Thread.sleep(1500);
    same(writer.getState().isConnected(), false);
  }

  private void waits() throws Exception {
    same(owner.getState(), States.CONNECTING);
    same(owner.getSessionId(), ownersSession);
    disturb();
  }

  private void goesOn() throws Exception {
    same(owner.events.nextState(), KeeperState.SyncConnected);
    same(owner.getSessionId(), ownersSession);
    same(owner.exists(OWN, false).getEphemeralOwner(), ownersSession);
  }

  private void ownSession() throws Exception {
    same(reader.events.nextState(), KeeperState.SyncConnected);
    same(reader.getState(), States.CONNECTED);
    same(reader.getSessionId() == readersSession, false);
    owner.setData(NODE, bytes("after"), 0);
    same(reader.events.nextChange(), "NodeDataChanged " + NODE);
    same(text(reader.getData(NODE, false, null)), "after");
    reader.create("/later", null, OPEN, CreateMode.EPHEMERAL);
    same(reader.events.nextChange(), "NodeCreated /later");
    reader.close();
    owner.close();
  }
}
