"""Tries a ZooKeeper with kazoo. Prints `ok NAME` for each check that holds: see test/support/zk-checks.ts.

    try_kazoo.py DIRECTORY HOST:PORT[,HOST:PORT...]

The directory is where kazoo is installed. `-- cut` asks whoever runs this to break every connection to the server,
`-- disturb` to let happen what is to go wrong in this place; the answer is a line on standard input.
"""

import os
import queue
import sys
import threading
import time
import traceback

directory, hosts = sys.argv[1:]
sys.path.insert(0, directory)

from kazoo import exceptions  # noqa: E402
from kazoo.client import KazooClient, KazooState  # noqa: E402
from kazoo.protocol.states import EventType, KeeperState  # noqa: E402
from kazoo.recipe.cache import TreeCache, TreeEvent  # noqa: E402
from kazoo.security import OPEN_ACL_UNSAFE, Permissions, make_acl, make_digest_acl  # noqa: E402

TIMEOUT = 20.0
checks = []
clients = []


def check(name):
    """Marks a function as a check of that name; it gets a connected client and a path of its own."""

    def add(run):
        checks.append((name, run))
        return run

    return add


def connect(chroot="", **options):
    client = KazooClient(hosts=hosts + chroot, timeout=TIMEOUT, **options)
    client.start(timeout=30)
    clients.append(client)
    return client


def same(seen, expected):
    if seen != expected:
        raise AssertionError("%r instead of %r" % (seen, expected))


def raises(error, run, *args, **options):
    try:
        result = run(*args, **options)
    except error:
        return
    raise AssertionError("%s and not %s" % (result, error.__name__))


def until(what, condition, within=20.0):
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("%s: not within %s s" % (what, within))
        time.sleep(0.02)


def ask(what):
    print("-- " + what, flush=True)
    if not sys.stdin.readline():
        raise AssertionError("nobody listens")


def cut():
    """Breaks every connection of this program."""
    ask("cut")


@check("create, get, set, delete")
def crud(client, root):
    same(client.create(root, b"one"), root)
    data, stat = client.get(root)
    same((data, stat.version, stat.cversion, stat.aversion, stat.numChildren), (b"one", 0, 0, 0, 0))
    same((stat.czxid, stat.ephemeralOwner, stat.dataLength), (stat.mzxid, 0, 3))
    same(abs(stat.ctime / 1000 - time.time()) < 60, True)
    set_stat = client.set(root, b"two")
    same((set_stat.version, set_stat.dataLength), (1, 3))
    same(set_stat.mzxid > stat.mzxid, True)
    same(client.get(root), (b"two", set_stat))
    same(client.exists(root), set_stat)
    raises(exceptions.BadVersionError, client.set, root, b"three", version=0)
    raises(exceptions.NodeExistsError, client.create, root)
    raises(exceptions.BadVersionError, client.delete, root, version=7)
    client.delete(root, version=1)
    raises(exceptions.NoNodeError, client.get, root)
    raises(exceptions.NoNodeError, client.set, root, b"")
    raises(exceptions.NoNodeError, client.delete, root)
    raises(exceptions.NoNodeError, client.create, root + "/a/b")
    same(client.exists(root), None)


@check("create with path and stat")
def create_with(client, root):
    path, stat = client.create(root + "/a/b/c", b"deep", makepath=True, include_data=True)
    same((path, stat.version, stat.dataLength), (root + "/a/b/c", 0, 4))
    same(client.get_children(root), ["a"])
    raises(exceptions.NotEmptyError, client.delete, root + "/a")
    client.delete(root, recursive=True)
    same(client.exists(root), None)
    client.ensure_path(root + "/x/y")
    same(client.get(root + "/x/y")[0], b"")


@check("sequential and ephemeral")
def sequences(client, root):
    client.create(root)
    names = [client.create(root + "/s-", sequence=True) for _ in range(3)]
    same(names, [root + "/s-%010d" % i for i in range(3)])
    client.delete(names[2])
    owned = client.create(root + "/e-", ephemeral=True, sequence=True)
    same(owned, root + "/e-%010d" % 3)
    same(client.exists(owned).ephemeralOwner, client.client_id[0])
    raises(exceptions.NoChildrenForEphemeralsError, client.create, owned + "/child")
    # Three creates and a delete, then one more create.
    stat = client.exists(root)
    same((stat.cversion, stat.numChildren), (5, 3))
    other = connect()
    gone = other.create(root + "/other", ephemeral=True)
    other.stop()
    until("the ephemeral of a closed session is gone", lambda: client.exists(gone) is None)
    same(client.exists(root).cversion, 7)


