import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.Watcher.WatcherType;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/** Tries a server with ZooKeeper's own Java client, all of its calls. Argument: HOST:PORT[,HOST:PORT...]. */
public final class TryZooKeeper extends Checks {
  private static final int TIMEOUT_MS = 20_000;
  private static final List<ACL> OPEN = Ids.OPEN_ACL_UNSAFE;

  public static void main(String[] args) {
    System.exit(new TryZooKeeper(args[0]).run("java") ? 0 : 1);
  }

  private TryZooKeeper(String connect) {
    super(connect);
    check("create, get, set, delete", this::crud);
    check("stat", this::stat);
    check("create modes", this::modes);
    check("every call, asynchronously", this::asynchronous);
    check("null and empty data, large values", this::values);
    check("one-shot watches", this::watches);
    check("persistent watches", this::persistentWatches);
    check("recursive watches", this::recursiveWatches);
    check("removing watches", this::removedWatches);
    check("multi", this::multi);
    check("failed multi", this::failedMulti);
    check("multi of reads", this::multiRead);
    check("ephemerals and counts", this::counts);
    check("ACL", this::acl);
    check("who am I", this::whoAmI);
    check("failed authentication", this::failedAuth);
    check("chroot", this::chroot);
    check("paths", this::paths);
    check("configuration", this::configuration);
    check("pipelined order", this::pipelined);
    check("session taken up with its id and password", this::reattach);
    check("session refused with a wrong password", this::wrongPassword);
    check("nothing is lost when the server is disturbed", this::disturbed);
    check("watches over a cut connection", this::cutWatches);
    check("session expiry", this::expiry);
    check("closing a session", this::closing);
  }

  /** Everything that the default watcher of a client is told. */
  private static final class Client extends ZooKeeper {
    final Events events;

    Client(String connect, int timeoutMs, Events events) throws Exception {
      super(connect, timeoutMs, events);
      this.events = events;
      events.awaitState(KeeperState.SyncConnected);
    }

    Client(String connect, Events events, long id, byte[] password) throws Exception {
      super(connect, TIMEOUT_MS, events, id, password);
      this.events = events;
    }
  }

  private static final class Events implements Watcher {
    final BlockingQueue<WatchedEvent> all = new LinkedBlockingQueue<>();

    @Override
    public void process(WatchedEvent event) {
      all.add(event);
    }

    void awaitState(KeeperState wanted) throws Exception {
      for (WatchedEvent event = next(all); event.getState() != wanted; ) event = next(all);
    }

    /** The next event of a znode. */
    String told() throws Exception {
      WatchedEvent event = next(all);
      while (event.getType() == EventType.None) event = next(all);
      return event.getType() + " " + event.getPath();
    }
  }

  private Client open() throws Exception {
    return open("");
  }

  private Client open(String chroot) throws Exception {
    return later(new Client(connect + chroot, TIMEOUT_MS, new Events()));
  }

  private void crud(String root) throws Exception {
    ZooKeeper zk = open();
    same(zk.create(root, bytes("one"), OPEN, CreateMode.PERSISTENT), root);
    same(text(zk.getData(root, false, null)), "one");
    same(zk.setData(root, bytes("two"), 0).getVersion(), 1);
    same(zk.exists(root, false).getVersion(), 1);
    fails(KeeperException.BadVersionException.class, r -> zk.setData(root, null, 0));
    fails(KeeperException.NodeExistsException.class, r -> zk.create(root, null, OPEN, CreateMode.PERSISTENT));
    fails(KeeperException.NoNodeException.class, r -> zk.create(root + "/a/b", null, OPEN, CreateMode.PERSISTENT));
    fails(KeeperException.InvalidACLException.class, r -> zk.create(root + "/a", null, Collections.emptyList(), CreateMode.PERSISTENT));
    zk.create(root + "/a", null, OPEN, CreateMode.PERSISTENT);
    fails(KeeperException.NotEmptyException.class, r -> zk.delete(root, -1));
    fails(KeeperException.BadVersionException.class, r -> zk.delete(root + "/a", 5));
    zk.delete(root + "/a", 0);
    zk.delete(root, 1);
    fails(KeeperException.NoNodeException.class, r -> zk.delete(root, -1));
    fails(KeeperException.NoNodeException.class, r -> zk.getData(root, false, null));
    fails(KeeperException.NoNodeException.class, r -> zk.getChildren(root, false));
    fails(KeeperException.NoNodeException.class, r -> zk.getACL(root, null));
    fails(KeeperException.BadArgumentsException.class, r -> zk.delete("/zookeeper", -1));
    same(zk.exists(root, false), null);
    zk.sync("/");
  }

