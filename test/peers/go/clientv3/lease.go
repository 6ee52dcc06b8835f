package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
)

func lease(t *trial) {
	granted, err := t.client.Grant(t.ctx, 30)
	t.must(err)
	other, err := t.client.Grant(t.ctx, 9)
	t.must(err)
	t.say("granted %d s and %d s, different ids %v", granted.TTL, other.TTL, granted.ID != other.ID)
	base := t.put("lease/a", "1", clientv3.WithLease(granted.ID)) - 1
	t.put("lease/b", "1", clientv3.WithLease(granted.ID))
	t.put("lease/b", "2", clientv3.WithIgnoreLease())
	t.put("lease/c", "1", clientv3.WithLease(granted.ID))
	t.put("lease/c", "2", clientv3.WithLease(other.ID))
	t.put("lease/d", "1", clientv3.WithLease(granted.ID))
	t.put("lease/d", "2")

	for _, one := range []clientv3.LeaseID{granted.ID, other.ID, 4242} {
		left, err := t.client.TimeToLive(t.ctx, one, clientv3.WithAttachedKeys())
		t.must(err)
		keys := make([]string, len(left.Keys))
		for i, key := range left.Keys {
			keys[i] = string(key)
		}
		slices.Sort(keys)
		t.say("granted %d, about %d left, keys %v", left.GrantedTTL, (left.TTL+5)/10*10, keys)
	}
	list, err := t.client.Leases(t.ctx)
	t.must(err)
	t.say("listed: %v", slices.ContainsFunc(list.Leases, func(one clientv3.LeaseStatus) bool { return one.ID == granted.ID }))

	once, err := t.client.KeepAliveOnce(t.ctx, granted.ID)
	t.must(err)
	t.say("kept alive once: %d s", once.TTL)
	ctx, cancel := context.WithCancel(t.ctx)
	channel, err := t.client.KeepAlive(ctx, granted.ID)
	t.must(err)
	second, err := t.client.KeepAlive(t.ctx, other.ID)
	t.must(err)
	t.say("kept alive: %d s, %d s", within(t, "keep-alive", channel).TTL, within(t, "keep-alive", second).TTL)
	cancel()
	closed(t, "a keep-alive whose context ended", channel)

	watched := t.client.Watch(t.ctx, "lease/", clientv3.WithPrefix(), clientv3.WithPrevKV(), clientv3.WithRev(base+8))
	revoked, err := t.client.Revoke(t.ctx, granted.ID)
	t.must(err)
	t.say("revoked at +%d", revoked.Header.Revision-base)
	for _, event := range events(t, base, watched, 2) {
		t.say("  %s", event)
	}
	t.say("left: %s", describe(base, t.get("lease/", clientv3.WithPrefix()).Kvs))
	t.must(revoke(t, other.ID))
	closed(t, "the keep-alive of a revoked lease", second)
	t.say("left: %s", describe(base, t.get("lease/", clientv3.WithPrefix()).Kvs))
	_, err = t.client.KeepAliveOnce(t.ctx, granted.ID)
	t.check(errors.Is(err, rpctypes.ErrLeaseNotFound), "keep-alive of a revoked lease: %v", err)

	chosen, err := clientv3.RetryLeaseClient(t.client).LeaseGrant(t.ctx, leaseGrant(0x7eadbeef))
	t.must(err)
	t.say("chosen id: %x, %d s", chosen.ID, chosen.TTL)
	t.must(revoke(t, clientv3.LeaseID(chosen.ID)))
}

func leaseExpiry(t *trial) {
	started := time.Now()
	granted, err := t.client.Grant(t.ctx, 1)
	t.must(err)
	t.say("asked for 1 s, got %d", granted.TTL)
	base := t.revision()
	for i := range 3 {
		t.put(fmt.Sprintf("expiry/%d", i), "v", clientv3.WithLease(granted.ID))
	}
	watched := t.client.Watch(t.ctx, "expiry/", clientv3.WithPrefix(), clientv3.WithRev(base+4))
	for _, event := range events(t, base, watched, 3) {
		t.say("  %s", event)
	}
	took := time.Since(started)
	t.check(took >= time.Duration(granted.TTL)*time.Second, "expired early, after %v", took)
	t.check(took < 8*time.Second, "expired late, after %v", took)
	left, err := t.client.TimeToLive(t.ctx, granted.ID)
	t.must(err)
	t.say("time left of an expired lease: %d", left.TTL)

	// Keep-alives hold a lease beyond its first life.
	kept, err := t.client.Grant(t.ctx, 2)
	t.must(err)
	t.put("expiry/kept", "v", clientv3.WithLease(kept.ID))
	ctx, cancel := context.WithCancel(t.ctx)
	channel, err := t.client.KeepAlive(ctx, kept.ID)
	t.must(err)
	go func() {
		for range channel {
		}
	}()
	time.Sleep(5 * time.Second)
	t.say("kept: %d", t.get("expiry/kept").Count)
	cancel()
	gone := t.client.Watch(t.ctx, "expiry/kept", clientv3.WithRev(t.revision()+1))
	events(t, base, gone, 1)
	t.say("then let go: %d", t.get("expiry/kept").Count)
}
