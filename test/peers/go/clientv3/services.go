package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3election/v3electionpb"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3lock/v3lockpb"
	"google.golang.org/grpc/health/grpc_health_v1"
)

func maintenance(t *trial) {
	status, err := t.client.Status(t.ctx, t.endpoint)
	t.must(err)
	t.say("version %s, storage %s, leader is itself %v, learner %v, errors %v",
		minor(status.Version), status.StorageVersion, status.Leader == status.Header.MemberId, status.IsLearner, status.Errors)
	t.say("sizes: %v, quota %d", status.DbSize >= status.DbSizeInUse && status.DbSizeInUse > 0, status.DbSizeQuota)
	t.say("term %v, indexes %v, downgrade %v", status.RaftTerm == status.Header.RaftTerm && status.RaftTerm >= 2,
		status.RaftIndex >= status.RaftAppliedIndex && status.RaftAppliedIndex > 0, status.DowngradeInfo)

	alarms, err := t.client.AlarmList(t.ctx)
	t.must(err)
	t.say("alarms %d", len(alarms.Alarms))
	raised, err := pb.NewMaintenanceClient(t.client.ActiveConnection()).Alarm(t.ctx, &pb.AlarmRequest{
		Action: pb.AlarmRequest_ACTIVATE, MemberID: status.Header.MemberId, Alarm: pb.AlarmType_NOSPACE})
	t.must(err)
	t.say("raised %d", len(raised.Alarms))
	_, err = t.client.Put(t.ctx, "no space", "v")
	t.say("put: %s", describeError(err))
	_, err = t.client.Grant(t.ctx, 10)
	t.say("grant: %s", describeError(err))
	_, err = t.client.Delete(t.ctx, "no space")
	t.say("delete: %s", describeError(err))
	_, err = t.client.Txn(t.ctx).Then(clientv3.OpDelete("no space")).Commit()
	t.say("txn that deletes: %s", describeError(err))
	_, err = t.client.Txn(t.ctx).Then(clientv3.OpPut("no space", "v")).Commit()
	t.say("txn that puts: %s", describeError(err))
	full, err := t.client.Status(t.ctx, t.endpoint)
	t.must(err)
	t.say("errors of the status: %d, %v", len(full.Errors), strings.Contains(strings.Join(full.Errors, " "), "NOSPACE"))
	disarmed, err := t.client.AlarmDisarm(t.ctx, &clientv3.AlarmMember{})
	t.must(err)
	t.say("disarmed %d", len(disarmed.Alarms))
	t.put("no space", "space again")

	_, err = t.client.Defragment(t.ctx, t.endpoint)
	t.must(err)
	_, err = t.client.MoveLeader(t.ctx, status.Leader)
	t.say("leadership moved to the leader: %s", describeError(err))
	_, err = t.client.Downgrade(t.ctx, clientv3.DowngradeValidate, "3.5")
	t.say("downgrade to 3.5: %s", describeError(err))
	_, err = t.client.Downgrade(t.ctx, clientv3.DowngradeValidate, "3.0")
	t.say("downgrade to 3.0: %s", describeError(err))
}

