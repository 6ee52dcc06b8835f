package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// events reads from a watch until it has seen so many events.
func events(t *trial, base int64, channel clientv3.WatchChan, count int) []string {
	var seen []string
	for len(seen) < count {
		response := within(t, fmt.Sprintf("event %d of %d", len(seen)+1, count), channel)
		t.must(response.Err())
		for _, event := range response.Events {
			previous := "-"
			if event.PrevKv != nil {
				previous = string(event.PrevKv.Value)
			}
			seen = append(seen, fmt.Sprintf("%s %s=%s +%d (version %d, previous %s, created %v)", event.Type, event.Kv.Key,
				event.Kv.Value, event.Kv.ModRevision-base, event.Kv.Version, previous, event.IsCreate()))
		}
	}
	return seen
}

func watch(t *trial) {
	base := t.revision()
	ctx, cancel := context.WithCancel(clientv3.WithRequireLeader(t.ctx))
	channel := t.client.Watch(ctx, "w/", clientv3.WithPrefix(), clientv3.WithPrevKV(), clientv3.WithCreatedNotify())
	created := within(t, "creation", channel)
	t.say("created %v at +%d", created.Created, created.Header.Revision-base)

	puts := t.client.Watch(t.ctx, "w/", clientv3.WithPrefix(), clientv3.WithFilterDelete(), clientv3.WithCreatedNotify())
	within(t, "creation", puts)
	deletes := t.client.Watch(t.ctx, "w/", clientv3.WithPrefix(), clientv3.WithFilterPut(), clientv3.WithCreatedNotify())
	within(t, "creation", deletes)

	t.put("w/a", "1")
	t.put("w/a", "2")
	t.put("outside", "0")
	_, err := t.client.Txn(t.ctx).Then(clientv3.OpPut("w/b", "1"), clientv3.OpPut("w/c", "1"), clientv3.OpDelete("w/a")).Commit()
	t.must(err)
	for _, event := range events(t, base, channel, 5) {
		t.say("all: %s", event)
	}
	for _, event := range events(t, base, puts, 4) {
		t.say("puts: %s", event)
	}
	for _, event := range events(t, base, deletes, 1) {
		t.say("deletes: %s", event)
	}

	// The three watch one stream at most two: a request for progress answers for all of the stream's watchers.
	t.must(t.client.RequestProgress(t.ctx))
	progress := within(t, "progress", puts)
	t.say("progress: %v, +%d, %d events", progress.IsProgressNotify(), progress.Header.Revision-base, len(progress.Events))

	cancel()
	closed(t, "a watch whose context ended", channel)
	t.put("w/a", "3")
	t.say("the others go on: %v", events(t, base, puts, 1))

	future := t.client.Watch(t.ctx, "w/a", clientv3.WithRev(t.revision()+2))
	t.put("w/a", "too early")
	t.put("w/a", "in time")
	t.say("future: %v", events(t, base, future, 1))
}

func watchPast(t *trial) {
	base := t.revision()
	for i := range 300 {
		t.put(fmt.Sprintf("past/%d", i%7), fmt.Sprint(i))
	}
	_, err := t.client.Delete(t.ctx, "past/", clientv3.WithPrefix())
	t.must(err)
	t.put("past/0", "after")
	seen := events(t, base, t.client.Watch(t.ctx, "past/", clientv3.WithPrefix(), clientv3.WithRev(base+1), clientv3.WithPrevKV()), 308)
	t.say("%d events", len(seen))
	for i := 0; i < len(seen); i += 37 {
		t.say("%d: %s", i, seen[i])
	}
	t.say("last: %s", seen[len(seen)-1])
	one := events(t, base, t.client.Watch(t.ctx, "past/3", clientv3.WithRev(base+290)), 3)
	t.say("one key: %v", one)
}

