package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
	recipe "go.etcd.io/etcd/client/v3/experimental/recipes"
)

func (t *trial) session(client *clientv3.Client, ttl int) *concurrency.Session {
	session, err := concurrency.NewSession(client, concurrency.WithTTL(ttl))
	t.must(err)
	return session
}

func session(t *trial) {
	one := t.session(t.client, 5)
	left, err := t.client.TimeToLive(t.ctx, one.Lease())
	t.must(err)
	t.say("granted %d", left.GrantedTTL)
	t.must(one.Close())
	ended(t, "the end of a closed session", one.Done())
	left, err = t.client.TimeToLive(t.ctx, one.Lease())
	t.must(err)
	t.say("after close: %d", left.TTL)

	two := t.session(t.client, 5)
	t.must(revoke(t, two.Lease()))
	ended(t, "the end of a session whose lease was revoked", two.Done())

	granted, err := t.client.Grant(t.ctx, 20)
	t.must(err)
	three, err := concurrency.NewSession(t.client, concurrency.WithLease(granted.ID))
	t.must(err)
	three.Orphan()
	left, err = t.client.TimeToLive(t.ctx, granted.ID)
	t.must(err)
	t.say("an orphan's lease lives: %v", left.TTL > 0)
	t.must(revoke(t, granted.ID))
}

// ended waits for a channel that is closed instead of sent to.
func ended(t *trial, what string, channel <-chan struct{}) {
	select {
	case <-channel:
	case <-time.After(15 * time.Second):
		t.fail("%s: nothing within 15 s", what)
	}
}

func mutex(t *trial) {
	const contenders, rounds = 6, 5
	var inside, entries int
	var group sync.WaitGroup
	failures := make(chan error, contenders)
	for range contenders {
		group.Add(1)
		go func() {
			defer group.Done()
			client := t.dial()
			defer client.Close()
			session, err := concurrency.NewSession(client, concurrency.WithTTL(10))
			if err != nil {
				failures <- err
				return
			}
			defer session.Close()
			mutex := concurrency.NewMutex(session, "mutex")
			for range rounds {
				if err := mutex.Lock(t.ctx); err != nil {
					failures <- err
					return
				}
				// Unguarded on purpose: the lock on the server is the guard.
				inside++
				if inside != 1 {
					failures <- fmt.Errorf("%d inside", inside)
				}
				entries++
				time.Sleep(time.Millisecond)
				inside--
				if err := mutex.Unlock(t.ctx); err != nil {
					failures <- err
					return
				}
			}
		}()
	}
	group.Wait()
	close(failures)
	for err := range failures {
		t.fail("%v", err)
	}
	t.say("entered %d times, one at a time; keys left: %d", entries, t.get("mutex", clientv3.WithPrefix()).Count)

	first, second := t.session(t.client, 10), t.session(t.client, 10)
	holder, waiter := concurrency.NewMutex(first, "try"), concurrency.NewMutex(second, "try")
	t.must(holder.TryLock(t.ctx))
	err := waiter.TryLock(t.ctx)
	t.say("second try: %v", errors.Is(err, concurrency.ErrLocked))
	response, err := t.client.Txn(t.ctx).If(holder.IsOwner()).Then(clientv3.OpPut("guarded", "yes")).Commit()
	t.must(err)
	t.say("the owner's transaction: %v", response.Succeeded)

	locked := make(chan error, 1)
	go func() { locked <- waiter.Lock(t.ctx) }()
	time.Sleep(100 * time.Millisecond)
	t.check(len(locked) == 0, "the lock was given twice")
	// The holder's session ends without an unlock.
	t.must(first.Close())
	t.must(within(t, "the lock of an ended session", locked))
	response, err = t.client.Txn(t.ctx).If(holder.IsOwner()).Then(clientv3.OpPut("guarded", "no")).Commit()
	t.must(err)
	t.say("the late owner's transaction: %v", response.Succeeded)

	canceled, cancel := context.WithTimeout(t.ctx, 200*time.Millisecond)
	defer cancel()
	third := t.session(t.client, 10)
	t.say("a canceled wait: %v", concurrency.NewMutex(third, "try").Lock(canceled))
	t.must(waiter.Unlock(t.ctx))
	t.must(second.Close())
	t.must(third.Close())
	t.say("keys left: %d", t.get("try", clientv3.WithPrefix()).Count)
}