@check("unicode paths and large values")
def large(client, root):
    client.create(root)
    name = root + "/größe-語"
    client.create(name, b"\x00\xff" * 1000)
    same(client.get(name)[0], b"\x00\xff" * 1000)
    same(client.get_children(root), ["größe-語"])
    # With the path and the ACL just below the largest frame a server takes.
    big = bytes(bytearray(i % 251 for i in range(1024 * 1024 - 1024)))
    client.create(root + "/big", big)
    same(client.get(root + "/big")[0], big)


@check("children with stat")
def children(client, root):
    client.create(root)
    for name in ("b", "a", "c"):
        client.create(root + "/" + name)
    names, stat = client.get_children(root, include_data=True)
    same((sorted(names), stat.cversion, stat.numChildren), (["a", "b", "c"], 3, 3))
    same(stat.pzxid, client.exists(root + "/c").czxid)


@check("one-shot watches")
def watches(client, root):
    seen = queue.Queue()

    def note(event):
        seen.put((event.type, event.state, event.path))

    same(client.exists(root, watch=note), None)
    client.create(root)
    same(seen.get(timeout=20), (EventType.CREATED, KeeperState.CONNECTED, root))
    client.get(root, watch=note)
    client.set(root, b"1")
    same(seen.get(timeout=20), (EventType.CHANGED, KeeperState.CONNECTED, root))
    client.get_children(root, watch=note)
    client.set(root, b"2")
    client.create(root + "/child")
    same(seen.get(timeout=20), (EventType.CHILD, KeeperState.CONNECTED, root))
    client.get(root + "/child", watch=note)
    client.delete(root + "/child")
    same(seen.get(timeout=20), (EventType.DELETED, KeeperState.CONNECTED, root + "/child"))
    client.sync(root)
    same(seen.empty(), True)


@check("events before replies")
def events_first(client, root):
    client.create(root, b"0")
    order = []

    def watched(_event):
        order.append("event")

    # The reply of the write, and of the read behind it, come after the event on the same connection.
    client.get(root, watch=watched)
    written = client.set_async(root, b"1")
    read = client.get_async(root)
    same(read.get(timeout=20)[0], b"1")
    same(written.get(timeout=20).version, 1)
    until("the event", lambda: order == ["event"])


@check("transaction")
def transactions(client, root):
    client.create(root)
    transaction = client.transaction()
    transaction.check(root, version=0)
    transaction.create(root + "/a", b"1")
    transaction.set_data(root + "/a", b"2")
    transaction.create(root + "/s-", sequence=True)
    transaction.delete(root + "/a")
    results = transaction.commit()
    same((results[0], results[1], results[2].version, results[4]), (True, root + "/a", 1, True))
    same(results[3], root + "/s-%010d" % 1)
    same(client.get_children(root), ["s-%010d" % 1])
    failing = client.transaction()
    failing.create(root + "/b")
    failing.delete(root + "/missing")
    failing.create(root + "/c")
    kinds = [type(result) for result in failing.commit()]
    same(kinds, [exceptions.RolledBackError, exceptions.NoNodeError, exceptions.RuntimeInconsistency])
    same(client.exists(root + "/b"), None)


@check("pipelined requests")
def pipelined(client, root):
    client.create(root)
    creates = [client.create_async(root + "/%04d" % i, b"x" * i) for i in range(500)]
    sets = [client.set_async(root + "/%04d" % i, b"y") for i in range(500)]
    reads = [client.get_async(root + "/%04d" % i) for i in range(500)]
    same([one.get(timeout=30) for one in creates], [root + "/%04d" % i for i in range(500)])
    zxids = [one.get(timeout=30).mzxid for one in sets]
    same(zxids, sorted(set(zxids)))
    same({one.get(timeout=30)[0] for one in reads}, {b"y"})
    stat = client.exists(root)
    same((stat.numChildren, stat.cversion), (500, 500))