func minor(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// snapshot reads what the server calls its database with the library that etcd opens it with.
func snapshot(t *trial) {
	t.put("snapshot/marker", "in the snapshot")
	response, err := t.client.SnapshotWithVersion(t.ctx)
	t.must(err)
	body, err := io.ReadAll(response.Snapshot)
	t.must(err)
	t.must(response.Snapshot.Close())
	t.say("version %s", minor(response.Version))
	t.check(len(body)%512 == sha256.Size, "%d bytes are no file with a checksum behind it", len(body))
	data, sum := body[:len(body)-sha256.Size], body[len(body)-sha256.Size:]
	digest := sha256.Sum256(data)
	t.check(string(sum) == string(digest[:]), "the checksum is wrong")

	directory, err := os.MkdirTemp("", "snapshot-")
	t.must(err)
	defer os.RemoveAll(directory)
	file := filepath.Join(directory, "db")
	t.must(os.WriteFile(file, data, 0o600))
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{ReadOnly: true})
	t.must(err)
	defer db.Close()
	t.must(db.View(func(tx *bbolt.Tx) error {
		for problem := range tx.Check() {
			t.say("bbolt finds: %v", problem)
		}
		return tx.ForEach(func(name []byte, bucket *bbolt.Bucket) error {
			t.say("bucket %s", name)
			if string(name) == "key" {
				marked := false
				err := bucket.ForEach(func(_, value []byte) error {
					marked = marked || strings.Contains(string(value), "in the snapshot")
					return nil
				})
				t.say("  the last write is in it: %v", marked)
				return err
			}
			if string(name) == "meta" {
				return bucket.ForEach(func(key, value []byte) error {
					if string(key) == "confState" {
						// JSON, and as long as the member's id in it.
						t.say("  confState: %v", strings.HasPrefix(string(value), "{\"voters\":["))
						return nil
					}
					t.say("  %s: %d bytes", key, len(value))
					return nil
				})
			}
			return nil
		})
	}))
}

func cluster(t *trial) {
	for _, options := range [][]clientv3.OpOption{nil, {clientv3.WithSerializable()}} {
		list, err := t.client.MemberList(t.ctx, options...)
		t.must(err)
		for _, member := range list.Members {
			t.say("%s: itself %v, learner %v, %d peer URLs, client URLs %v", member.Name, member.ID == list.Header.MemberId,
				member.IsLearner, len(member.PeerURLs), len(member.ClientURLs) == 1 && member.ClientURLs[0] == "http://"+t.endpoint)
		}
	}
	t.must(t.client.Sync(t.ctx))
	t.say("endpoints after a sync: %d", len(t.client.Endpoints()))
	t.put("after the sync", "v")
}

func auth(t *trial) {
	status, err := t.client.AuthStatus(t.ctx)
	t.must(err)
	t.say("enabled %v, revision %d", status.Enabled, status.AuthRevision)
	users, err := t.client.UserList(t.ctx)
	t.must(err)
	roles, err := t.client.RoleList(t.ctx)
	t.must(err)
	t.say("%d users, %d roles", len(users.Users), len(roles.Roles))
	_, err = t.client.UserGet(t.ctx, "nobody")
	t.say("user get: %s", describeError(err))
	_, err = t.client.RoleGet(t.ctx, "nothing")
	t.say("role get: %s", describeError(err))
	_, err = t.client.AuthDisable(t.ctx)
	t.say("disable: %s", describeError(err))
}

func healthService(t *trial) {
	health := grpc_health_v1.NewHealthClient(t.client.ActiveConnection())
	for _, service := range []string{"", "etcdserverpb.KV", "nonsense"} {
		response, err := health.Check(t.ctx, &grpc_health_v1.HealthCheckRequest{Service: service})
		t.say("%q: %s, %v", service, response.GetStatus(), err)
	}
	stream, err := health.Watch(t.ctx, &grpc_health_v1.HealthCheckRequest{})
	t.must(err)
	first, err := stream.Recv()
	t.must(err)
	t.say("watched: %s", first.Status)
}

