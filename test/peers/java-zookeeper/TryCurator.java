import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.transaction.CuratorTransactionResult;
import org.apache.curator.framework.recipes.atomic.AtomicValue;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderSelector;
import org.apache.curator.framework.recipes.leader.LeaderSelectorListenerAdapter;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.curator.framework.recipes.nodes.PersistentTtlNode;
import org.apache.curator.framework.recipes.queue.SimpleDistributedQueue;
import org.apache.curator.framework.recipes.shared.SharedCount;
import org.apache.curator.framework.recipes.watch.PersistentWatcher;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** Tries a server with Curator and its recipes. Argument: HOST:PORT[,HOST:PORT...]. */
public final class TryCurator extends Checks {
  private static final int SESSION_MS = 20_000;

  public static void main(String[] args) {
    System.exit(new TryCurator(args[0]).run("curator") ? 0 : 1);
  }

  private TryCurator(String connect) {
    super(connect);
    check("framework", this::framework);
    check("protected creates", this::protectedCreates);
    check("transactions", this::transactions);
    check("mutex", this::mutex);
    check("mutex of a dead holder", this::mutexOfTheDead);
    check("read-write lock", this::readWriteLock);
    check("semaphore", this::semaphore);
    check("leader latch", this::leaderLatch);
    check("leader selector", this::leaderSelector);
    check("curator cache", this::curatorCache);
    check("path children cache", this::pathChildrenCache);
    check("node cache", this::nodeCache);
    check("persistent watcher", this::persistentWatcher);
    check("queue", this::queue);
    check("barrier", this::barrier);
    check("double barrier", this::doubleBarrier);
    check("group member", this::groupMember);
    check("persistent node", this::persistentNode);
    check("atomic long", this::atomicLong);
    check("shared count", this::sharedCount);
    check("a lock is kept when the server is disturbed", this::disturbed);
    check("a cut connection", this::cutConnection);
    check("session expiry", this::expiry);
  }

  private CuratorFramework open() throws Exception {
    return open(null);
  }

  private CuratorFramework open(String namespace) throws Exception {
    CuratorFramework client =
        CuratorFrameworkFactory.builder()
            .connectString(connect)
            .sessionTimeoutMs(SESSION_MS)
            .connectionTimeoutMs(15_000)
            .retryPolicy(new ExponentialBackoffRetry(100, 10))
            .namespace(namespace)
            .build();
    later(client).start();
    same(client.blockUntilConnected(30, TimeUnit.SECONDS), true);
    return client;
  }

  /** Curator's own data for a znode without any is the address of the client. */
  private static byte[] none() {
    return new byte[0];
  }

  private void framework(String root) throws Exception {
    CuratorFramework client = open();
    same(client.create().creatingParentsIfNeeded().forPath(root + "/a/b", bytes("1")), root + "/a/b");
    same(client.create().orSetData().forPath(root + "/a/b", bytes("2")), root + "/a/b");
    Stat stat = new Stat();
    same(text(client.getData().storingStatIn(stat).forPath(root + "/a/b")), "2");
    same(stat.getVersion(), 1);
    same(client.setData().withVersion(1).forPath(root + "/a/b", bytes("3")).getVersion(), 2);
    same(client.create().creatingParentContainersIfNeeded().forPath(root + "/c/d", none()), root + "/c/d");
    same(new TreeSet<>(client.getChildren().forPath(root)), new TreeSet<>(Set.of("a", "c")));
    same(client.create().withTtl(3_600_000).withMode(CreateMode.PERSISTENT_WITH_TTL).forPath(root + "/t", none()), root + "/t");
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    client.getData().inBackground((c, event) -> told.add(event.getType() + " " + event.getResultCode() + " " + text(event.getData()))).forPath(root + "/a/b");
    same(next(told), "GET_DATA 0 3");
    client.sync().inBackground((c, event) -> told.add(event.getType() + " " + event.getResultCode())).forPath(root);
    same(next(told), "SYNC 0");
    CuratorFramework inside = open(root.substring(1));
    same(text(inside.getData().forPath("/a/b")), "3");
    client.delete().guaranteed().deletingChildrenIfNeeded().forPath(root);
    same(client.checkExists().forPath(root), null);
    client.delete().quietly().forPath(root);
  }

  private void protectedCreates(String root) throws Exception {
    CuratorFramework client = open();
    client.create().forPath(root, none());
    String path = client.create().withProtection().withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath(root + "/p-", none());
    List<String> names = client.getChildren().forPath(root);
    same(names.size() == 1 && names.get(0).startsWith("_c_") && names.get(0).endsWith("-p-0000000000"), true);
    same(path, root + "/" + names.get(0));
  }