  private void stat(String root) throws Exception {
    ZooKeeper zk = open();
    Stat stat = new Stat();
    zk.create(root, bytes("12345"), OPEN, CreateMode.PERSISTENT, stat);
    Stat made = new Stat();
    zk.getData(root, false, made);
    same(made, stat);
    same(stat.getCzxid() == stat.getMzxid() && stat.getCzxid() == stat.getPzxid() && stat.getCzxid() > 0, true);
    same(stat.getCtime() == stat.getMtime() && Math.abs(stat.getCtime() - System.currentTimeMillis()) < 60_000, true);
    same(Arrays.asList(stat.getVersion(), stat.getCversion(), stat.getAversion()), Arrays.asList(0, 0, 0));
    same(Arrays.asList(stat.getDataLength(), stat.getNumChildren()), Arrays.asList(5, 0));
    for (String name : new String[] {"a", "b"}) zk.create(root + "/" + name, null, OPEN, CreateMode.PERSISTENT);
    zk.setData(root + "/a", bytes("x"), -1);
    zk.delete(root + "/b", -1);
    zk.setACL(root, OPEN, 0);
    Stat set = zk.setData(root, bytes("1"), -1);
    same(zk.exists(root, false), set);
    same(Arrays.asList(set.getVersion(), set.getCversion(), set.getAversion()), Arrays.asList(1, 3, 1));
    same(Arrays.asList(set.getDataLength(), set.getNumChildren()), Arrays.asList(1, 1));
    Stat child = zk.exists(root + "/a", false);
    same(set.getCzxid(), stat.getCzxid());
    // Created, set, the other deleted, then the ACL, then the data: each change has a zxid of its own.
    same(child.getCzxid() < child.getMzxid() && child.getMzxid() < set.getPzxid() && set.getPzxid() < set.getMzxid(), true);
  }

  private void modes(String root) throws Exception {
    Client zk = open();
    zk.create(root, null, OPEN, CreateMode.PERSISTENT);
    same(zk.create(root + "/s", null, OPEN, CreateMode.PERSISTENT_SEQUENTIAL), root + "/s0000000000");
    same(zk.create(root + "/e", null, OPEN, CreateMode.EPHEMERAL), root + "/e");
    same(zk.create(root + "/", null, OPEN, CreateMode.EPHEMERAL_SEQUENTIAL), root + "/0000000002");
    same(zk.exists(root + "/e", false).getEphemeralOwner(), zk.getSessionId());
    fails(KeeperException.NoChildrenForEphemeralsException.class, r -> zk.create(root + "/e/x", null, OPEN, CreateMode.PERSISTENT));
    zk.create(root + "/c", bytes("c"), OPEN, CreateMode.CONTAINER);
    same(zk.exists(root + "/c", false).getEphemeralOwner(), 0L);
    Stat stat = new Stat();
    zk.create(root + "/t", bytes("t"), OPEN, CreateMode.PERSISTENT_WITH_TTL, stat, 3_600_000);
    same(stat.getEphemeralOwner() == 0 && stat.getVersion() == 0, true);
    same(zk.create(root + "/ts", null, OPEN, CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL, stat, 3_600_000), root + "/ts0000000005");
    same(new TreeSet<>(zk.getChildren(root, false)), new TreeSet<>(Set.of("s0000000000", "e", "0000000002", "c", "t", "ts0000000005")));
    Client other = open();
    other.create(root + "/other", null, OPEN, CreateMode.EPHEMERAL);
    same(zk.exists(root + "/other", zk.events) != null, true);
    other.close();
    same(zk.events.told(), "NodeDeleted " + root + "/other");
  }