func election(t *trial) {
	first, second := t.session(t.client, 10), t.session(t.client, 10)
	one, two := concurrency.NewElection(first, "election"), concurrency.NewElection(second, "election")
	_, err := one.Leader(t.ctx)
	t.say("no leader: %v", errors.Is(err, concurrency.ErrElectionNoLeader))
	ctx, cancel := context.WithCancel(t.ctx)
	observed := two.Observe(ctx)

	t.must(one.Campaign(t.ctx, "one"))
	t.say("observed %s", within(t, "the first leader", observed).Kvs[0].Value)
	won := make(chan error, 1)
	go func() { won <- two.Campaign(t.ctx, "two") }()
	time.Sleep(100 * time.Millisecond)
	t.check(len(won) == 0, "two leaders")
	t.must(one.Proclaim(t.ctx, "one again"))
	t.say("observed %s", within(t, "the proclamation", observed).Kvs[0].Value)
	leader, err := two.Leader(t.ctx)
	t.must(err)
	t.say("leader %s", leader.Kvs[0].Value)
	t.must(one.Resign(t.ctx))
	t.must(within(t, "the second leader", won))
	t.say("observed %s", within(t, "the second leader", observed).Kvs[0].Value)
	t.say("proclaiming without office: %v", one.Proclaim(t.ctx, "usurper"))

	resumed := concurrency.ResumeElection(second, "election", two.Key(), two.Rev())
	t.must(resumed.Proclaim(t.ctx, "two resumed"))
	t.say("observed %s", within(t, "the resumed leader", observed).Kvs[0].Value)
	cancel()
	closed(t, "an observation whose context ended", observed)
	t.must(second.Close())
	_, err = one.Leader(t.ctx)
	t.say("no leader: %v", errors.Is(err, concurrency.ErrElectionNoLeader))
	t.must(first.Close())
}

func stm(t *trial) {
	const workers, rounds = 6, 10
	for _, level := range []struct {
		name      string
		isolation concurrency.Isolation
	}{
		{"serializable snapshot", concurrency.SerializableSnapshot},
		{"serializable", concurrency.Serializable},
		{"repeatable reads", concurrency.RepeatableReads},
	} {
		key := "stm/" + level.name
		var group sync.WaitGroup
		failures := make(chan error, workers*rounds)
		for worker := range workers {
			group.Add(1)
			go func() {
				defer group.Done()
				for range rounds {
					_, err := concurrency.NewSTM(t.client, func(stm concurrency.STM) error {
						count, _ := strconv.Atoi(stm.Get(key))
						stm.Put(key, strconv.Itoa(count+1))
						stm.Put(fmt.Sprintf("%s/%d", key, worker), strconv.Itoa(count))
						return nil
					}, concurrency.WithIsolation(level.isolation), concurrency.WithPrefetch(key))
					if err != nil {
						failures <- err
					}
				}
			}()
		}
		group.Wait()
		close(failures)
		for err := range failures {
			t.fail("%v", err)
		}
		pair := t.get(key).Kvs[0]
		t.say("%s: %s increments, version %d", level.name, pair.Value, pair.Version)
	}
	refused := errors.New("refused")
	_, err := concurrency.NewSTM(t.client, func(stm concurrency.STM) error {
		stm.Put("stm/never", "x")
		return refused
	})
	t.say("aborted: %v, keys %d", errors.Is(err, refused), t.get("stm/never").Count)
	response, err := concurrency.NewSTM(t.client, func(stm concurrency.STM) error {
		stm.Del("stm/serializable")
		return nil
	})
	t.must(err)
	t.say("deleted: %v, keys %d", response.Succeeded, t.get("stm/serializable").Count)
}

func recipes(t *trial) {
	queue := recipe.NewQueue(t.client, "queue")
	for _, value := range []string{"x", "y", "z"} {
		t.must(queue.Enqueue(value))
	}
	for range 3 {
		value, err := queue.Dequeue()
		t.must(err)
		t.say("dequeued %s", value)
	}
	late := make(chan string, 1)
	go func() {
		value, _ := queue.Dequeue()
		late <- value
	}()
	time.Sleep(50 * time.Millisecond)
	t.must(queue.Enqueue("late"))
	t.say("dequeued %s", within(t, "a late item", late))

	priorities := recipe.NewPriorityQueue(t.client, "priorities")
	for value, priority := range map[string]uint16{"low": 9, "high": 1, "middle": 5} {
		t.must(priorities.Enqueue(value, priority))
	}
	for range 3 {
		value, err := priorities.Dequeue()
		t.must(err)
		t.say("next %s", value)
	}

	barrier := recipe.NewBarrier(t.client, "barrier")
	t.must(barrier.Hold())
	passed := make(chan error, 1)
	go func() { passed <- recipe.NewBarrier(t.client, "barrier").Wait() }()
	time.Sleep(50 * time.Millisecond)
	t.check(len(passed) == 0, "the barrier did not hold")
	t.must(barrier.Release())
	t.must(within(t, "the barrier", passed))

	both := make(chan error, 2)
	for range 2 {
		session := t.session(t.client, 10)
		go func() {
			double := recipe.NewDoubleBarrier(session, "double", 2)
			err := double.Enter()
			if err == nil {
				err = double.Leave()
			}
			both <- err
		}()
	}
	t.must(within(t, "the double barrier", both))
	t.must(within(t, "the double barrier", both))

	readers, writer := t.session(t.client, 10), t.session(t.client, 10)
	shared, exclusive := recipe.NewRWMutex(readers, "rw"), recipe.NewRWMutex(writer, "rw")
	t.must(shared.RLock())
	wrote := make(chan error, 1)
	go func() { wrote <- exclusive.Lock() }()
	time.Sleep(50 * time.Millisecond)
	t.check(len(wrote) == 0, "written while read")
	t.must(shared.RUnlock())
	t.must(within(t, "the write lock", wrote))
	t.must(exclusive.Unlock())
	t.say("barriers and read-write locks hold")
}
