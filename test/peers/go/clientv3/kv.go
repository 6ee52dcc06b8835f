package main

import (
	"errors"
	"fmt"
	"strings"

	"go.etcd.io/etcd/api/v3/mvccpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc/codes"
)

func describe(base int64, pairs []*mvccpb.KeyValue) string {
	texts := make([]string, 0, len(pairs))
	for _, pair := range pairs {
		value := string(pair.Value)
		if len(value) > 40 {
			value = fmt.Sprintf("<%d bytes>", len(value))
		}
		texts = append(texts, fmt.Sprintf("%q=%q(create +%d, mod +%d, version %d)",
			pair.Key, value, pair.CreateRevision-base, pair.ModRevision-base, pair.Version))
	}
	return "[" + strings.Join(texts, " ") + "]"
}

func kv(t *trial) {
	base := t.revision()
	for _, key := range []string{"b", "a", "c", "a/1", "a/2", "b"} {
		response, err := t.client.Put(t.ctx, key, "value of "+key, clientv3.WithPrevKV())
		t.must(err)
		t.say("put %s: +%d, previous %v", key, response.Header.Revision-base, response.PrevKv != nil)
	}
	ranges := []struct {
		name    string
		key     string
		options []clientv3.OpOption
	}{
		{"one", "a", nil},
		{"none", "nothing", nil},
		{"prefix", "a", []clientv3.OpOption{clientv3.WithPrefix()}},
		{"from key", "a/2", []clientv3.OpOption{clientv3.WithFromKey()}},
		{"range", "a", []clientv3.OpOption{clientv3.WithRange("b")}},
		{"inverted range", "b", []clientv3.OpOption{clientv3.WithRange("a")}},
		{"all", "", []clientv3.OpOption{clientv3.WithPrefix()}},
		{"limit", "", []clientv3.OpOption{clientv3.WithPrefix(), clientv3.WithLimit(2)}},
		{"keys only", "", []clientv3.OpOption{clientv3.WithPrefix(), clientv3.WithKeysOnly()}},
		{"count only", "", []clientv3.OpOption{clientv3.WithPrefix(), clientv3.WithCountOnly()}},
		{"old revision", "b", []clientv3.OpOption{clientv3.WithRev(base + 2)}},
		{"serializable", "b", []clientv3.OpOption{clientv3.WithSerializable()}},
		{"by mod, descending", "", []clientv3.OpOption{clientv3.WithPrefix(),
			clientv3.WithSort(clientv3.SortByModRevision, clientv3.SortDescend)}},
		{"by create, one", "", clientv3.WithLastCreate()},
		{"by version", "", []clientv3.OpOption{clientv3.WithPrefix(),
			clientv3.WithSort(clientv3.SortByVersion, clientv3.SortDescend), clientv3.WithLimit(1)}},
		{"by value", "", []clientv3.OpOption{clientv3.WithPrefix(),
			clientv3.WithSort(clientv3.SortByValue, clientv3.SortAscend)}},
		{"first revision", "", clientv3.WithFirstRev()},
		{"mod revisions", "", []clientv3.OpOption{clientv3.WithPrefix(),
			clientv3.WithMinModRev(base + 3), clientv3.WithMaxModRev(base + 5)}},
		{"create revisions", "", []clientv3.OpOption{clientv3.WithPrefix(),
			clientv3.WithMinCreateRev(base + 2), clientv3.WithMaxCreateRev(base + 3)}},
	}
	for _, one := range ranges {
		r := t.get(one.key, one.options...)
		t.say("get %s: count %d, more %v, +%d %s", one.name, r.Count, r.More, r.Header.Revision-base, describe(base, r.Kvs))
	}
	_, err := t.client.Put(t.ctx, "b", "", clientv3.WithIgnoreValue())
	t.must(err)
	t.say("ignore value: %s", describe(base, t.get("b").Kvs))

	deleted, err := t.client.Delete(t.ctx, "a/", clientv3.WithPrefix(), clientv3.WithPrevKV())
	t.must(err)
	t.say("delete: %d, +%d %s", deleted.Deleted, deleted.Header.Revision-base, describe(base, deleted.PrevKvs))
	deleted, err = t.client.Delete(t.ctx, "a/", clientv3.WithPrefix())
	t.must(err)
	t.say("delete again: %d, +%d", deleted.Deleted, deleted.Header.Revision-base)
	t.put("a/1", "again")
	t.say("second life: %s", describe(base, t.get("a/1").Kvs))
}