  private void asynchronous(String root) throws Exception {
    Client zk = open();
    List<CompletableFuture<String>> told = new ArrayList<>();
    for (int i = 0; i < 19; i++) told.add(new CompletableFuture<>());
    Object tag = new Object();
    zk.create(root, bytes("1"), OPEN, CreateMode.PERSISTENT, (rc, p, c, n) -> told.get(0).complete(rc + " " + (c == tag) + " " + n.equals(root)), tag);
    zk.create(root + "/a", null, OPEN, CreateMode.PERSISTENT, (rc, p, c, n, s) -> told.get(1).complete(rc + " " + s.getVersion()), null);
    zk.create(root + "/t", null, OPEN, CreateMode.PERSISTENT_WITH_TTL, (rc, p, c, n, s) -> told.get(2).complete(rc + " " + s.getNumChildren()), null, 3_600_000);
    zk.exists(root, false, (rc, p, c, s) -> told.get(3).complete(rc + " " + s.getNumChildren()), null);
    zk.getData(root, false, (rc, p, c, d, s) -> told.get(4).complete(rc + " " + text(d) + " " + s.getCversion()), null);
    zk.setData(root, bytes("2"), 0, (rc, p, c, s) -> told.get(5).complete(rc + " " + s.getVersion()), null);
    zk.setData(root, bytes("2"), 0, (rc, p, c, s) -> told.get(6).complete(rc + " " + s), null);
    zk.getACL(root, null, (rc, p, c, a, s) -> told.get(7).complete(rc + " " + a.equals(OPEN)), null);
    zk.setACL(root, OPEN, 0, (rc, p, c, s) -> told.get(8).complete(rc + " " + s.getAversion()), null);
    zk.getChildren(root, false, (rc, p, c, n) -> told.get(9).complete(rc + " " + new TreeSet<>(n)), null);
    zk.getChildren(root, false, (rc, p, c, n, s) -> told.get(10).complete(rc + " " + n.size() + " " + s.getNumChildren()), null);
    zk.getAllChildrenNumber(root, (rc, p, c, n) -> told.get(11).complete(rc + " " + n), null);
    zk.getEphemerals(root, (rc, c, n) -> told.get(12).complete(rc + " " + n), null);
    zk.sync(root, (rc, p, c) -> told.get(13).complete(rc + " " + p.equals(root)), null);
    zk.addWatch(root, zk.events, AddWatchMode.PERSISTENT, (rc, p, c) -> told.get(14).complete("" + rc), null);
    zk.removeWatches(root, zk.events, WatcherType.Any, false, (rc, p, c) -> told.get(15).complete("" + rc), null);
    zk.multi(
        List.of(Op.check(root, 1), Op.delete(root + "/t", -1)),
        (rc, p, c, results) -> told.get(16).complete(rc + " " + results.size()),
        null);
    zk.delete(root, -1, (rc, p, c) -> told.get(17).complete("" + rc), null);
    zk.getConfig(false, (rc, p, c, d, s) -> told.get(18).complete("" + rc), null);
    List<String> seen = new ArrayList<>();
    for (CompletableFuture<String> one : told) seen.add(one.get(30, TimeUnit.SECONDS));
    same(
        seen,
        List.of(
            "0 true true", "0 0", "0 0", "0 2", "0 1 2", "0 1", "-103 null", "0 true", "0 1", "0 [a, t]", "0 2 2", "0 2",
            "0 []", "0 true", "0", "0", "0 2", "-111", "0"));
  }

  private void values(String root) throws Exception {
    ZooKeeper zk = open();
    zk.create(root, null, OPEN, CreateMode.PERSISTENT);
    same(zk.getData(root, false, null), null);
    zk.setData(root, new byte[0], -1);
    same(zk.getData(root, false, null), new byte[0]);
    zk.setData(root, null, -1);
    same(zk.getData(root, false, null), null);
    byte[] large = new byte[1024 * 1024 - 1024];
    for (int i = 0; i < large.length; i++) large[i] = (byte) (i * 31);
    zk.setData(root, large, -1);
    same(Arrays.equals(zk.getData(root, false, null), large), true);
    Client second = open();
    fails(KeeperException.ConnectionLossException.class, r -> second.setData(root, new byte[1024 * 1024 + 100], -1));
    String name = root + "/größe 語";
    zk.create(name, bytes("ü"), OPEN, CreateMode.PERSISTENT);
    same(zk.getChildren(root, false), List.of("größe 語"));
  }

  private void watches(String root) throws Exception {
    Client zk = open();
    Client writer = open();
    same(zk.exists(root, true), null);
    writer.create(root, null, OPEN, CreateMode.PERSISTENT);
    same(zk.events.told(), "NodeCreated " + root);
    zk.getData(root, true, null);
    zk.getChildren(root, true);
    writer.setData(root, bytes("1"), -1);
    same(zk.events.told(), "NodeDataChanged " + root);
    writer.create(root + "/a", null, OPEN, CreateMode.PERSISTENT);
    same(zk.events.told(), "NodeChildrenChanged " + root);
    Events mine = new Events();
    zk.getData(root + "/a", mine, null);
    zk.getChildren(root + "/a", mine);
    zk.exists(root + "/a", mine);
    writer.delete(root + "/a", -1);
    // The same watcher in several tables is told once.
    same(mine.told(), "NodeDeleted " + root + "/a");
    fails(KeeperException.NoNodeException.class, r -> zk.getData(root + "/a", mine, null));
    fails(KeeperException.NoNodeException.class, r -> zk.getChildren(root + "/a", mine));
    writer.create(root + "/a", null, OPEN, CreateMode.PERSISTENT);
    zk.sync(root);
    same(mine.all.size(), 0);
  }