  private void transactions(String root) throws Exception {
    CuratorFramework client = open();
    List<CuratorTransactionResult> results =
        client
            .transaction()
            .forOperations(
                client.transactionOp().create().forPath(root, bytes("1")),
                client.transactionOp().create().withMode(CreateMode.PERSISTENT_SEQUENTIAL).forPath(root + "/s-", none()),
                client.transactionOp().setData().withVersion(0).forPath(root, bytes("2")),
                client.transactionOp().check().withVersion(1).forPath(root),
                client.transactionOp().delete().forPath(root + "/s-0000000000"));
    same(results.get(1).getResultPath(), root + "/s-0000000000");
    same(results.get(2).getResultStat().getVersion(), 1);
    fails(
        KeeperException.BadVersionException.class,
        r ->
            client
                .transaction()
                .forOperations(
                    client.transactionOp().create().forPath(root + "/a", none()),
                    client.transactionOp().check().withVersion(7).forPath(root)));
    same(client.checkExists().forPath(root + "/a"), null);
  }

  private interface Work {
    void run() throws Exception;
  }

  /** Runs all at once, and waits for all of them. */
  private static void together(List<Work> works) throws Exception {
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    for (Work work : works) {
      CompletableFuture<Void> end = new CompletableFuture<>();
      ends.add(end);
      Thread thread =
          new Thread(
              () -> {
                try {
                  work.run();
                  end.complete(null);
                } catch (Throwable problem) {
                  end.completeExceptionally(problem);
                }
              });
      thread.setDaemon(true);
      thread.start();
    }
    for (CompletableFuture<Void> end : ends) end.get(90, TimeUnit.SECONDS);
  }

