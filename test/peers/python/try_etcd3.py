"""Tries a server with python-etcd3. Prints what it saw, in sections: see test/support/tellings.ts.

usage: try_etcd3.py HOST PORT
"""

import hashlib
import io
import os
import sys
import threading
import time
import traceback

import etcd3
import etcd3.exceptions
import grpc

client = etcd3.client(host=sys.argv[1], port=int(sys.argv[2]), timeout=10)


def say(*words):
    print(*words, flush=True)


def check(holds, text):
    if not holds:
        raise AssertionError(text)


def revision():
    return client.get_response("no such key").header.revision


def failure(call):
    """What a caller of python-etcd3 sees of an error: its class, and gRPC's words if there are any."""
    try:
        call()
    except grpc.RpcError as error:
        return "%s %s" % (error.code().name, error.details())
    except etcd3.exceptions.Etcd3Exception as error:
        return "%s %s" % (type(error).__name__, error)
    return "no error"


def kv():
    base = revision()
    for key, value in [("a", "1"), ("b", "2"), ("a", "3"), ("a/1", b"\x00\xff"), ("c", "")]:
        response = client.put("kv/" + key, value, prev_kv=True)
        say("put", key, response.header.revision - base, response.prev_kv.value)
    value, meta = client.get("kv/a")
    say(value, meta.key, meta.version, meta.create_revision - base, meta.mod_revision - base, meta.lease_id)
    say("nothing:", client.get("kv/no"))
    say("serializable:", client.get("kv/b", serializable=True)[0])
    say("prefix:", [(meta.key, value) for value, meta in client.get_prefix("kv/", sort_order="descend", sort_target="key")])
    say("by mod:", [meta.key for _, meta in client.get_prefix("kv/", sort_order="descend", sort_target="mod")])
    say("keys only:", [(meta.key, value) for value, meta in client.get_prefix("kv/a", keys_only=True)])
    say("range:", [meta.key for _, meta in client.get_range("kv/a", "kv/b")])
    say("all:", client.get_all_response(keys_only=True).count)
    say("new:", client.put_if_not_exists("kv/new", "n"), client.put_if_not_exists("kv/new", "again"))
    say("replace:", client.replace("kv/new", "n", "m"), client.replace("kv/new", "n", "never"), client.get("kv/new")[0])
    deleted = client.delete("kv/a", prev_kv=True, return_response=True)
    say("deleted:", deleted.deleted, deleted.prev_kvs[0].value, client.delete("kv/a"), client.delete("kv/c"))
    say("prefix deleted:", client.delete_prefix("kv/").deleted)
    say("empty key:", failure(lambda: client.put("", "v")))


def transactions():
    tx = client.transactions
    base = revision()
    client.put("tx/a", "1")
    for name, compare in [
        ("value", tx.value("tx/a") == "1"),
        ("value differs", tx.value("tx/a") != "1"),
        ("version", tx.version("tx/a") > 0),
        ("create", tx.create("tx/a") == base + 1),
        ("mod", tx.mod("tx/a") < base + 1),
        ("absent", tx.version("tx/no") == 0),
    ]:
        say(name, client.transaction(compare=[compare], success=[], failure=[])[0])
    done, answers = client.transaction(
        compare=[tx.value("tx/a") == "1", tx.version("tx/b") == 0],
        success=[
            tx.put("tx/a", "2"),
            tx.put("tx/b", "2"),
            tx.get("tx/a"),
            tx.txn(compare=[tx.value("tx/b") == "2"], success=[tx.put("tx/c", "inner")], failure=[tx.get("tx/a")]),
            tx.delete("tx/d"),
        ],
        failure=[tx.get("tx/a")],
    )
    say(done, len(answers), [(value, meta.mod_revision - base) for value, meta in answers[2]])
    say("after:", [(meta.key, value) for value, meta in client.get_prefix("tx/")], revision() - base)
    twice = [tx.put("tx/a", "x"), tx.put("tx/a", "y")]
    say("twice:", failure(lambda: client.transaction(compare=[], success=twice, failure=[])))