  private void persistentWatches(String root) throws Exception {
    Client zk = open();
    Events mine = new Events();
    zk.addWatch(root, mine, AddWatchMode.PERSISTENT);
    Client writer = open();
    writer.create(root, null, OPEN, CreateMode.PERSISTENT);
    writer.setData(root, bytes("1"), -1);
    writer.create(root + "/a", null, OPEN, CreateMode.PERSISTENT);
    writer.setData(root + "/a", bytes("1"), -1);
    writer.delete(root + "/a", -1);
    writer.delete(root, -1);
    writer.create(root, null, OPEN, CreateMode.PERSISTENT);
    List<String> seen = new ArrayList<>();
    for (int i = 0; i < 6; i++) seen.add(mine.told());
    same(
        seen,
        List.of(
            "NodeCreated " + root, "NodeDataChanged " + root, "NodeChildrenChanged " + root, "NodeChildrenChanged " + root,
            "NodeDeleted " + root, "NodeCreated " + root));
  }

  private void recursiveWatches(String root) throws Exception {
    Client zk = open();
    zk.create(root, null, OPEN, CreateMode.PERSISTENT);
    Events mine = new Events();
    zk.addWatch(root, mine, AddWatchMode.PERSISTENT_RECURSIVE);
    Client writer = open();
    long before = writer.exists(root, false).getCzxid();
    writer.create(root + "/a", null, OPEN, CreateMode.PERSISTENT);
    writer.create(root + "/a/b", null, OPEN, CreateMode.PERSISTENT);
    writer.multi(List.of(Op.setData(root + "/a/b", null, -1), Op.delete(root + "/a/b", -1), Op.setData(root, null, -1)));
    writer.create(root + "x", null, OPEN, CreateMode.PERSISTENT);
    writer.delete(root + "/a", -1);
    List<String> seen = new ArrayList<>();
    long zxid = before;
    for (int i = 0; i < 6; i++) {
      WatchedEvent event = next(mine.all);
      seen.add(event.getType() + " " + event.getPath());
      // A 3.9 server tells the zxid of the change with the event.
      same(event.getZxid() >= zxid, true);
      zxid = event.getZxid();
    }
    same(zxid > before, true);
    same(
        seen,
        List.of(
            "NodeCreated " + root + "/a", "NodeCreated " + root + "/a/b", "NodeDataChanged " + root + "/a/b",
            "NodeDeleted " + root + "/a/b", "NodeDataChanged " + root, "NodeDeleted " + root + "/a"));
  }

  private void removedWatches(String root) throws Exception {
    Client zk = open();
    Client writer = open();
    writer.create(root, null, OPEN, CreateMode.PERSISTENT);
    Events mine = new Events();
    zk.getData(root, mine, null);
    zk.getChildren(root, mine);
    fails(KeeperException.NoWatcherException.class, r -> zk.removeWatches(root + "/a", mine, WatcherType.Any, false));
    zk.removeWatches(root, mine, WatcherType.Data, false);
    same(mine.told(), "DataWatchRemoved " + root);
    fails(KeeperException.NoWatcherException.class, r -> zk.removeWatches(root, mine, WatcherType.Data, false));
    writer.setData(root, bytes("1"), -1);
    writer.create(root + "/a", null, OPEN, CreateMode.PERSISTENT);
    same(mine.told(), "NodeChildrenChanged " + root);
    zk.addWatch(root, mine, AddWatchMode.PERSISTENT_RECURSIVE);
    zk.exists(root, mine);
    zk.removeAllWatches(root, WatcherType.Any, false);
    same(new TreeSet<>(Set.of(mine.told(), mine.told())), new TreeSet<>(Set.of("DataWatchRemoved " + root, "PersistentWatchRemoved " + root)));
    writer.setData(root, bytes("2"), -1);
    zk.sync(root);
    same(mine.all.size(), 0);
  }

