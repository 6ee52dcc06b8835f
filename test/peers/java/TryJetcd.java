import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.election.LeaderResponse;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.lease.LeaseTimeToLiveResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.support.CloseableClient;
import io.etcd.jetcd.support.Observers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Tries a server with jetcd. Prints what it saw, in sections: see test/support/tellings.ts. Argument: HOST:PORT. */
public final class TryJetcd {
  private interface Scenario {
    void run() throws Exception;
  }

  private static Client client;
  private static KV kv;
  private static String endpoint;

  public static void main(String[] args) throws Exception {
    endpoint = "http://" + args[0];
    client = Client.builder().endpoints(endpoint).build();
    kv = client.getKVClient();
    boolean holds =
        tell("kv", TryJetcd::keyValues)
            & tell("transactions", TryJetcd::transactions)
            & tell("watches", TryJetcd::watches)
            & tell("leases", TryJetcd::leases)
            & tell("locks", TryJetcd::locks)
            & tell("elections", TryJetcd::elections)
            & tell("maintenance", TryJetcd::maintenance);
    client.close();
    System.exit(holds ? 0 : 1);
  }

  private static boolean tell(String name, Scenario scenario) {
    System.out.println("== " + name);
    try {
      scenario.run();
      return true;
    } catch (Exception | AssertionError error) {
      System.out.println("FAILED: " + error);
      error.printStackTrace();
      return false;
    }
  }

  private static void say(Object... words) {
    StringBuilder line = new StringBuilder();
    for (Object word : words) line.append(line.length() == 0 ? "" : " ").append(word);
    System.out.println(line);
  }

