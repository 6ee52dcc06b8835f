package main

import (
	"fmt"
	"maps"
	"slices"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"
)

func sortedKeys[V any](table map[string]V) []string { return slices.Sorted(maps.Keys(table)) }

func clip(text string) string {
	if len(text) > 160 {
		return text[:160]
	}
	return text
}

func revoke(t *trial, id clientv3.LeaseID) error {
	_, err := t.client.Revoke(t.ctx, id)
	return err
}

func leaseGrant(id int64) *pb.LeaseGrantRequest { return &pb.LeaseGrantRequest{ID: id, TTL: 100} }

func describeOp(base int64, op *pb.ResponseOp) string {
	switch r := op.Response.(type) {
	case *pb.ResponseOp_ResponsePut:
		return fmt.Sprintf("put +%d, previous %v", r.ResponsePut.Header.GetRevision()-base, r.ResponsePut.PrevKv != nil)
	case *pb.ResponseOp_ResponseRange:
		return fmt.Sprintf("range %d %s", r.ResponseRange.Count, describe(base, r.ResponseRange.Kvs))
	case *pb.ResponseOp_ResponseDeleteRange:
		return fmt.Sprintf("delete %d %s", r.ResponseDeleteRange.Deleted, describe(base, r.ResponseDeleteRange.PrevKvs))
	case *pb.ResponseOp_ResponseTxn:
		text := fmt.Sprintf("txn %v", r.ResponseTxn.Succeeded)
		for _, inner := range r.ResponseTxn.Responses {
			text += " (" + describeOp(base, inner) + ")"
		}
		return text
	}
	return "nothing"
}
