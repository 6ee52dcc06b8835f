"""Takes a lock with kazoo and holds it until its session is lost.

    hold_lock.py DIRECTORY HOST:PORT PATH

Says `waiting SESSION` once it stands for it, `held ZNODE` once it has it, `lost` once the session is gone.
"""

import sys
import threading

directory, hosts, path = sys.argv[1:]
sys.path.insert(0, directory)

from kazoo.client import KazooClient, KazooState  # noqa: E402


def say(*words):
    print(*words, flush=True)


over = threading.Event()


def told(state):
    if state == KazooState.LOST:
        say("lost")
        over.set()


client = KazooClient(hosts=hosts, timeout=30.0)
client.start(timeout=30)
client.add_listener(told)
say("waiting", "%x" % (client.client_id[0] & 0xFFFFFFFFFFFFFFFF))
lock = client.Lock(path, "kazoo")
lock.acquire()
say("held", path + "/" + lock.node)
over.wait()
client.stop()