  private void multi(String root) throws Exception {
    Client zk = open();
    zk.create(root, null, OPEN, CreateMode.PERSISTENT);
    List<OpResult> results =
        zk.multi(
            List.of(
                Op.check(root, 0),
                Op.create(root + "/a", bytes("1"), OPEN, CreateMode.PERSISTENT),
                Op.create(root + "/a/s-", null, OPEN, CreateMode.PERSISTENT_SEQUENTIAL),
                Op.create(root + "/a/s-", null, OPEN, CreateMode.EPHEMERAL_SEQUENTIAL),
                Op.setData(root + "/a", bytes("22"), 0),
                Op.setData(root + "/a", bytes("333"), 1),
                Op.delete(root + "/a/s-0000000000", 0),
                Op.create(root + "/c", null, OPEN, CreateMode.CONTAINER),
                Op.create(root + "/t", null, OPEN, CreateMode.PERSISTENT_WITH_TTL, 3_600_000),
                Op.create(root + "/gone", null, OPEN, CreateMode.PERSISTENT),
                Op.delete(root + "/gone", -1)));
    same(((OpResult.CreateResult) results.get(1)).getPath(), root + "/a");
    same(((OpResult.CreateResult) results.get(2)).getPath(), root + "/a/s-0000000000");
    same(((OpResult.CreateResult) results.get(3)).getPath(), root + "/a/s-0000000001");
    same(((OpResult.SetDataResult) results.get(4)).getStat().getVersion(), 1);
    same(((OpResult.SetDataResult) results.get(5)).getStat().getVersion(), 2);
    Stat stat = new Stat();
    same(text(zk.getData(root + "/a", false, stat)), "333");
    same(Arrays.asList(stat.getVersion(), stat.getCversion(), stat.getNumChildren()), Arrays.asList(2, 3, 1));
    same(stat.getCzxid() == stat.getMzxid() && stat.getMzxid() == stat.getPzxid(), true);
    Stat parent = zk.exists(root, false);
    same(Arrays.asList(parent.getCversion(), parent.getNumChildren()), Arrays.asList(5, 3));
    same(parent.getPzxid(), stat.getCzxid());
    // Deleted and made again within one multi: a new znode with new counters.
    zk.multi(List.of(Op.delete(root + "/c", -1), Op.create(root + "/c", bytes("new"), OPEN, CreateMode.PERSISTENT)));
    Stat made = zk.exists(root + "/c", false);
    same(made.getVersion() == 0 && made.getCzxid() == made.getMzxid() && made.getCzxid() > stat.getCzxid(), true);
    same(zk.transaction().check(root, 0).setData(root, bytes("t"), 0).commit().size(), 2);
    same(zk.multi(Collections.emptyList()), Collections.emptyList());
  }

  private void failedMulti(String root) throws Exception {
    Client zk = open();
    zk.create(root, null, OPEN, CreateMode.PERSISTENT);
    Events mine = new Events();
    zk.addWatch(root, mine, AddWatchMode.PERSISTENT_RECURSIVE);
    List<Op> ops =
        List.of(
            Op.create(root + "/a-", null, OPEN, CreateMode.PERSISTENT_SEQUENTIAL),
            Op.setData(root, bytes("1"), 0),
            Op.check(root, 0),
            Op.delete(root + "/missing", -1));
    try {
      zk.multi(ops);
      throw new AssertionError("it did not fail");
    } catch (KeeperException problem) {
      same(problem.code(), Code.BADVERSION);
      List<Integer> codes = new ArrayList<>();
      for (OpResult result : problem.getResults()) codes.add(((OpResult.ErrorResult) result).getErr());
      same(codes, List.of(0, 0, Code.BADVERSION.intValue(), Code.RUNTIMEINCONSISTENCY.intValue()));
    }
    Stat stat = zk.exists(root, false);
    same(Arrays.asList(stat.getVersion(), stat.getCversion()), Arrays.asList(0, 0));
    same(zk.create(root + "/a-", null, OPEN, CreateMode.PERSISTENT_SEQUENTIAL), root + "/a-0000000000");
    same(mine.told(), "NodeCreated " + root + "/a-0000000000");
  }

  private void multiRead(String root) throws Exception {
    Client zk = open();
    zk.create(root, bytes("data"), OPEN, CreateMode.PERSISTENT);
    zk.create(root + "/a", null, OPEN, CreateMode.PERSISTENT);
    List<OpResult> results = zk.multi(List.of(Op.getData(root), Op.getChildren(root), Op.getData(root + "/no"), Op.getChildren(root + "/a")));
    same(text(((OpResult.GetDataResult) results.get(0)).getData()), "data");
    same(((OpResult.GetDataResult) results.get(0)).getStat().getNumChildren(), 1);
    same(((OpResult.GetChildrenResult) results.get(1)).getChildren(), List.of("a"));
    same(((OpResult.ErrorResult) results.get(2)).getErr(), Code.NONODE.intValue());
    same(((OpResult.GetChildrenResult) results.get(3)).getChildren(), List.of());
  }

  private void counts(String root) throws Exception {
    Client zk = open();
    Client other = open();
    zk.create(root, null, OPEN, CreateMode.PERSISTENT);
    for (String name : new String[] {"/a", "/a/b", "/a/b/c"}) zk.create(root + name, null, OPEN, CreateMode.PERSISTENT);
    zk.create(root + "/a/e", null, OPEN, CreateMode.EPHEMERAL);
    zk.create(root + "/f", null, OPEN, CreateMode.EPHEMERAL);
    other.create(root + "/g", null, OPEN, CreateMode.EPHEMERAL);
    same(zk.getAllChildrenNumber(root), 6);
    same(new TreeSet<>(zk.getEphemerals()), new TreeSet<>(Set.of(root + "/a/e", root + "/f")));
    same(zk.getEphemerals(root + "/a"), List.of(root + "/a/e"));
    same(other.getEphemerals(), List.of(root + "/g"));
    fails(KeeperException.NoNodeException.class, r -> zk.getAllChildrenNumber(root + "/no"));
  }

