package main

import (
	"context"
	"fmt"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
)

// restart asks whoever runs it to kill the server and to start it again on its data, by a line on each side. A watch, a
// session and a held lock must get over it, and nothing that was acknowledged may be lost.
func restart(t *trial) {
	base := t.revision()
	session := t.session(t.client, 15)
	mutex := concurrency.NewMutex(session, "restart/lock")
	t.must(mutex.Lock(t.ctx))
	watched := t.client.Watch(t.ctx, "restart/n", clientv3.WithRev(base+1))

	const writes = 40
	acknowledged := make(chan int64, writes)
	go func() {
		for i := range writes {
			for {
				// A put whose answer was lost may be there twice; what counts is that an acknowledged one is there.
				response, err := t.client.Put(t.ctx, "restart/n", fmt.Sprint(i))
				if err == nil {
					acknowledged <- response.Header.Revision
					break
				}
				time.Sleep(20 * time.Millisecond)
			}
			time.Sleep(10 * time.Millisecond)
		}
		close(acknowledged)
	}()
	for range 10 {
		<-acknowledged
	}
	fmt.Println("-- restart")
	line, err := t.stdin.ReadString('\n')
	t.must(err)
	t.check(line == "restarted\n", "not restarted: %q", line)

	last := int64(0)
	for revision := range acknowledged {
		t.check(revision > last, "the revision went back from %d to %d", last, revision)
		last = revision
	}
	pair := t.get("restart/n").Kvs[0]
	t.say("the last value: %s", pair.Value)

	next, seen := 0, int64(0)
	for seen < last {
		response := within(t, "an event", watched)
		t.must(response.Err())
		for _, event := range response.Events {
			t.check(event.Kv.ModRevision > seen, "revision %d came after %d", event.Kv.ModRevision, seen)
			seen = event.Kv.ModRevision
			value := string(event.Kv.Value)
			switch value {
			case fmt.Sprint(next):
				next++
			case fmt.Sprint(next - 1): // the put whose answer was lost
			default:
				t.fail("value %s came, not %d", value, next)
			}
		}
	}
	t.say("the watch saw %d values in order", next)

	owner, err := t.client.Txn(t.ctx).If(mutex.IsOwner()).Commit()
	t.must(err)
	t.say("the lock is still held: %v", owner.Succeeded)
	select {
	case <-session.Done():
		t.fail("the session ended")
	default:
	}
	ctx, cancel := context.WithTimeout(t.ctx, 10*time.Second)
	defer cancel()
	once, err := t.client.KeepAliveOnce(ctx, session.Lease())
	t.must(err)
	t.say("the lease lives, for %d s", once.TTL)
	t.must(mutex.Unlock(t.ctx))
	t.must(session.Close())
}