func watchFragments(t *trial) {
	base := t.revision()
	const size = 600_000
	for round := range 3 {
		_, err := t.client.Txn(t.ctx).Then(
			clientv3.OpPut("fragment/1", strings.Repeat(fmt.Sprint(round), size)),
			clientv3.OpPut("fragment/2", strings.Repeat(fmt.Sprint(round), size)),
		).Commit()
		t.must(err)
	}
	for _, options := range [][]clientv3.OpOption{
		{clientv3.WithPrefix(), clientv3.WithRev(base + 1), clientv3.WithFragment()},
		{clientv3.WithPrefix(), clientv3.WithRev(base + 1), clientv3.WithFragment(), clientv3.WithPrevKV()},
		{clientv3.WithPrefix(), clientv3.WithRev(base + 1)},
	} {
		ctx, cancel := context.WithCancel(t.ctx)
		channel := t.client.Watch(ctx, "fragment/", options...)
		count, bytes, previous := 0, 0, 0
		for count < 6 {
			response := within(t, "events", channel)
			t.must(response.Err())
			for _, event := range response.Events {
				count++
				bytes += len(event.Kv.Value)
				if event.PrevKv != nil {
					previous += len(event.PrevKv.Value)
				}
			}
		}
		cancel()
		t.say("%d events, %d bytes, %d bytes before", count, bytes, previous)
	}
	_, err := t.client.Delete(t.ctx, "fragment/", clientv3.WithPrefix())
	t.must(err)
}

func watchCompacted(t *trial) {
	base := t.revision()
	for i := range 5 {
		t.put("compacted", fmt.Sprint(i))
	}
	_, err := t.client.Compact(t.ctx, base+4, clientv3.WithCompactPhysical())
	t.must(err)
	channel := t.client.Watch(t.ctx, "compacted", clientv3.WithRev(base+2))
	response := within(t, "the refusal", channel)
	t.say("canceled %v, compact revision +%d, %s", response.Canceled, response.CompactRevision-base, describeError(response.Err()))
	t.check(errors.Is(response.Err(), rpctypes.ErrCompacted), "not ErrCompacted: %v", response.Err())
	closed(t, "a refused watch", channel)
	t.say("from the mark: %v", events(t, base, t.client.Watch(t.ctx, "compacted", clientv3.WithRev(base+4)), 2))
	hashed, err := t.client.HashKV(t.ctx, t.endpoint, 0)
	t.must(err)
	t.say("hash speaks of compaction +%d", hashed.CompactRevision-base)
}

func manyWatchers(t *trial) {
	const watchers = 500
	base := t.revision()
	var created, ended sync.WaitGroup
	ctx, cancel := context.WithCancel(t.ctx)
	defer cancel()
	counts := make([]int, watchers)
	for i := range watchers {
		created.Add(1)
		ended.Add(1)
		// Every second one looks at all keys.
		key, options := fmt.Sprintf("many/%03d", i), []clientv3.OpOption{clientv3.WithCreatedNotify()}
		wanted := 2
		if i%2 == 1 {
			key, options, wanted = "many/", append(options, clientv3.WithPrefix()), 12
		}
		go func() {
			defer ended.Done()
			channel := t.client.Watch(ctx, key, options...)
			<-channel
			created.Done()
			for response := range channel {
				counts[i] += len(response.Events)
				if counts[i] >= wanted {
					return
				}
			}
		}()
	}
	created.Wait()
	for i := range 6 {
		for range 2 {
			t.put(fmt.Sprintf("many/%03d", i*2), "v")
		}
	}
	// Those that watch a key that nobody writes wait until the end.
	expectedDone := make(chan struct{})
	go func() { ended.Wait(); close(expectedDone) }()
	complete := func() bool {
		for i, count := range counts {
			if (i%2 == 1 && count != 12) || (i%2 == 0 && i < 12 && count != 2) {
				return false
			}
		}
		return true
	}
	for waited := time.Duration(0); !complete() && waited < 10*time.Second; waited += 10 * time.Millisecond {
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	<-expectedDone
	total := 0
	for _, count := range counts {
		total += count
	}
	t.say("%d watchers saw %d events of %d writes", watchers, total, t.revision()-base)
}