  private void mutex(String root) throws Exception {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger entries = new AtomicInteger();
    List<Work> works = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      InterProcessMutex mutex = new InterProcessMutex(open(), root);
      works.add(
          () -> {
            for (int round = 0; round < 5; round++) {
              mutex.acquire();
              mutex.acquire();
              same(inside.incrementAndGet(), 1);
              entries.incrementAndGet();
              Thread.sleep(2);
              inside.decrementAndGet();
              mutex.release();
              mutex.release();
            }
          });
    }
    together(works);
    same(entries.get(), 20);
    InterProcessMutex held = new InterProcessMutex(open(), root);
    held.acquire();
    same(new InterProcessMutex(open(), root).acquire(300, TimeUnit.MILLISECONDS), false);
    same(held.getParticipantNodes().size(), 1);
  }

  private void mutexOfTheDead(String root) throws Exception {
    CuratorFramework dying = open();
    new InterProcessMutex(dying, root).acquire();
    InterProcessMutex waiting = new InterProcessMutex(open(), root);
    CountDownLatch got = new CountDownLatch(1);
    List<Work> works =
        List.of(
            () -> {
              same(waiting.acquire(30, TimeUnit.SECONDS), true);
              got.countDown();
            },
            () -> {
              same(got.await(500, TimeUnit.MILLISECONDS), false);
              dying.close();
            });
    together(works);
  }

  private void readWriteLock(String root) throws Exception {
    InterProcessReadWriteLock one = new InterProcessReadWriteLock(open(), root);
    InterProcessReadWriteLock other = new InterProcessReadWriteLock(open(), root);
    same(one.readLock().acquire(20, TimeUnit.SECONDS), true);
    same(other.readLock().acquire(20, TimeUnit.SECONDS), true);
    InterProcessReadWriteLock third = new InterProcessReadWriteLock(open(), root);
    same(third.writeLock().acquire(300, TimeUnit.MILLISECONDS), false);
    one.readLock().release();
    other.readLock().release();
    same(third.writeLock().acquire(20, TimeUnit.SECONDS), true);
    same(one.readLock().acquire(300, TimeUnit.MILLISECONDS), false);
  }

  private void semaphore(String root) throws Exception {
    InterProcessSemaphoreV2 one = new InterProcessSemaphoreV2(open(), root, 2);
    var first = one.acquire(20, TimeUnit.SECONDS);
    same(first != null && one.acquire(20, TimeUnit.SECONDS) != null, true);
    InterProcessSemaphoreV2 other = new InterProcessSemaphoreV2(open(), root, 2);
    same(other.acquire(300, TimeUnit.MILLISECONDS), null);
    one.returnLease(first);
    same(other.acquire(20, TimeUnit.SECONDS) != null, true);
  }

  private void leaderLatch(String root) throws Exception {
    List<LeaderLatch> latches = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      LeaderLatch latch = new LeaderLatch(open(), root, "latch " + i);
      latches.add(latch);
      latch.start();
      int count = i + 1;
      until("everybody stands", () -> latch.getParticipants().size() == count);
    }
    same(latches.get(0).await(30, TimeUnit.SECONDS), true);
    same(latches.get(2).getLeader().getId(), "latch 0");
    same(latches.get(1).hasLeadership() || latches.get(2).hasLeadership(), false);
    latches.get(0).close();
    same(latches.get(1).await(30, TimeUnit.SECONDS), true);
    same(latches.get(2).getLeader().getId(), "latch 1");
    latches.get(1).close();
    same(latches.get(2).await(30, TimeUnit.SECONDS), true);
    latches.get(2).close();
  }

  private void leaderSelector(String root) throws Exception {
    AtomicInteger leading = new AtomicInteger();
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    for (int i = 0; i < 3; i++) {
      String name = "selector " + i;
      LeaderSelector selector =
          new LeaderSelector(
              open(),
              root,
              new LeaderSelectorListenerAdapter() {
                @Override
                public void takeLeadership(CuratorFramework client) throws Exception {
                  told.add(leading.incrementAndGet() + " " + name);
                  Thread.sleep(20);
                  leading.decrementAndGet();
                }
              });
      later(selector).start();
    }
    Set<String> seen = new TreeSet<>(Set.of(next(told), next(told), next(told)));
    same(seen, new TreeSet<>(Set.of("1 selector 0", "1 selector 1", "1 selector 2")));
  }

  private void curatorCache(String root) throws Exception {
    CuratorFramework client = open();
    client.create().creatingParentsIfNeeded().forPath(root + "/a", bytes("1"));
    client.setData().forPath(root, none());
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    CuratorCache cache = later(CuratorCache.build(open(), root));
    CountDownLatch initialized = new CountDownLatch(1);
    cache
        .listenable()
        .addListener(
            CuratorCacheListener.builder()
                .forCreates(node -> told.add("created " + node.getPath() + " " + text(node.getData())))
                .forChanges((old, node) -> told.add("changed " + node.getPath() + " " + text(old.getData()) + " " + text(node.getData())))
                .forDeletes(node -> told.add("deleted " + node.getPath()))
                .forInitialized(initialized::countDown)
                .build());
    cache.start();
    same(initialized.await(30, TimeUnit.SECONDS), true);
    same(new TreeSet<>(Set.of(next(told), next(told))), new TreeSet<>(Set.of("created " + root + " ", "created " + root + "/a 1")));
    client.setData().forPath(root + "/a", bytes("2"));
    same(next(told), "changed " + root + "/a 1 2");
    client.create().forPath(root + "/a/b", bytes("3"));
    same(next(told), "created " + root + "/a/b 3");
    client.delete().deletingChildrenIfNeeded().forPath(root + "/a");
    same(next(told), "deleted " + root + "/a/b");
    same(next(told), "deleted " + root + "/a");
    same(cache.size(), 1);
    for (int i = 0; i < 200; i++) client.create().inBackground().forPath(root + "/n" + i, bytes("" + i));
    until("all are in the cache", () -> cache.size() == 201);
    same(text(cache.get(root + "/n150").get().getData()), "150");
  }

  @SuppressWarnings("deprecation")
  private void pathChildrenCache(String root) throws Exception {
    CuratorFramework client = open();
    client.create().forPath(root, none());
    client.create().forPath(root + "/a", bytes("1"));
    var cache = later(new org.apache.curator.framework.recipes.cache.PathChildrenCache(open(), root, true));
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    // A connection that breaks on a busy machine is no matter of this check.
        cache.getListenable().addListener((c, event) -> {
            if (!event.getType().name().startsWith("CONNECTION_")) {
                told.add(event.getType() + (event.getData() == null ? "" : " " + event.getData().getPath()));
            }
        });
    cache.start(org.apache.curator.framework.recipes.cache.PathChildrenCache.StartMode.BUILD_INITIAL_CACHE);
    same(cache.getCurrentData().size(), 1);
    client.setData().forPath(root + "/a", bytes("2"));
    same(next(told), "CHILD_UPDATED " + root + "/a");
    client.create().forPath(root + "/b", none());
    same(next(told), "CHILD_ADDED " + root + "/b");
    client.delete().forPath(root + "/a");
    same(next(told), "CHILD_REMOVED " + root + "/a");
  }

  @SuppressWarnings("deprecation")
  private void nodeCache(String root) throws Exception {
    CuratorFramework client = open();
    var cache = later(new org.apache.curator.framework.recipes.cache.NodeCache(open(), root));
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    cache.getListenable().addListener(() -> told.add(cache.getCurrentData() == null ? "gone" : text(cache.getCurrentData().getData())));
    cache.start(true);
    client.create().forPath(root, bytes("1"));
    same(next(told), "1");
    client.setData().forPath(root, bytes("2"));
    same(next(told), "2");
    client.delete().forPath(root);
    same(next(told), "gone");
  }

  private void persistentWatcher(String root) throws Exception {
    CuratorFramework client = open();
    PersistentWatcher watcher = later(new PersistentWatcher(open(), root, true));
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    CountDownLatch set = new CountDownLatch(1);
    watcher.getResetListenable().addListener(set::countDown);
    watcher.getListenable().addListener(event -> told.add(event.getType() + " " + event.getPath()));
    watcher.start();
    same(set.await(30, TimeUnit.SECONDS), true);
    client.create().creatingParentsIfNeeded().forPath(root + "/a", none());
    client.delete().forPath(root + "/a");
    same(next(told), "NodeCreated " + root);
    same(next(told), "NodeCreated " + root + "/a");
    same(next(told), "NodeDeleted " + root + "/a");
  }

  private void queue(String root) throws Exception {
    SimpleDistributedQueue writer = new SimpleDistributedQueue(open(), root);
    SimpleDistributedQueue reader = new SimpleDistributedQueue(open(), root);
    for (int i = 0; i < 10; i++) same(writer.offer(bytes("" + i)), true);
    same(text(reader.peek()), "0");
    for (int i = 0; i < 10; i++) same(text(reader.take()), "" + i);
    same(reader.poll(), null);
    List<Work> works =
        List.of(
            () -> same(text(reader.poll(30, TimeUnit.SECONDS)), "late"),
            () -> {
              Thread.sleep(200);
              writer.offer(bytes("late"));
            });
    together(works);
  }

  private void barrier(String root) throws Exception {
    DistributedBarrier barrier = new DistributedBarrier(open(), root);
    barrier.setBarrier();
    DistributedBarrier other = new DistributedBarrier(open(), root);
    same(other.waitOnBarrier(300, TimeUnit.MILLISECONDS), false);
    List<Work> works =
        List.of(
            () -> same(other.waitOnBarrier(30, TimeUnit.SECONDS), true),
            () -> {
              Thread.sleep(200);
              barrier.removeBarrier();
            });
    together(works);
  }

  private void doubleBarrier(String root) throws Exception {
    AtomicInteger entered = new AtomicInteger();
    List<Work> works = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int delayMs = i * 150;
      DistributedDoubleBarrier barrier = new DistributedDoubleBarrier(open(), root, 3);
      works.add(
          () -> {
            Thread.sleep(delayMs);
            entered.incrementAndGet();
            same(barrier.enter(30, TimeUnit.SECONDS), true);
            same(entered.get(), 3);
            same(barrier.leave(30, TimeUnit.SECONDS), true);
          });
    }
    together(works);
  }

  private void groupMember(String root) throws Exception {
    GroupMember ann = later(new GroupMember(open(), root, "ann", bytes("a")));
    GroupMember bob = new GroupMember(open(), root, "bob", bytes("b"));
    ann.start();
    bob.start();
    until("both are members", () -> ann.getCurrentMembers().keySet().equals(Set.of("ann", "bob")));
    same(text(ann.getCurrentMembers().get("bob")), "b");
    bob.close();
    until("one is left", () -> ann.getCurrentMembers().keySet().equals(Set.of("ann")));
  }

  private void persistentNode(String root) throws Exception {
    CuratorFramework client = open();
    PersistentNode node = later(new PersistentNode(open(), CreateMode.EPHEMERAL, false, root, bytes("1")));
    node.start();
    same(node.waitForInitialCreate(30, TimeUnit.SECONDS), true);
    same(client.checkExists().forPath(root).getEphemeralOwner() != 0, true);
    client.delete().forPath(root);
    until("it is there again", () -> client.checkExists().forPath(root) != null);
    node.setData(bytes("2"));
    until("it has new data", () -> text(client.getData().forPath(root)).equals("2"));
    PersistentTtlNode lasting = later(new PersistentTtlNode(open(), root + "-ttl", 3_600_000, none()));
    lasting.start();
    same(lasting.waitForInitialCreate(30, TimeUnit.SECONDS), true);
  }

  private void atomicLong(String root) throws Exception {
    List<Work> works = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      DistributedAtomicLong number = new DistributedAtomicLong(open(), root, new ExponentialBackoffRetry(5, 20));
      works.add(
          () -> {
            for (int round = 0; round < 10; round++) {
              AtomicValue<Long> value = number.increment();
              while (!value.succeeded()) value = number.increment();
            }
          });
    }
    together(works);
    DistributedAtomicLong number = new DistributedAtomicLong(open(), root, new ExponentialBackoffRetry(5, 20));
    same(number.get().postValue(), 30L);
    same(number.compareAndSet(30L, 50L).succeeded(), true);
    same(number.compareAndSet(30L, 70L).succeeded(), false);
  }

  private void sharedCount(String root) throws Exception {
    SharedCount one = later(new SharedCount(open(), root, 7));
    SharedCount other = later(new SharedCount(open(), root, 7));
    one.start();
    other.start();
    same(one.getCount(), 7);
    one.setCount(8);
    until("the other one follows", () -> other.getCount() == 8);
    same(other.trySetCount(other.getVersionedValue(), 9), true);
    until("the first one follows", () -> one.getCount() == 9);
  }

  private void disturbed(String root) throws Exception {
    CuratorFramework client = open();
    CuratorFramework other = open();
    InterProcessMutex held = new InterProcessMutex(client, root + "-lock");
    held.acquire();
    CuratorCache cache = later(CuratorCache.build(other, root));
    cache.start();
    client.create().forPath(root, bytes("0"));
    disturb();
    same(new InterProcessMutex(other, root + "-lock").acquire(500, TimeUnit.MILLISECONDS), false);
    for (int i = 1; i <= 20; i++) client.setData().forPath(root, bytes("" + i));
    until("the cache follows", () -> cache.get(root).map(node -> text(node.getData()).equals("20")).orElse(false));
    same(held.isAcquiredInThisProcess() && held.getParticipantNodes().size() == 1, true);
    held.release();
    same(new InterProcessMutex(other, root + "-lock").acquire(20, TimeUnit.SECONDS), true);
  }

  private void cutConnection(String root) throws Exception {
    CuratorFramework client = open();
    CuratorFramework writer = open();
    BlockingQueue<String> states = new LinkedBlockingQueue<>();
    client.getConnectionStateListenable().addListener((c, state) -> states.add(state.toString()));
    long session = client.getZookeeperClient().getZooKeeper().getSessionId();
    client.create().withMode(CreateMode.EPHEMERAL).forPath(root, bytes("1"));
    CuratorCache cache = later(CuratorCache.build(client, root));
    cache.start();
    until("the cache is filled", () -> cache.size() == 1);
    cut();
    same(next(states), "SUSPENDED");
    same(next(states), "RECONNECTED");
    same(client.getZookeeperClient().getZooKeeper().getSessionId(), session);
    writer.setData().forPath(root, bytes("2"));
    until("the cache follows", () -> cache.get(root).map(node -> text(node.getData()).equals("2")).orElse(false));
    same(client.checkExists().forPath(root).getEphemeralOwner(), session);
  }

  private void expiry(String root) throws Exception {
    CuratorFramework client = open();
    BlockingQueue<String> states = new LinkedBlockingQueue<>();
    client.getConnectionStateListenable().addListener((c, state) -> states.add(state.toString()));
    LeaderLatch latch = later(new LeaderLatch(client, root, "dying"));
    latch.start();
    same(latch.await(30, TimeUnit.SECONDS), true);
    LeaderLatch heir = later(new LeaderLatch(open(), root, "heir"));
    heir.start();
    until("both stand", () -> heir.getParticipants().size() == 2);
    ZooKeeper victim = client.getZookeeperClient().getZooKeeper();
    CountDownLatch stolen = new CountDownLatch(1);
    ZooKeeper thief = new ZooKeeper(connect, SESSION_MS, event -> stolen.countDown(), victim.getSessionId(), victim.getSessionPasswd());
    same(stolen.await(30, TimeUnit.SECONDS), true);
    thief.close();
    same(heir.await(30, TimeUnit.SECONDS), true);
    until("the session is lost", () -> next(states).equals("LOST"));
    until("there is another", () -> next(states).equals("RECONNECTED"));
    same(client.getZookeeperClient().getZooKeeper().getSessionId() != victim.getSessionId(), true);
    until("it stands again", () -> heir.getParticipants().size() == 2);
    same(latch.hasLeadership(), false);
  }
}