func txn(t *trial) {
	base := t.revision()
	t.put("txn/a", "1")
	t.put("txn/a", "2")
	t.put("txn/b", "x")
	// An id of our choice, so that the store's hash is the same everywhere.
	const leaseID = 0x1ea5e
	_, err := clientv3.RetryLeaseClient(t.client).LeaseGrant(t.ctx, leaseGrant(leaseID))
	t.must(err)
	t.put("txn/leased", "l", clientv3.WithLease(leaseID))

	compares := map[string]clientv3.Cmp{
		"1 value =":            clientv3.Compare(clientv3.Value("txn/a"), "=", "2"),
		"2 value <":            clientv3.Compare(clientv3.Value("txn/a"), "<", "10"),
		"3 version >":          clientv3.Compare(clientv3.Version("txn/a"), ">", 1),
		"4 version of nothing": clientv3.Compare(clientv3.Version("txn/no"), "=", 0),
		"5 value of nothing":   clientv3.Compare(clientv3.Value("txn/no"), "!=", "x"),
		"6 create":             clientv3.Compare(clientv3.CreateRevision("txn/a"), "=", base+1),
		"7 mod !=":             clientv3.Compare(clientv3.ModRevision("txn/a"), "!=", base+1),
		"8 lease":              clientv3.Compare(clientv3.LeaseValue("txn/leased"), "=", leaseID),
		"9 no lease":           clientv3.Compare(clientv3.LeaseValue("txn/a"), "=", 0),
		"A range":              clientv3.Compare(clientv3.Version("txn/"), "<", 3).WithPrefix(),
		"B range, one differs": clientv3.Compare(clientv3.Version("txn/"), "<", 2).WithPrefix(),
		"C empty range":        clientv3.Compare(clientv3.Version("txn/none/"), ">", 7).WithPrefix(),
	}
	for _, name := range sortedKeys(compares) {
		response, err := t.client.Txn(t.ctx).If(compares[name]).Commit()
		t.must(err)
		t.say("%s: %v, +%d", name, response.Succeeded, response.Header.Revision-base)
	}

	nested := clientv3.OpTxn(
		[]clientv3.Cmp{clientv3.Compare(clientv3.Value("txn/a"), "=", "3")},
		[]clientv3.Op{clientv3.OpGet("txn/", clientv3.WithPrefix()), clientv3.OpDelete("txn/b", clientv3.WithPrevKV())},
		[]clientv3.Op{clientv3.OpPut("txn/else", "inner")},
	)
	response, err := t.client.Txn(t.ctx).
		If(clientv3.Compare(clientv3.Value("txn/b"), "=", "x"), clientv3.Compare(clientv3.Value("txn/a"), "=", "2")).
		Then(clientv3.OpPut("txn/a", "3", clientv3.WithPrevKV()), clientv3.OpPut("txn/c", "new"), nested, clientv3.OpGet("txn/b")).
		Else(clientv3.OpGet("txn/a")).
		Commit()
	t.must(err)
	t.say("nested: %v +%d", response.Succeeded, response.Header.Revision-base)
	for _, one := range response.Responses {
		t.say("  %s", describeOp(base, one))
	}
	t.say("after: %s", describe(base, t.get("txn/", clientv3.WithPrefix()).Kvs))

	response, err = t.client.Txn(t.ctx).
		If(clientv3.Compare(clientv3.Version("txn/a"), "=", 0)).
		Then(clientv3.OpPut("txn/a", "never")).
		Else(clientv3.OpGet("txn/a"), clientv3.OpPut("txn/else", "outer")).
		Commit()
	t.must(err)
	t.say("else: %v +%d", response.Succeeded, response.Header.Revision-base)

	many := make([]clientv3.Op, 128)
	for i := range many {
		many[i] = clientv3.OpPut(fmt.Sprintf("txn/many/%03d", i), "v")
	}
	response, err = t.client.Txn(t.ctx).Then(many...).Commit()
	t.must(err)
	t.say("128 operations: %d responses, +%d", len(response.Responses), response.Header.Revision-base)
	r := t.get("txn/many/", clientv3.WithPrefix(), clientv3.WithLimit(100))
	t.say("a page: %d of %d, more %v, last %s", len(r.Kvs), r.Count, r.More, describe(base, r.Kvs[99:]))
	t.must(revoke(t, leaseID))
}