@check("auth and ACL")
def acl(client, root):
    owner = connect(auth_data=[("digest", "ann:secret")])
    owner.create(root, b"hidden", acl=[make_acl("auth", "", all=True)])
    acls, stat = owner.get_acls(root)
    same([(one.id.scheme, one.id.id.split(":")[0], one.perms) for one in acls], [("digest", "ann", Permissions.ALL)])
    raises(exceptions.NoAuthError, client.get, root)
    raises(exceptions.NoAuthError, client.set, root, b"")
    raises(exceptions.NoAuthError, client.create, root + "/x")
    raises(exceptions.NoAuthError, client.set_acls, root, OPEN_ACL_UNSAFE)
    readable = [make_digest_acl("ann", "secret", all=True), make_acl("world", "anyone", read=True)]
    same(owner.set_acls(root, readable).aversion, stat.aversion + 1)
    same(client.get(root)[0], b"hidden")
    raises(exceptions.NoAuthError, client.set, root, b"")
    late = connect()
    late.add_auth("digest", "ann:secret")
    same(late.set(root, b"changed").version, 1)
    raises(exceptions.InvalidACLError, client.create, root + "-bad", acl=[make_acl("auth", "", all=True)])
    raises(exceptions.BadVersionError, owner.set_acls, root, OPEN_ACL_UNSAFE, version=0)


@check("chroot")
def chroot(client, root):
    client.create(root)
    inside = connect(root)
    same(inside.create("/a", b"in"), "/a")
    same(client.get(root + "/a")[0], b"in")
    seen = queue.Queue()
    inside.get("/a", watch=lambda event: seen.put(event.path))
    client.set(root + "/a", b"out")
    same(seen.get(timeout=20), "/a")
    same(inside.get_children("/"), ["a"])


@check("four-letter words")
def words(client, _root):
    version = client.server_version()
    same(version[:2], (3, 9))
    same(client.command(b"ruok"), "imok")
    same("Mode: " in client.command(b"srvr"), True)


@check("lock")
def locks(client, root):
    inside, entries, problems = [], [], []

    def work():
        try:
            mine = connect()
            for _ in range(4):
                with mine.Lock(root, "somebody"):
                    inside.append(1)
                    same(len(inside), 1)
                    time.sleep(0.005)
                    inside.pop()
                    entries.append(1)
            mine.stop()
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    same((problems, len(entries)), ([], 12))
    held = client.Lock(root, "holder")
    same(held.acquire(), True)
    rival = connect().Lock(root, "rival")
    same(rival.acquire(blocking=False), False)
    raises(exceptions.LockTimeout, rival.acquire, timeout=0.3)
    same(rival.contenders(), ["holder"])
    held.release()
    same(rival.acquire(timeout=20), True)


@check("read and write locks, semaphore")
def more_locks(client, root):
    other = connect()
    readers = [client.ReadLock(root + "/rw", "r1"), other.ReadLock(root + "/rw", "r2")]
    for reader in readers:
        same(reader.acquire(timeout=20), True)
    writer = connect().WriteLock(root + "/rw", "w")
    same(writer.acquire(blocking=False), False)
    for reader in readers:
        reader.release()
    same(writer.acquire(timeout=20), True)
    holders = [one.Semaphore(root + "/sem", max_leases=2) for one in (client, other, connect())]
    same([holders[0].acquire(timeout=20), holders[1].acquire(timeout=20)], [True, True])
    same(holders[2].acquire(blocking=False), False)
    holders[0].release()
    same(holders[2].acquire(timeout=20), True)


@check("a lock passes on when its holder's session ends")
def lock_of_the_dead(client, root):
    holder = connect()
    same(holder.Lock(root, "holder").acquire(), True)
    rival = client.Lock(root, "rival")
    got = threading.Event()
    thread = threading.Thread(target=lambda: rival.acquire(timeout=30) and got.set())
    thread.start()
    until("both contend", lambda: len(rival.contenders()) == 2)
    same(got.is_set(), False)
    holder.stop()
    same(got.wait(30), True)
    thread.join()


@check("election")
def elections(_client, root):
    seen = queue.Queue()
    leave = threading.Event()

    def lead(name):
        def leading():
            seen.put(name)
            leave.wait(30)

        return leading

    candidates = []
    for name in ("first", "second"):
        candidate = connect().Election(root, name)
        thread = threading.Thread(target=candidate.run, args=(lead(name),), daemon=True)
        thread.start()
        candidates.append((candidate, thread))
        until("%s stands" % name, lambda: name in candidate.contenders())
    same(candidates[0][0].contenders(), ["first", "second"])
    same(seen.get(timeout=20), "first")
    same(seen.empty(), True)
    leave.set()
    same(seen.get(timeout=20), "second")
    for _, thread in candidates:
        thread.join(20)


