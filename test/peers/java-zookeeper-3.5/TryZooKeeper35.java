import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;

/** Tries a server with the last Java client of ZooKeeper 3.5, the oldest that runs on a current Java, all of its calls. Argument: HOST:PORT. */
public final class TryZooKeeper35 extends Checks {
  private static final int TIMEOUT_MS = 20_000;
  private static final List<ACL> OPEN = Ids.OPEN_ACL_UNSAFE;

  public static void main(String[] args) {
    System.exit(new TryZooKeeper35(args[0]).run("java35") ? 0 : 1);
  }

  private TryZooKeeper35(String connect) {
    super(connect);
    check("create, get, set, delete", this::crud);
    check("create modes", this::modes);
    check("watches", this::watches);
    check("multi", this::multi);
    check("ACL", this::acl);
    check("session taken up with its id and password", this::reattach);
    check("a cut connection", this::cutConnection);
  }

  /** A client and what its default watcher is told, once it is connected. */
  private static final class Client implements AutoCloseable {
    final BlockingQueue<WatchedEvent> events = new LinkedBlockingQueue<>();
    final ZooKeeper zk;

    Client(String connect) throws Exception {
      zk = new ZooKeeper(connect, TIMEOUT_MS, events::add);
      same(next(events).getState(), KeeperState.SyncConnected);
    }

    Client(String connect, ZooKeeper before) throws Exception {
      zk = new ZooKeeper(connect, TIMEOUT_MS, events::add, before.getSessionId(), before.getSessionPasswd());
      same(next(events).getState(), KeeperState.SyncConnected);
    }

    @Override
    public void close() throws Exception {
      zk.close();
    }
  }

  private ZooKeeper open() throws Exception {
    return later(new Client(connect)).zk;
  }

  private void crud(String root) throws Exception {
    ZooKeeper zk = open();
    same(zk.create(root, bytes("one"), OPEN, CreateMode.PERSISTENT), root);
    fails(KeeperException.NodeExistsException.class, path -> zk.create(root, null, OPEN, CreateMode.PERSISTENT));
    Stat stat = new Stat();
    same(zk.getData(root, false, stat), bytes("one"));
    same(stat.getCzxid(), stat.getMzxid());
    fails(KeeperException.BadVersionException.class, path -> zk.setData(root, bytes("two"), 5));
    same(zk.setData(root, bytes("two"), 0).getVersion(), 1);
    same(zk.exists(root, false).getDataLength(), 3);
    zk.create(root + "/a", null, OPEN, CreateMode.PERSISTENT);
    same(zk.getChildren(root, false, stat), Arrays.asList("a"));
    same(stat.getCversion(), 1);
    fails(KeeperException.NotEmptyException.class, path -> zk.delete(root, -1));
    zk.sync(root, (code, path, context) -> {}, null);
    zk.delete(root + "/a", -1);
    zk.delete(root, 1);
    same(zk.exists(root, false), null);
    fails(KeeperException.NoNodeException.class, path -> zk.getData(root, false, null));
  }

  private void modes(String root) throws Exception {
    ZooKeeper zk = open();
    zk.create(root, null, OPEN, CreateMode.PERSISTENT);
    same(zk.create(root + "/s-", null, OPEN, CreateMode.PERSISTENT_SEQUENTIAL), root + "/s-0000000000");
    Client holder = new Client(connect);
    String held = holder.zk.create(root + "/e-", null, OPEN, CreateMode.EPHEMERAL_SEQUENTIAL);
    same(held, root + "/e-0000000001");
    same(zk.exists(held, false).getEphemeralOwner(), holder.zk.getSessionId());
    holder.close();
    until("the ephemeral goes with its session", () -> zk.exists(held, false) == null);
  }

  private void watches(String root) throws Exception {
    ZooKeeper zk = open();
    BlockingQueue<WatchedEvent> seen = new LinkedBlockingQueue<>();
    Watcher watcher = seen::add;
    same(zk.exists(root, watcher), null);
    ZooKeeper other = open();
    other.create(root, null, OPEN, CreateMode.PERSISTENT);
    same(next(seen).getType(), EventType.NodeCreated);
    zk.getData(root, watcher, null);
    other.setData(root, bytes("x"), -1);
    same(next(seen).getType(), EventType.NodeDataChanged);
    zk.getChildren(root, watcher);
    other.create(root + "/a", null, OPEN, CreateMode.PERSISTENT);
    same(next(seen).getType(), EventType.NodeChildrenChanged);
    zk.getData(root + "/a", watcher, null);
    other.delete(root + "/a", -1);
    same(next(seen).getType(), EventType.NodeDeleted);
    same(seen.isEmpty(), true);
  }

  private void multi(String root) throws Exception {
    ZooKeeper zk = open();
    List<OpResult> results =
        zk.multi(
            Arrays.asList(
                Op.create(root, bytes("1"), OPEN, CreateMode.PERSISTENT),
                Op.check(root, 0),
                Op.setData(root, bytes("2"), 0),
                Op.create(root + "/a", null, OPEN, CreateMode.PERSISTENT),
                Op.delete(root + "/a", 0)));
    same(((OpResult.CreateResult) results.get(0)).getPath(), root);
    same(((OpResult.SetDataResult) results.get(2)).getStat().getVersion(), 1);
    try {
      zk.multi(Arrays.asList(Op.setData(root, bytes("3"), 1), Op.delete(root + "/none", -1)));
      throw new AssertionError("a multi with a member that cannot be done was done");
    } catch (KeeperException problem) {
      same(problem.code(), KeeperException.Code.NONODE);
      same(((OpResult.ErrorResult) problem.getResults().get(1)).getErr(), KeeperException.Code.NONODE.intValue());
    }
    same(zk.getData(root, false, null), bytes("2"));
  }

  private void acl(String root) throws Exception {
    ZooKeeper owner = open();
    owner.addAuthInfo("digest", bytes("old:secret"));
    owner.create(root, bytes("hidden"), Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT);
    ZooKeeper stranger = open();
    fails(KeeperException.NoAuthException.class, path -> stranger.getData(root, false, null));
    same(owner.getACL(root, new Stat()).get(0).getId().getScheme(), "digest");
    same(owner.setACL(root, OPEN, 0).getAversion(), 1);
    same(stranger.getData(root, false, null), bytes("hidden"));
  }

  private void reattach(String root) throws Exception {
    Client before = later(new Client(connect));
    before.zk.create(root, null, OPEN, CreateMode.EPHEMERAL);
    Client after = later(new Client(connect, before.zk));
    same(after.zk.getSessionId(), before.zk.getSessionId());
    same(after.zk.exists(root, false).getEphemeralOwner(), after.zk.getSessionId());
  }

  private void cutConnection(String root) throws Exception {
    Client client = later(new Client(connect));
    long session = client.zk.getSessionId();
    client.zk.create(root, null, OPEN, CreateMode.EPHEMERAL);
    client.zk.exists(root, true);
    cut();
    same(next(client.events).getState(), KeeperState.Disconnected);
    same(next(client.events).getState(), KeeperState.SyncConnected);
    same(client.zk.getSessionId(), session);
    open().setData(root, bytes("after"), -1);
    same(next(client.events).getType(), EventType.NodeDataChanged);
  }
}