func hash(t *trial) {
	t.put("hashed", "value")
	response, err := t.client.HashKV(t.ctx, t.endpoint, 0)
	t.must(err)
	t.say("hash of the whole store at %d: %d, compacted %d, hash revision %d",
		response.Header.Revision, response.Hash, response.CompactRevision, response.HashRevision)
	past, err := t.client.HashKV(t.ctx, t.endpoint, 5)
	t.must(err)
	t.say("hash at 5: %d", past.Hash)
}

// typedErrors holds what programs branch on: the value of the error, its gRPC code and its words.
func typedErrors(t *trial) {
	base := t.revision()
	rev := t.put("errors/a", "1")
	_, err := t.client.Compact(t.ctx, rev)
	t.must(err)
	granted, err := t.client.Grant(t.ctx, 100)
	t.must(err)
	t.say("compacted at +%d", rev-base)

	tooMany := make([]clientv3.Op, 129)
	for i := range tooMany {
		tooMany[i] = clientv3.OpGet(fmt.Sprint(i))
	}
	for _, one := range []struct {
		name string
		call func() error
	}{
		{"empty key", func() error { _, err := t.client.Put(t.ctx, "", "v"); return err }},
		{"get of an empty key", func() error { _, err := t.client.Get(t.ctx, ""); return err }},
		{"ignore value of nothing", func() error {
			_, err := t.client.Put(t.ctx, "errors/no", "", clientv3.WithIgnoreValue())
			return err
		}},
		{"compacted get", func() error { _, err := t.client.Get(t.ctx, "a", clientv3.WithRev(1)); return err }},
		{"future get", func() error { _, err := t.client.Get(t.ctx, "a", clientv3.WithRev(1<<40)); return err }},
		{"compacted compaction", func() error { _, err := t.client.Compact(t.ctx, 1); return err }},
		{"future compaction", func() error { _, err := t.client.Compact(t.ctx, 1<<40); return err }},
		{"duplicate key", func() error {
			_, err := t.client.Txn(t.ctx).Then(clientv3.OpPut("d", "1"), clientv3.OpPut("d", "2")).Commit()
			return err
		}},
		{"put within a deleted range", func() error {
			_, err := t.client.Txn(t.ctx).Then(clientv3.OpDelete("d", clientv3.WithPrefix()), clientv3.OpPut("d/1", "2")).Commit()
			return err
		}},
		{"too many operations", func() error { _, err := t.client.Txn(t.ctx).Then(tooMany...).Commit(); return err }},
		{"lease of a put", func() error {
			_, err := t.client.Put(t.ctx, "errors/a", "v", clientv3.WithLease(123))
			return err
		}},
		{"lease exists", func() error {
			_, err := clientv3.RetryLeaseClient(t.client).LeaseGrant(t.ctx, leaseGrant(int64(granted.ID)))
			return err
		}},
		{"lease too long", func() error { _, err := t.client.Grant(t.ctx, 9_000_000_001); return err }},
		{"revoke of nothing", func() error { return revoke(t, 123) }},
		{"keep-alive of nothing", func() error { _, err := t.client.KeepAliveOnce(t.ctx, 123); return err }},
		{"transfer to nobody", func() error { _, err := t.client.MoveLeader(t.ctx, 123); return err }},
		{"future hash", func() error { _, err := t.client.HashKV(t.ctx, t.endpoint, 1<<40); return err }},
		{"enabling of auth without root", func() error { _, err := t.client.AuthEnable(t.ctx); return err }},
		{"password where auth is off", func() error { _, err := t.client.Authenticate(t.ctx, "root", "x"); return err }},
		{"downgrade to nothing", func() error {
			_, err := t.client.Downgrade(t.ctx, clientv3.DowngradeValidate, "nonsense")
			return err
		}},
		{"cancel of no downgrade", func() error {
			_, err := t.client.Downgrade(t.ctx, clientv3.DowngradeCancel, "")
			return err
		}},
	} {
		t.say("%s: %s", one.name, describeError(one.call()))
	}
	t.must(revoke(t, granted.ID))
	t.say("no revision was made: %v", t.revision() == rev)
}