  private void acl(String root) throws Exception {
    Client owner = open();
    Client stranger = open();
    owner.addAuthInfo("digest", bytes("ann:secret"));
    owner.create(root, bytes("hidden"), Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT);
    Id ann = new Id("digest", "ann:" + digest("ann:secret"));
    Stat stat = new Stat();
    same(owner.getACL(root, stat), List.of(new ACL(Perms.ALL, ann)));
    fails(KeeperException.NoAuthException.class, r -> stranger.getData(root, false, null));
    fails(KeeperException.NoAuthException.class, r -> stranger.getChildren(root, false));
    fails(KeeperException.NoAuthException.class, r -> stranger.exists(root, false));
    fails(KeeperException.NoAuthException.class, r -> stranger.setData(root, null, -1));
    fails(KeeperException.NoAuthException.class, r -> stranger.getACL(root, null));
    fails(KeeperException.NoAuthException.class, r -> stranger.create(root + "/x", null, OPEN, CreateMode.PERSISTENT));
    fails(KeeperException.NoAuthException.class, r -> stranger.multi(List.of(Op.check(root, -1))));
    List<ACL> mixed = Arrays.asList(new ACL(Perms.ALL, ann), new ACL(Perms.READ | Perms.DELETE, Ids.ANYONE_ID_UNSAFE), new ACL(Perms.WRITE, new Id("ip", "127.0.0.1/8")));
    same(owner.setACL(root, mixed, stat.getAversion()).getAversion(), 1);
    same(owner.getACL(root, null), mixed);
    same(text(stranger.getData(root, false, null)), "hidden");
    same(stranger.setData(root, bytes("by address"), -1).getVersion(), 1);
    // Who may not administer sees no digest of others.
    same(stranger.getACL(root, null).get(0), new ACL(Perms.ALL, new Id("digest", "ann:x")));
    fails(KeeperException.NoAuthException.class, r -> stranger.setACL(root, OPEN, -1));
    fails(KeeperException.BadVersionException.class, r -> owner.setACL(root, OPEN, 0));
    fails(KeeperException.InvalidACLException.class, r -> owner.setACL(root, Arrays.asList(new ACL(1, new Id("nosuch", "x"))), -1));
    fails(KeeperException.InvalidACLException.class, r -> stranger.create(root + "-auth", null, Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT));
    owner.create(root + "/child", null, OPEN, CreateMode.PERSISTENT);
    stranger.delete(root + "/child", -1);
  }

  private static String digest(String idPassword) throws Exception {
    byte[] hash = java.security.MessageDigest.getInstance("SHA1").digest(bytes(idPassword));
    return java.util.Base64.getEncoder().encodeToString(hash);
  }

  private void whoAmI(String root) throws Exception {
    Client zk = open();
    zk.addAuthInfo("digest", bytes("bob:secret"));
    zk.exists(root, false);
    Set<String> seen = new TreeSet<>();
    zk.whoAmI().forEach(info -> seen.add(info.getAuthScheme() + " " + info.getUser()));
    same(seen, Set.of("ip 127.0.0.1", "digest bob"));
  }

  private void failedAuth(String root) throws Exception {
    Client zk = open();
    zk.addAuthInfo("nosuch", bytes("x"));
    zk.events.awaitState(KeeperState.AuthFailed);
    fails(KeeperException.AuthFailedException.class, r -> zk.exists(root, false));
  }

  private void chroot(String root) throws Exception {
    Client zk = open();
    zk.create(root, null, OPEN, CreateMode.PERSISTENT);
    Client inside = open(root);
    same(inside.create("/a", bytes("in"), OPEN, CreateMode.PERSISTENT), "/a");
    same(text(zk.getData(root + "/a", false, null)), "in");
    same(inside.create("/s-", null, OPEN, CreateMode.PERSISTENT_SEQUENTIAL), "/s-0000000001");
    inside.addWatch("/", inside.events, AddWatchMode.PERSISTENT_RECURSIVE);
    inside.getData("/a", true, null);
    zk.setData(root + "/a", bytes("out"), -1);
    same(inside.events.told(), "NodeDataChanged /a");
    // This client leaves the chroot in the results of a multi.
    same(((OpResult.CreateResult) inside.multi(List.of(Op.create("/m", null, OPEN, CreateMode.PERSISTENT))).get(0)).getPath(), root + "/m");
    same(inside.events.told(), "NodeCreated /m");
    Client nowhere = open(root + "/missing");
    fails(KeeperException.NoNodeException.class, r -> nowhere.create("/a", null, OPEN, CreateMode.PERSISTENT));
  }