func lockService(t *trial) {
	locks := v3lockpb.NewLockClient(t.client.ActiveConnection())
	first, err := t.client.Grant(t.ctx, 20)
	t.must(err)
	second, err := t.client.Grant(t.ctx, 20)
	t.must(err)
	held, err := locks.Lock(t.ctx, &v3lockpb.LockRequest{Name: []byte("locked"), Lease: int64(first.ID)})
	t.must(err)
	t.say("the key names the lease: %v", string(held.Key) == fmt.Sprintf("locked/%x", first.ID))

	var group sync.WaitGroup
	waited := make(chan string, 1)
	group.Add(1)
	go func() {
		defer group.Done()
		response, err := locks.Lock(t.ctx, &v3lockpb.LockRequest{Name: []byte("locked"), Lease: int64(second.ID)})
		if err != nil {
			waited <- ""
			return
		}
		waited <- string(response.Key)
	}()
	time.Sleep(200 * time.Millisecond)
	t.check(len(waited) == 0, "given twice")
	_, err = locks.Unlock(t.ctx, &v3lockpb.UnlockRequest{Key: held.Key})
	t.must(err)
	t.say("handed over: %v", within(t, "the lock", waited) == fmt.Sprintf("locked/%x", second.ID))
	group.Wait()
	again, err := locks.Lock(t.ctx, &v3lockpb.LockRequest{Name: []byte("locked"), Lease: int64(second.ID)})
	t.must(err)
	t.say("the holder may ask again: %v", len(again.Key) > 0)
	t.must(revoke(t, second.ID))
	t.say("left: %d", t.get("locked/", clientv3.WithPrefix()).Count)
	own, err := locks.Lock(t.ctx, &v3lockpb.LockRequest{Name: []byte("own lease")})
	t.must(err)
	t.say("a lease of the server's own: %v", t.get(string(own.Key)).Kvs[0].Lease != 0)
	_, err = locks.Unlock(t.ctx, &v3lockpb.UnlockRequest{Key: own.Key})
	t.must(err)
	_, err = locks.Lock(t.ctx, &v3lockpb.LockRequest{Name: []byte("locked"), Lease: 123})
	t.say("a lease that is none: %v", err)
}

func electionService(t *trial) {
	elections := v3electionpb.NewElectionClient(t.client.ActiveConnection())
	granted, err := t.client.Grant(t.ctx, 20)
	t.must(err)
	name := []byte("office")
	_, err = elections.Leader(t.ctx, &v3electionpb.LeaderRequest{Name: name})
	t.say("nobody: %v", err)
	observed, err := elections.Observe(t.ctx, &v3electionpb.LeaderRequest{Name: name})
	t.must(err)
	elected, err := elections.Campaign(t.ctx, &v3electionpb.CampaignRequest{Name: name, Lease: int64(granted.ID), Value: []byte("first")})
	t.must(err)
	seen, err := observed.Recv()
	t.must(err)
	t.say("observed %s", seen.Kv.Value)
	leader, err := elections.Leader(t.ctx, &v3electionpb.LeaderRequest{Name: name})
	t.must(err)
	t.say("leader %s, its key %v", leader.Kv.Value, string(leader.Kv.Key) == string(elected.Leader.Key))
	_, err = elections.Proclaim(t.ctx, &v3electionpb.ProclaimRequest{Leader: elected.Leader, Value: []byte("changed")})
	t.must(err)
	seen, err = observed.Recv()
	t.must(err)
	t.say("observed %s", seen.Kv.Value)

	rival, err := t.client.Grant(t.ctx, 20)
	t.must(err)
	next := make(chan error, 1)
	go func() {
		_, err := elections.Campaign(t.ctx, &v3electionpb.CampaignRequest{Name: name, Lease: int64(rival.ID), Value: []byte("rival")})
		next <- err
	}()
	time.Sleep(200 * time.Millisecond)
	t.check(len(next) == 0, "two leaders")
	_, err = elections.Resign(t.ctx, &v3electionpb.ResignRequest{Leader: elected.Leader})
	t.must(err)
	t.must(within(t, "the next leader", next))
	seen, err = observed.Recv()
	t.must(err)
	t.say("observed %s", seen.Kv.Value)
	_, err = elections.Proclaim(t.ctx, &v3electionpb.ProclaimRequest{Leader: elected.Leader, Value: []byte("late")})
	t.say("too late: %v", err)
	_, err = elections.Proclaim(t.ctx, &v3electionpb.ProclaimRequest{Value: []byte("late")})
	t.say("no leader key: %v", err)
	t.must(revoke(t, granted.ID))
	t.must(revoke(t, rival.ID))
}