def watches():
    base = revision()
    events, cancel = client.watch_prefix("w/", prev_kv=True)
    once = []
    waiter = threading.Thread(target=lambda: once.append(client.watch_once("w/once", timeout=10)))
    waiter.start()
    time.sleep(0.3)
    client.put("w/a", "1")
    client.put("w/a", "2")
    client.delete("w/a")
    client.put("w/once", "x")
    for _, event in zip(range(4), events):
        say(type(event).__name__, event.key, event.value, event.mod_revision - base, event.prev_value)
    cancel()
    client.put("w/a", "unseen")
    say("after the cancel:", list(events))
    waiter.join(10)
    say("once:", once[0].key, once[0].value)

    past, cancel = client.watch_prefix("w/", start_revision=base + 1)
    say("past:", [(type(event).__name__, event.mod_revision - base) for _, event in zip(range(5), past)])
    cancel()
    say("timeout:", failure(lambda: client.watch_once("w/silence", timeout=0.3)))

    seen, many = threading.Event(), []

    def count(response):
        many.extend(response.events)
        if len(many) >= 300:
            seen.set()

    ids = [client.add_watch_callback("w/many", count) for _ in range(30)]
    for i in range(10):
        client.put("w/many", str(i))
    check(seen.wait(10), "only %d events of 300" % len(many))
    for watch_id in ids:
        client.cancel_watch(watch_id)
    say("30 callbacks:", len(many), len(set(ids)))

    client.compact(revision(), physical=True)
    refused, cancel = client.watch("w/a", start_revision=base + 1)
    say("compacted:", failure(lambda: next(refused)))
    say("compacted get:", failure(lambda: client.compact(1)))


def leases():
    lease = client.lease(20)
    say("granted", lease.ttl, lease.granted_ttl, 15 <= lease.remaining_ttl <= 20)
    client.put("lease/a", "1", lease=lease)
    client.put("lease/b", "1", lease=lease)
    say(sorted(lease.keys), client.get("lease/a")[1].lease_id == lease.id)
    say("refreshed:", [answer.TTL for answer in lease.refresh()])
    lease.revoke()
    say("revoked:", client.get("lease/a")[0], lease.remaining_ttl)
    chosen = client.lease(10, lease_id=12345)
    say("chosen:", chosen.id, failure(lambda: client.lease(10, lease_id=12345)))
    chosen.revoke()
    say("again:", failure(chosen.revoke))
    say("refreshing nothing:", [answer.TTL for answer in chosen.refresh()])
    short = client.lease(1)
    client.put("lease/short", "1", lease=short)
    event = client.watch_once("lease/short", timeout=10)
    say("expired:", type(event).__name__, client.get("lease/short")[0])


def locks():
    entries, inside = [], []

    def work():
        other = etcd3.client(host=sys.argv[1], port=int(sys.argv[2]))
        for _ in range(3):
            lock = other.lock("shared", ttl=20)
            # The package waits by an interface that its tenacity has left behind, so it is asked not to wait.
            deadline = time.monotonic() + 30
            while not lock.acquire(timeout=0):
                check(time.monotonic() < deadline, "the lock was not given")
                time.sleep(0.01)
            inside.append(1)
            entries.append(len(inside))
            time.sleep(0.01)
            inside.pop()
            check(lock.release(), "the lock was lost")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    check(len(entries) == 12, "only %d of 12 entered" % len(entries))
    say("entered", len(entries), "most inside at once", max(entries))
    with client.lock("context", ttl=20) as lock:
        say("held:", lock.is_acquired(), [answer.TTL for answer in lock.refresh()])
        say("by another:", client.lock("context").acquire(timeout=0))
    say("released:", lock.is_acquired())


def cluster():
    status = client.status()
    members = list(client.members)
    say("version", status.version[:3], status.db_size > 0, status.raft_index > 0, status.raft_term)
    say(len(members), members[0].name, members[0].id == status.leader.id, len(members[0].peer_urls), len(members[0].client_urls))
    say("alarms:", list(client.list_alarms()), client.disarm_alarm())
    say("raised:", [alarm.alarm_type for alarm in client.create_alarm(members[0].id)])
    say("listed:", [alarm.member_id == members[0].id for alarm in members[0].active_alarms])
    say("full:", failure(lambda: client.put("full", "v")))
    say("disarmed:", [alarm.alarm_type for alarm in client.disarm_alarm(members[0].id)], list(client.list_alarms()))
    client.put("full", "no more")
    client.defragment()


def maintenance():
    say("a hash:", client.hash() > 0, client.hash() == client.hash())
    base = revision()
    client.put("big", "x" * 1000000)
    snapshot = io.BytesIO()
    client.snapshot(snapshot)
    data, digest = snapshot.getvalue()[:-32], snapshot.getvalue()[-32:]
    say("snapshot:", len(data) % 512, hashlib.sha256(data).digest() == digest, b"x" * 100000 in data)
    say("compaction:", client.compact(base + 1), failure(lambda: client.compact(base)), failure(lambda: client.compact(base + 99)))
    say("too large:", failure(lambda: client.put("big", "x" * 1600000)))


failed = False
for scenario in [kv, transactions, watches, leases, locks, cluster, maintenance]:
    say("==", scenario.__name__)
    try:
        scenario()
    except Exception:
        failed = True
        say("FAILED:", traceback.format_exc())
# The watcher's thread never ends, so Python is not waited for.
os._exit(1 if failed else 0)
