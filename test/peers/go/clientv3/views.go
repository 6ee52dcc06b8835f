package main

import (
	"context"
	"fmt"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/leasing"
	"go.etcd.io/etcd/client/v3/mirror"
	"go.etcd.io/etcd/client/v3/namespace"
	"go.etcd.io/etcd/client/v3/naming/endpoints"
	"go.etcd.io/etcd/client/v3/ordering"
)

// leasingKV caches keys under leases: two caches must hand a key's ownership to each other.
func leasingKV(t *trial) {
	one, closeOne, err := leasing.NewKV(t.client, "leasing/")
	t.must(err)
	defer closeOne()
	two, closeTwo, err := leasing.NewKV(t.client, "leasing/")
	t.must(err)
	defer closeTwo()
	for round := range 4 {
		writer, reader := one, two
		if round%2 == 1 {
			writer, reader = two, one
		}
		_, err = writer.Put(t.ctx, "cached", fmt.Sprint(round))
		t.must(err)
		for _, cache := range []clientv3.KV{writer, reader, reader} {
			read, err := cache.Get(t.ctx, "cached")
			t.must(err)
			t.check(len(read.Kvs) == 1 && string(read.Kvs[0].Value) == fmt.Sprint(round), "stale in round %d", round)
		}
	}
	response, err := two.Txn(t.ctx).
		If(clientv3.Compare(clientv3.Value("cached"), "=", "3")).
		Then(clientv3.OpPut("cached", "by txn")).
		Commit()
	t.must(err)
	read, err := one.Get(t.ctx, "cached")
	t.must(err)
	t.say("txn %v, then read %s", response.Succeeded, read.Kvs[0].Value)
	deleted, err := one.Delete(t.ctx, "cached")
	t.must(err)
	t.say("deleted %d", deleted.Deleted)
}

func namespaces(t *trial) {
	base := t.revision()
	store, watcher := namespace.NewKV(t.client, "space/"), namespace.NewWatcher(t.client, "space/")
	leases := namespace.NewLease(t.client, "space/")
	watched := watcher.Watch(t.ctx, "", clientv3.WithPrefix(), clientv3.WithRev(base+1))
	granted, err := leases.Grant(t.ctx, 50)
	t.must(err)
	_, err = store.Put(t.ctx, "inner", "1", clientv3.WithLease(granted.ID))
	t.must(err)
	t.put("inner", "outside")
	_, err = store.Put(t.ctx, "inner", "2", clientv3.WithLease(granted.ID))
	t.must(err)
	read, err := store.Get(t.ctx, "\x00", clientv3.WithFromKey())
	t.must(err)
	t.say("inside: %s", describe(base, read.Kvs))
	t.say("outside: %s", describe(base, t.get("space/", clientv3.WithPrefix()).Kvs))
	t.say("seen: %v", events(t, base, watched, 2))
	left, err := leases.TimeToLive(t.ctx, granted.ID, clientv3.WithAttachedKeys())
	t.must(err)
	t.say("attached: %s", left.Keys)
	response, err := store.Txn(t.ctx).
		If(clientv3.Compare(clientv3.Version("inner"), "=", 2)).
		Then(clientv3.OpDelete("inner", clientv3.WithPrevKV())).
		Commit()
	t.must(err)
	t.say("txn %v: %s", response.Succeeded, describeOp(base, response.Responses[0]))
	t.must(revoke(t, granted.ID))
}

// orderingKV refuses answers older than what this client has seen.
func orderingKV(t *trial) {
	store := ordering.NewKV(t.client, func(clientv3.Op, clientv3.OpResponse, int64) error {
		return fmt.Errorf("an older answer came")
	})
	for i := range 20 {
		_, err := t.client.Put(t.ctx, "ordered", fmt.Sprint(i))
		t.must(err)
		read, err := store.Get(t.ctx, "ordered")
		t.must(err)
		t.check(string(read.Kvs[0].Value) == fmt.Sprint(i), "stale")
		read, err = store.Get(t.ctx, "ordered", clientv3.WithSerializable())
		t.must(err)
		t.check(string(read.Kvs[0].Value) == fmt.Sprint(i), "a serializable read of the only member is stale")
	}
	_, err := store.Txn(t.ctx).Then(clientv3.OpGet("ordered")).Commit()
	t.must(err)
	t.say("no answer was older than one before")
}

func mirrorSync(t *trial) {
	const keys = 2500 // more than two of the syncer's pages
	for first := 0; first < keys; first += 100 {
		operations := make([]clientv3.Op, 100)
		for i := range operations {
			operations[i] = clientv3.OpPut(fmt.Sprintf("mirror/%05d", first+i), "v")
		}
		_, err := t.client.Txn(t.ctx).Then(operations...).Commit()
		t.must(err)
	}
	ctx, cancel := context.WithCancel(t.ctx)
	syncer := mirror.NewSyncer(t.client, "mirror/", 0)
	pages, failures := syncer.SyncBase(ctx)
	count := 0
	for page := range pages {
		count += len(page.Kvs)
	}
	for err := range failures {
		t.must(err)
	}
	t.say("copied %d", count)
	updates := syncer.SyncUpdates(ctx)
	base := t.revision()
	t.put("mirror/00007", "changed")
	t.say("then %v", events(t, base, updates, 1))
	cancel()
	closed(t, "updates", updates)
	deleted, err := t.client.Delete(t.ctx, "mirror/", clientv3.WithPrefix())
	t.must(err)
	t.say("deleted %d", deleted.Deleted)
}

func naming(t *trial) {
	manager, err := endpoints.NewManager(t.client, "service")
	t.must(err)
	updates, err := manager.NewWatchChannel(t.ctx)
	t.must(err)
	granted, err := t.client.Grant(t.ctx, 30)
	t.must(err)
	t.must(manager.AddEndpoint(t.ctx, "service/one", endpoints.Endpoint{Addr: "10.0.0.1:80"}, clientv3.WithLease(granted.ID)))
	t.must(manager.AddEndpoint(t.ctx, "service/two", endpoints.Endpoint{Addr: "10.0.0.2:80"}))
	list, err := manager.List(t.ctx)
	t.must(err)
	for _, key := range sortedKeys(list) {
		t.say("%s at %s", key, list[key].Addr)
	}
	t.must(revoke(t, granted.ID))
	removed := false
	for deadline := time.Now().Add(10 * time.Second); !removed && time.Now().Before(deadline); {
		for _, update := range within(t, "an update", updates) {
			removed = removed || (update.Op == endpoints.Delete && update.Key == "service/one")
		}
	}
	t.say("the leased one was removed: %v", removed)
}
