"""Tries the read-only mode of a ZooKeeper with kazoo. Prints `ok NAME` for each check that holds: see
test/support/zk-checks.ts.

    try_read_only.py DIRECTORY HOST:PORT

The directory is where kazoo is installed. At the first `-- disturb` the server loses what it needs for writing, at the
second one it gets it back. The checks rest on each other.
"""

import os
import sys
import time
import traceback

directory, hosts = sys.argv[1:]
sys.path.insert(0, directory)

from kazoo import exceptions  # noqa: E402
from kazoo.client import KazooClient  # noqa: E402
from kazoo.protocol.states import KeeperState  # noqa: E402

TIMEOUT = 20.0
checks = []


def check(name):
    def add(run):
        checks.append((name, run))
        return run

    return add


def same(seen, expected):
    if seen != expected:
        raise AssertionError("%r instead of %r" % (seen, expected))


def raises(error, run, *args, **options):
    try:
        result = run(*args, **options)
    except error:
        return
    raise AssertionError("%s and not %s" % (result, error.__name__))


def until_state(client, state, within=30.0):
    deadline = time.monotonic() + within
    while client.client_state != state:
        if time.monotonic() > deadline:
            raise AssertionError("%s, and not %s within %s s" % (client.client_state, state, within))
        time.sleep(0.02)


def disturb():
    print("-- disturb", flush=True)
    if not sys.stdin.readline():
        raise AssertionError("nobody listens")


owner = KazooClient(hosts=hosts, timeout=TIMEOUT, read_only=True)
reader = KazooClient(hosts=hosts, timeout=TIMEOUT, read_only=True)
owners_session = None


@check("connected to write")
def writing():
    global owners_session
    owner.start(timeout=30)
    same(owner.client_state, KeeperState.CONNECTED)
    owners_session = owner.client_id[0]
    owner.create("/read", b"before")
    owner.create("/never-read", b"as it was")
    owner.create("/own", ephemeral=True)
    same(owner.get("/read")[0], b"before")
    disturb()


@check("connected to read")
def read_only():
    reader.start(timeout=30)
    same(reader.client_state, KeeperState.CONNECTED_RO)
    same(reader.get("/read")[0], b"before")
    same(sorted(reader.get_children("/")), ["never-read", "own", "read", "zookeeper"])
    same(reader.exists("/own").ephemeralOwner, owners_session)
    raises(exceptions.NotReadOnlyCallError, reader.set, "/read", b"during")
    raises(exceptions.NotReadOnlyCallError, reader.create, "/new")
    raises(exceptions.NotReadOnlyCallError, reader.delete, "/read")
    raises(exceptions.NotReadOnlyCallError, reader.sync, "/read")
    same(reader.client_state, KeeperState.CONNECTED_RO)


@check("what was never read is read")
def unread():
    same(reader.get("/never-read")[0], b"as it was")


@check("writing again")
def writing_again():
    disturb()
    until_state(owner, KeeperState.CONNECTED)
    same(owner.client_id[0], owners_session)
    same(owner.exists("/own").ephemeralOwner, owners_session)
    until_state(reader, KeeperState.CONNECTED)
    reader.set("/read", b"after")
    owner.sync("/read")
    same(owner.get("/read")[0], b"after")


def main():
    holds = True
    for name, run in checks:
        try:
            run()
            print("ok " + name, flush=True)
        except BaseException as error:
            holds = False
            print("FAILED %s: %r" % (name, error), flush=True)
            traceback.print_exc()
    return 0 if holds else 1


# Threads of clients that were cut off in the middle need not be waited for.
os._exit(main())