  private static void check(boolean holds, String text) {
    if (!holds) throw new AssertionError(text);
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  private static <T> T wait(CompletableFuture<T> future) throws Exception {
    return future.get(15, TimeUnit.SECONDS);
  }

  private static <T> T next(BlockingQueue<T> queue) throws Exception {
    T value = queue.poll(15, TimeUnit.SECONDS);
    check(value != null, "nothing within 15 s");
    return value;
  }

  private static String failure(CompletableFuture<?> future) throws Exception {
    try {
      future.get(15, TimeUnit.SECONDS);
      return "no error";
    } catch (java.util.concurrent.ExecutionException error) {
      return error.getCause().getClass().getSimpleName() + " " + error.getCause().getMessage();
    }
  }

  private static long put(String key, String value) throws Exception {
    return wait(kv.put(bytes(key), bytes(value))).getHeader().getRevision();
  }

  private static GetResponse get(String key) throws Exception {
    return wait(kv.get(bytes(key)));
  }

  private static GetResponse prefix(String key) throws Exception {
    return wait(kv.get(bytes(key), GetOption.builder().isPrefix(true).build()));
  }

  private static String describe(long base, List<KeyValue> pairs) {
    List<String> texts = new ArrayList<>();
    for (KeyValue pair : pairs) {
      texts.add(
          String.format(
              "%s=%s(create +%d, mod +%d, version %d)",
              pair.getKey(),
              pair.getValue(),
              pair.getCreateRevision() - base,
              pair.getModRevision() - base,
              pair.getVersion()));
    }
    return texts.toString();
  }

  private static void keyValues() throws Exception {
    long base = get("nothing").getHeader().getRevision();
    for (String key : new String[] {"b", "a", "c", "a"}) say("put", key, put("kv/" + key, "of " + key) - base);
    var withPrevious = PutOption.builder().withPrevKV().build();
    say("previous", describe(base, List.of(wait(kv.put(bytes("kv/a"), bytes("3"), withPrevious)).getPrevKv())));
    say("one", describe(base, get("kv/a").getKvs()), "none", get("kv/no").getCount());
    say("prefix", describe(base, prefix("kv/").getKvs()));
    var sorted =
        GetOption.builder()
            .isPrefix(true)
            .withSortField(GetOption.SortTarget.MOD)
            .withSortOrder(GetOption.SortOrder.DESCEND)
            .withLimit(2)
            .build();
    GetResponse page = wait(kv.get(bytes("kv/"), sorted));
    say("sorted", describe(base, page.getKvs()), page.getCount(), page.isMore());
    say("past", describe(base, wait(kv.get(bytes("kv/a"), GetOption.builder().withRevision(base + 2).build())).getKvs()));
    var counted = GetOption.builder().isPrefix(true).withCountOnly(true).build();
    say("counted", wait(kv.get(bytes("kv/"), counted)).getCount());
    say("serializable", wait(kv.get(bytes("kv/a"), GetOption.builder().withSerializable(true).build())).getCount());
    var deletion = DeleteOption.builder().isPrefix(true).withPrevKV(true).build();
    var deleted = wait(kv.delete(bytes("kv/"), deletion));
    say("deleted", deleted.getDeleted(), describe(base, deleted.getPrevKvs()));
    say("empty key", failure(kv.put(bytes(""), bytes("v"))));
    say("future", failure(kv.get(bytes("a"), GetOption.builder().withRevision(base + 999).build())));
    say("future compaction", failure(kv.compact(base + 999)));
  }

  private static void transactions() throws Exception {
    long base = put("tx/a", "1") - 1;
    var plain = PutOption.DEFAULT;
    Cmp[] compares = {
      new Cmp(bytes("tx/a"), Cmp.Op.EQUAL, CmpTarget.value(bytes("1"))),
      new Cmp(bytes("tx/a"), Cmp.Op.GREATER, CmpTarget.version(1)),
      new Cmp(bytes("tx/a"), Cmp.Op.EQUAL, CmpTarget.createRevision(base + 1)),
      new Cmp(bytes("tx/a"), Cmp.Op.NOT_EQUAL, CmpTarget.modRevision(base + 1)),
      new Cmp(bytes("tx/no"), Cmp.Op.EQUAL, CmpTarget.version(0)),
    };
    for (Cmp compare : compares) say("compare", wait(kv.txn().If(compare).commit()).isSucceeded());
    Op nested =
        Op.txn(
            new Cmp[] {compares[0]},
            new Op[] {Op.put(bytes("tx/inner"), bytes("yes"), plain)},
            new Op[] {Op.put(bytes("tx/inner"), bytes("no"), plain)});
    TxnResponse response =
        wait(
            kv.txn()
                .If(compares[0], compares[4])
                .Then(
                    Op.put(bytes("tx/a"), bytes("2"), PutOption.builder().withPrevKV().build()),
                    Op.get(bytes("tx/a"), GetOption.DEFAULT),
                    nested,
                    Op.delete(bytes("tx/b"), DeleteOption.DEFAULT))
                .Else(Op.get(bytes("tx/a"), GetOption.DEFAULT))
                .commit());
    say(response.isSucceeded(), response.getHeader().getRevision() - base);
    say("seen", describe(base, response.getGetResponses().get(0).getKvs()));
    say("nested", response.getTxnResponses().get(0).isSucceeded(), response.getDeleteResponses().get(0).getDeleted());
    say("after", describe(base, prefix("tx/").getKvs()));
    Op[] twice = {Op.put(bytes("tx/a"), bytes("x"), plain), Op.put(bytes("tx/a"), bytes("y"), plain)};
    say("twice", failure(kv.txn().Then(twice).commit()));
  }

  private static void watches() throws Exception {
    long base = get("nothing").getHeader().getRevision();
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    Watch.Listener listener =
        Watch.listener(
            response -> {
              for (var event : response.getEvents()) {
                seen.add(
                    String.format(
                        "%s %s=%s +%d was %s",
                        event.getEventType(),
                        event.getKeyValue().getKey(),
                        event.getKeyValue().getValue(),
                        event.getKeyValue().getModRevision() - base,
                        event.getPrevKV().getValue()));
              }
            },
            error -> ends.add("error " + error.getMessage()),
            () -> ends.add("completed"));
    var options = WatchOption.builder().isPrefix(true).withPrevKV(true).withRevision(base + 1).withRequireLeader(true).build();
    var watcher = client.getWatchClient().watch(bytes("w/"), options, listener);
    put("w/a", "1");
    put("w/a", "2");
    wait(kv.delete(bytes("w/a")));
    for (int i = 0; i < 3; i++) say(next(seen));
    watcher.close();
    say(next(ends));
    put("w/a", "unseen");

    var puts = WatchOption.builder().isPrefix(true).withNoDelete(true).withRevision(base + 1).build();
    try (var past = client.getWatchClient().watch(bytes("w/"), puts, listener)) {
      for (int i = 0; i < 3; i++) say("past", next(seen));
    }
    say(next(ends));
    say("nothing else", seen.size());
    wait(kv.compact(base + 3));
    try (var refused = client.getWatchClient().watch(bytes("w/"), puts, listener)) {
      say("compacted:", next(ends));
    }
  }

  private static void leases() throws Exception {
    Lease leases = client.getLeaseClient();
    long id = wait(leases.grant(20)).getID();
    var leased = PutOption.builder().withLeaseId(id).build();
    wait(kv.put(bytes("lease/a"), bytes("1"), leased));
    wait(kv.put(bytes("lease/b"), bytes("2"), leased));
    LeaseTimeToLiveResponse left = wait(leases.timeToLive(id, LeaseOption.builder().withAttachedKeys().build()));
    say(left.getGrantedTTL(), left.getTTL() > 15, left.getKeys().size(), get("lease/a").getKvs().get(0).getLease() == id);
    say("once", wait(leases.keepAliveOnce(id)).getTTL());
    BlockingQueue<LeaseKeepAliveResponse> answers = new LinkedBlockingQueue<>();
    CloseableClient keeper = leases.keepAlive(id, Observers.observer(answers::add));
    say("kept", next(answers).getTTL());
    keeper.close();
    wait(leases.revoke(id));
    say("revoked", prefix("lease/").getCount());
    say("again", failure(leases.revoke(id)));
    say("once more", failure(leases.keepAliveOnce(id)));
    long brief = wait(leases.grant(1)).getID();
    wait(kv.put(bytes("lease/brief"), bytes("1"), PutOption.builder().withLeaseId(brief).build()));
    for (int i = 0; get("lease/brief").getCount() > 0; i++) {
      check(i < 100, "not expired within 10 s");
      Thread.sleep(100);
    }
    say("expired", wait(leases.timeToLive(brief, LeaseOption.DEFAULT)).getTTL());
  }

  private static void locks() throws Exception {
    Lock locks = client.getLockClient();
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger entries = new AtomicInteger();
    List<Throwable> problems = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  for (int round = 0; round < 4; round++) {
                    long lease = wait(client.getLeaseClient().grant(20)).getID();
                    ByteSequence key = wait(locks.lock(bytes("shared"), lease)).getKey();
                    check(inside.incrementAndGet() == 1, "two inside");
                    entries.incrementAndGet();
                    Thread.sleep(2);
                    inside.decrementAndGet();
                    wait(locks.unlock(key));
                    wait(client.getLeaseClient().revoke(lease));
                  }
                } catch (Exception | AssertionError error) {
                  synchronized (problems) {
                    problems.add(error);
                  }
                }
              });
      threads.add(thread);
    }
    for (Thread thread : threads) thread.start();
    for (Thread thread : threads) thread.join(60_000);
    check(problems.isEmpty(), problems.toString());
    say("entered", entries.get());
  }

  private static void elections() throws Exception {
    Election elections = client.getElectionClient();
    ByteSequence name = bytes("office");
    long first = wait(client.getLeaseClient().grant(20)).getID();
    long second = wait(client.getLeaseClient().grant(20)).getID();
    say("nobody:", failure(elections.leader(name)));
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    elections.observe(
        name,
        new Election.Listener() {
          @Override
          public void onNext(LeaderResponse response) {
            seen.add(response.getKv().getValue().toString());
          }

          @Override
          public void onError(Throwable error) {}

          @Override
          public void onCompleted() {}
        });
    var leader = wait(elections.campaign(name, first, bytes("first"))).getLeader();
    say("observed", next(seen), "leader", wait(elections.leader(name)).getKv().getValue());
    var rival = elections.campaign(name, second, bytes("second"));
    wait(elections.proclaim(leader, bytes("first again")));
    say("observed", next(seen), "the rival waits", !rival.isDone());
    wait(elections.resign(leader));
    var successor = wait(rival).getLeader();
    say("observed", next(seen));
    say("too late:", failure(elections.proclaim(leader, bytes("late"))));
    wait(elections.resign(successor));
    say("left", prefix("office").getCount());
  }

  private static void maintenance() throws Exception {
    var maintenance = client.getMaintenanceClient();
    var status = wait(maintenance.statusMember(endpoint));
    var members = wait(client.getClusterClient().listMember()).getMembers();
    say(status.getVersion().substring(0, 3), members.size(), members.get(0).getName());
    say("leader", members.get(0).getId() == status.getLeader(), "size", status.getDbSize() > 0);
    say("alarms", wait(maintenance.listAlarms()).getAlarms().size());
    say("hash", wait(maintenance.hashKV(endpoint, 0)).getHash() == wait(maintenance.hashKV(endpoint, 0)).getHash());
    wait(maintenance.defragmentMember(endpoint));
    wait(maintenance.moveLeader(status.getLeader()));
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    long written = wait(maintenance.snapshot(file));
    say("snapshot", written == file.size(), (written - 32) % 512);
    say("auth", failure(client.getAuthClient().authEnable()));
  }
}