@check("barriers")
def barriers(client, root):
    barrier = client.Barrier(root + "/one")
    barrier.create()
    same(connect().Barrier(root + "/one").wait(0.3), False)
    passed = threading.Event()
    thread = threading.Thread(target=lambda: connect().Barrier(root + "/one").wait(30) and passed.set())
    thread.start()
    time.sleep(0.2)
    same(passed.is_set(), False)
    same(barrier.remove(), True)
    same(passed.wait(20), True)
    thread.join()

    client.ensure_path(root)
    order = []

    def enter_and_leave(name):
        double = connect().DoubleBarrier(root + "/double", num_clients=3)
        double.enter()
        order.append("in " + name)
        double.leave()
        order.append("out " + name)

    threads = [threading.Thread(target=enter_and_leave, args=(name,)) for name in "ab"]
    for one in threads:
        one.start()
    time.sleep(0.3)
    same(order, [])
    enter_and_leave("c")
    for one in threads:
        one.join(30)
    same(sorted(order), ["in a", "in b", "in c", "out a", "out b", "out c"])


@check("queues")
def queues(client, root):
    plain = client.Queue(root + "/plain")
    for value, priority in ((b"second", 100), (b"third", 100), (b"first", 50)):
        plain.put(value, priority=priority)
    same(len(plain), 3)
    same([plain.get() for _ in range(4)], [b"first", b"second", b"third", None])
    locking = client.LockingQueue(root + "/locking")
    locking.put_all([b"1", b"2"])
    rival = connect().LockingQueue(root + "/locking")
    same(locking.get(timeout=20), b"1")
    same(rival.get(timeout=20), b"2")
    same(locking.consume(), True)
    same(rival.release(), True)
    same(locking.get(timeout=20), b"2")


@check("party")
def parties(client, root):
    members = [client.Party(root, "ann"), connect().Party(root, "bob")]
    for member in members:
        member.join()
    same(sorted(members[0]), ["ann", "bob"])
    shallow = connect().ShallowParty(root + "-shallow", "eve")
    shallow.join()
    same(list(shallow), ["eve"])
    members[1].leave()
    same((list(members[0]), len(members[0])), (["ann"], 1))


@check("counter")
def counters(client, root):
    counter = client.Counter(root, default=5)
    problems = []

    def add():
        try:
            mine = connect().Counter(root, default=5)
            for _ in range(10):
                mine += 2
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=add) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    same((problems, counter.value), ([], 65))
    floats = client.Counter(root + "-float", default=1.0)
    floats -= 0.5
    same(floats.value, 0.5)


@check("data and children watches")
def kept_watches(client, root):
    data, names = queue.Queue(), queue.Queue()
    client.DataWatch(root, lambda value, stat: data.put((value, stat and stat.version)))
    same(data.get(timeout=20), (None, None))
    client.create(root, b"1")
    same(data.get(timeout=20), (b"1", 0))
    client.set(root, b"2")
    same(data.get(timeout=20), (b"2", 1))
    client.ChildrenWatch(root, lambda children: names.put(sorted(children)))
    same(names.get(timeout=20), [])
    client.create(root + "/a")
    same(names.get(timeout=20), ["a"])
    client.create(root + "/b")
    same(names.get(timeout=20), ["a", "b"])
    client.delete(root, recursive=True)
    same(data.get(timeout=20), (None, None))


@check("tree cache")
def tree_cache(client, root):
    client.ensure_path(root + "/a")
    seen = queue.Queue()
    cache = TreeCache(connect(), root)
    cache.listen(lambda event: seen.put((event.event_type, event.event_data and event.event_data.path)))
    cache.start()
    expected = [(TreeEvent.NODE_ADDED, root), (TreeEvent.NODE_ADDED, root + "/a"), (TreeEvent.INITIALIZED, None)]
    same([seen.get(timeout=20) for _ in expected], expected)
    client.set(root + "/a", b"1")
    same(seen.get(timeout=20), (TreeEvent.NODE_UPDATED, root + "/a"))
    client.create(root + "/a/b")
    same(seen.get(timeout=20), (TreeEvent.NODE_ADDED, root + "/a/b"))
    client.delete(root + "/a/b")
    same(seen.get(timeout=20), (TreeEvent.NODE_REMOVED, root + "/a/b"))
    same(cache.get_data(root + "/a").data, b"1")
    cache.close()