  private void paths(String root) throws Exception {
    Client zk = open();
    zk.create(root, null, OPEN, CreateMode.PERSISTENT);
    for (String name : new String[] {"/...", "/a.b", "/ a", "/.hidden"}) {
      same(zk.create(root + name, null, OPEN, CreateMode.PERSISTENT), root + name);
    }
    same(zk.create(root + "/", null, OPEN, CreateMode.PERSISTENT_SEQUENTIAL), root + "/0000000004");
    fails(KeeperException.NodeExistsException.class, r -> zk.create("/", null, OPEN, CreateMode.PERSISTENT));
    same(zk.getChildren("/", false).contains("zookeeper"), true);
    same(zk.getChildren("/zookeeper", false).containsAll(List.of("quota", "config")), true);
  }

  private void configuration(String root) throws Exception {
    ZooKeeper zk = open();
    Stat stat = new Stat();
    // A standalone server has an empty one; what counts is that it is there and can be read.
    same(zk.getConfig(false, stat).length, stat.getDataLength());
    same(zk.exists("/zookeeper/config", false).getEphemeralOwner(), 0L);
  }

  private void pipelined(String root) throws Exception {
    Client zk = open();
    zk.create(root, bytes("-1"), OPEN, CreateMode.PERSISTENT);
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    int count = 2000;
    for (int i = 0; i < count; i++) {
      int number = i;
      zk.setData(root, bytes("" + i), i, (rc, p, c, s) -> told.add("set " + number + " " + rc), null);
      // A read behind a write of its own session sees it.
      zk.getData(root, false, (rc, p, c, d, s) -> told.add("get " + text(d) + " " + rc), null);
    }
    for (int i = 0; i < count; i++) {
      same(next(told), "set " + i + " 0");
      same(next(told), "get " + i + " 0");
    }
  }

  private void reattach(String root) throws Exception {
    Client zk = open();
    Client first = open();
    first.create(root, null, OPEN, CreateMode.EPHEMERAL);
    Events events = new Events();
    Client second = later(new Client(connect, events, first.getSessionId(), first.getSessionPasswd()));
    events.awaitState(KeeperState.SyncConnected);
    same(second.getSessionId(), first.getSessionId());
    same(zk.exists(root, zk.events).getEphemeralOwner(), second.getSessionId());
    // The server closes the older connection of a session.
    first.events.awaitState(KeeperState.Disconnected);
    second.close();
    same(zk.events.told(), "NodeDeleted " + root);
    first.events.awaitState(KeeperState.Expired);
  }

  private void wrongPassword(String root) throws Exception {
    Client first = open();
    byte[] wrong = first.getSessionPasswd().clone();
    wrong[3] ^= 1;
    Events events = new Events();
    later(new Client(connect, events, first.getSessionId(), wrong));
    events.awaitState(KeeperState.Expired);
    Events unknown = new Events();
    later(new Client(connect, unknown, 0x7123456789abcdefL, new byte[16]));
    unknown.awaitState(KeeperState.Expired);
    // A server breaks the connection of a session that somebody tries to take up; its owner comes back.
    first.events.awaitState(KeeperState.Disconnected);
    first.events.awaitState(KeeperState.SyncConnected);
    same(first.exists(root, false), null);
  }

  private void disturbed(String root) throws Exception {
    Client zk = open();
    long session = zk.getSessionId();
    zk.create(root, null, OPEN, CreateMode.PERSISTENT);
    zk.create(root + "/mine", null, OPEN, CreateMode.EPHEMERAL);
    zk.create(root + "/all", null, OPEN, CreateMode.PERSISTENT);
    Events mine = new Events();
    zk.addWatch(root + "/mine", mine, AddWatchMode.PERSISTENT);
    List<String> made = Collections.synchronizedList(new ArrayList<>());
    AtomicBoolean isOver = new AtomicBoolean();
    CompletableFuture<Void> end =
        CompletableFuture.runAsync(
            () -> {
              while (!isOver.get()) {
                try {
                  made.add(zk.create(root + "/all/n-", null, OPEN, CreateMode.PERSISTENT_SEQUENTIAL));
                } catch (KeeperException.ConnectionLossException problem) {
                  // Whether it was done, nobody says; a name that was told is not told again.
                } catch (Exception problem) {
                  throw new AssertionError(problem);
                }
              }
            });
    disturb();
    int count = made.size();
    until("more are made", () -> end.isDone() || made.size() >= count + 20);
    isOver.set(true);
    end.get(30, TimeUnit.SECONDS);
    same(made, new ArrayList<>(new TreeSet<>(made)));
    Set<String> there = new TreeSet<>();
    for (String name : zk.getChildren(root + "/all", false)) there.add(root + "/all/" + name);
    same(there.containsAll(made), true);
    same(zk.getSessionId(), session);
    same(zk.exists(root + "/mine", false).getEphemeralOwner(), session);
    zk.setData(root + "/mine", null, -1);
    same(mine.told(), "NodeDataChanged " + root + "/mine");
  }