func describeError(err error) string {
	if err == nil {
		return "no error"
	}
	var typed rpctypes.EtcdError
	if errors.As(rpctypes.Error(err), &typed) {
		return fmt.Sprintf("typed %s %q", typed.Code(), typed.Error())
	}
	return fmt.Sprintf("untyped %q", err)
}

func largeValues(t *trial) {
	const limit = 1_572_864 // 1.5 MiB, the default of --max-request-bytes
	base := t.revision()
	fits := strings.Repeat("x", limit-100)
	t.say("just within the limit: +%d", t.put("large", fits)-base)
	read := t.get("large")
	t.check(string(read.Kvs[0].Value) == fits, "another value came back")
	_, err := t.client.Put(t.ctx, "large", strings.Repeat("x", limit))
	t.say("the limit itself: %s", describeError(err))
	t.check(errors.Is(err, rpctypes.ErrRequestTooLarge), "not ErrRequestTooLarge: %v", err)
	_, err = t.client.Put(t.ctx, "large", strings.Repeat("x", 3<<20))
	t.say("more than the client sends: %s", clip(err.Error()))

	generous, err := clientv3.New(clientv3.Config{Endpoints: []string{t.endpoint}, MaxCallSendMsgSize: 64 << 20})
	t.must(err)
	defer generous.Close()
	_, err = generous.Put(t.ctx, "large", strings.Repeat("x", 3<<20))
	t.say("more than the server takes: %s %s", codes.ResourceExhausted, clip(describeError(err)))

	_, err = t.client.Txn(t.ctx).Then(
		clientv3.OpPut("large/1", strings.Repeat("x", limit/2)),
		clientv3.OpPut("large/2", strings.Repeat("x", limit/2)),
	).Commit()
	t.say("too large together: %s", describeError(err))

	key := strings.Repeat("k", 100_000)
	t.put(key, "v")
	t.say("a key of 100,000 bytes: %d", len(t.get("k", clientv3.WithPrefix()).Kvs[0].Key))
	for i := range 10 {
		t.put(fmt.Sprintf("mega/%d", i), strings.Repeat(fmt.Sprint(i), 1<<20))
	}
	all := t.get("mega/", clientv3.WithPrefix())
	total := 0
	for i, pair := range all.Kvs {
		total += len(pair.Value)
		t.check(pair.Value[1<<19] == byte('0'+i), "value %d is another's", i)
	}
	t.say("an answer of %d bytes", total)
	_, err = t.client.Delete(t.ctx, "mega/", clientv3.WithPrefix())
	t.must(err)
}