@check("nothing is lost when the server is disturbed")
def disturbed(client, root):
    client.create(root)
    session = client.client_id[0]
    client.create(root + "/mine", ephemeral=True)
    made = []
    over = threading.Event()

    def create():
        while not over.is_set() or len(made) < 20:
            try:
                made.append(client.create(root + "/n-", sequence=True))
            except exceptions.ConnectionLoss:
                # Whether it was done, nobody says; a name that was told is not told again.
                time.sleep(0.1)

    thread = threading.Thread(target=create)
    thread.start()
    until("some are made", lambda: len(made) >= 5)
    ask("disturb")
    count = len(made)
    until("more are made", lambda: len(made) >= count + 20, within=60)
    over.set()
    thread.join()
    same(made, sorted(set(made)))
    children = set(client.retry(client.get_children, root))
    same([name for name in made if name.rpartition("/")[2] not in children], [])
    same(client.client_id[0], session)
    same(client.exists(root + "/mine").ephemeralOwner, session)
    client.retry(client.set, root + "/mine", b"1")
    same(client.get(root + "/mine")[1].version, 1)


@check("a cut connection keeps its session")
def reconnect(client, root):
    mine = connect()
    states, data = queue.Queue(), queue.Queue()
    session = mine.client_id[0]
    mine.create(root, b"1", ephemeral=True)
    mine.DataWatch(root, lambda value, _stat: data.put(value))
    same(data.get(timeout=20), b"1")
    mine.add_listener(states.put)
    cut()
    same(states.get(timeout=20), KazooState.SUSPENDED)
    same(states.get(timeout=20), KazooState.CONNECTED)
    same(mine.client_id[0], session)
    same(mine.retry(mine.exists, root).ephemeralOwner, session)
    client.retry(client.set, root, b"2")
    same(data.get(timeout=20), b"2")


@check("session expiry")
def expiry(client, root):
    client.create(root)
    mine = connect()
    session = mine.client_id[0]
    mine.create(root + "/owned", ephemeral=True)
    states = queue.Queue()
    mine.add_listener(states.put)
    # Another connection takes the session over and ends it; then the first one learns that it has expired.
    thief = KazooClient(hosts=hosts, client_id=mine.client_id, timeout=TIMEOUT)
    thief.start(timeout=30)
    same(thief.client_id[0], session)
    thief.stop()
    until("the ephemeral is gone", lambda: client.exists(root + "/owned") is None)
    seen = []
    until("expired", lambda: (seen.append(states.get(timeout=20)) or seen[-1] == KazooState.LOST))
    until("connected", lambda: states.get(timeout=20) == KazooState.CONNECTED)
    same(mine.client_id[0] != session, True)
    mine.create(root + "/owned", ephemeral=True)
    same(client.exists(root + "/owned").ephemeralOwner, mine.client_id[0])


@check("a silent client loses its session")
def silence(client, root):
    client.create(root)
    mine = KazooClient(hosts=hosts, timeout=4.0)
    mine.start(timeout=30)
    mine.create(root + "/owned", ephemeral=True)
    gone = threading.Event()
    client.exists(root + "/owned", watch=lambda event: event.type == EventType.DELETED and gone.set())
    # No request and no ping leaves any more, while the socket stays open.
    mine._connection._submit = lambda *args, **options: None
    mine._connection._send_ping = lambda *args, **options: None
    begun = time.monotonic()
    same(gone.wait(30), True)
    same(3.0 < time.monotonic() - begun < 20.0, True)
    mine._stopped.set()


def main():
    holds = True
    for number, (name, run) in enumerate(checks):
        try:
            run(connect(), "/kazoo-%d-%02d" % (os.getpid(), number))
            print("ok " + name, flush=True)
        except BaseException as error:
            holds = False
            print("FAILED %s: %s" % (name, error), flush=True)
            traceback.print_exc()
        for client in clients:
            client.stop()
            client.close()
        clients.clear()
    return 0 if holds else 1


# Threads of clients that were cut off in the middle need not be waited for.
os._exit(main())