  private void cutWatches(String root) throws Exception {
    Client zk = open();
    Client writer = open();
    long session = zk.getSessionId();
    writer.create(root, null, OPEN, CreateMode.PERSISTENT);
    for (String name : new String[] {"/data", "/kids", "/deleted", "/tree"}) writer.create(root + name, null, OPEN, CreateMode.PERSISTENT);
    zk.create(root + "/mine", null, OPEN, CreateMode.EPHEMERAL);
    Events mine = new Events();
    zk.getData(root + "/data", mine, null);
    zk.getChildren(root + "/kids", mine);
    zk.exists(root + "/made", mine);
    zk.exists(root + "/deleted", mine);
    Events recursive = new Events();
    zk.addWatch(root + "/tree", recursive, AddWatchMode.PERSISTENT_RECURSIVE);
    cut();
    zk.events.awaitState(KeeperState.Disconnected);
    zk.events.awaitState(KeeperState.SyncConnected);
    same(zk.getSessionId(), session);
    writer.events.awaitState(KeeperState.Disconnected);
    writer.events.awaitState(KeeperState.SyncConnected);
    // The client sends its watches first, so they are set when this has been answered.
    same(zk.exists(root + "/mine", false).getEphemeralOwner(), session);
    writer.setData(root + "/data", null, -1);
    writer.create(root + "/kids/a", null, OPEN, CreateMode.PERSISTENT);
    writer.create(root + "/made", null, OPEN, CreateMode.PERSISTENT);
    writer.delete(root + "/deleted", -1);
    writer.create(root + "/tree/a", null, OPEN, CreateMode.PERSISTENT);
    List<String> seen = new ArrayList<>();
    for (int i = 0; i < 4; i++) seen.add(mine.told());
    same(
        seen,
        List.of(
            "NodeDataChanged " + root + "/data", "NodeChildrenChanged " + root + "/kids", "NodeCreated " + root + "/made",
            "NodeDeleted " + root + "/deleted"));
    same(recursive.told(), "NodeCreated " + root + "/tree/a");
  }

  private void expiry(String root) throws Exception {
    Client zk = open();
    zk.create(root, null, OPEN, CreateMode.PERSISTENT);
    Client mine = open();
    String owned = mine.create(root + "/owned", null, OPEN, CreateMode.EPHEMERAL);
    Events held = new Events();
    mine.exists(root, held);
    zk.exists(owned, true);
    zk.getChildren(root, true);
    Client thief = later(new Client(connect, new Events(), mine.getSessionId(), mine.getSessionPasswd()));
    thief.events.awaitState(KeeperState.SyncConnected);
    thief.close();
    same(zk.events.told(), "NodeDeleted " + owned);
    same(zk.events.told(), "NodeChildrenChanged " + root);
    mine.events.awaitState(KeeperState.Expired);
    held.awaitState(KeeperState.Expired);
    fails(KeeperException.SessionExpiredException.class, r -> mine.exists(root, false));
    Stat stat = zk.exists(root, false);
    same(Arrays.asList(stat.getNumChildren(), stat.getCversion()), Arrays.asList(0, 2));
  }

  private void closing(String root) throws Exception {
    Client zk = open();
    zk.create(root, null, OPEN, CreateMode.PERSISTENT);
    Client mine = open();
    for (int i = 0; i < 20; i++) mine.create(root + "/e-", null, OPEN, CreateMode.EPHEMERAL_SEQUENTIAL);
    zk.addWatch(root, zk.events, AddWatchMode.PERSISTENT_RECURSIVE);
    mine.close();
    Set<Long> zxids = new TreeSet<>();
    Set<String> paths = new TreeSet<>();
    for (int i = 0; i < 20; i++) {
      WatchedEvent event = next(zk.events.all);
      same(event.getType(), EventType.NodeDeleted);
      zxids.add(event.getZxid());
      paths.add(event.getPath());
    }
    same(Arrays.asList(zxids.size(), paths.size()), Arrays.asList(1, 20));
    Stat stat = zk.exists(root, false);
    same(Arrays.asList(stat.getNumChildren(), stat.getCversion()), Arrays.asList(0, 40));
    same(stat.getPzxid(), zxids.iterator().next());
    fails(KeeperException.SessionExpiredException.class, r -> mine.exists(root, false));
  }
}
