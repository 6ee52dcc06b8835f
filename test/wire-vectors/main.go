// Prints what real etcd's message code does, for the tests of src/etcd/wire to compare with. Run in this folder:
//
//	go run . messages > ../../src/etcd/wire/testdata/messages.txt
//	go run . json < ../../src/etcd/wire/testdata/json-in.txt > ../../src/etcd/wire/testdata/json-out.txt
//
// messages: one line per message with fields chosen at random: full name, its bytes in hex, its JSON.
// json: reads lines of full name and JSON text, prints for each the JSON of the message it is, or the error.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	protov1 "github.com/golang/protobuf/proto"
	gw "github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"go.etcd.io/etcd/api/v3/authpb"
	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/membershippb"
	"go.etcd.io/etcd/api/v3/mvccpb"
	"go.etcd.io/etcd/server/v3/etcdserver/api/snap/snappb"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3election/v3electionpb"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3lock/v3lockpb"
	"go.etcd.io/etcd/server/v3/lease/leasepb"
	"go.etcd.io/etcd/server/v3/storage/wal/walpb"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/encoding/protojson"
)

type message interface {
	protov1.Message
	Marshal() ([]byte, error)
	Unmarshal([]byte) error
}

var marshaler = &gw.JSONPb{
	MarshalOptions:   protojson.MarshalOptions{UseProtoNames: true},
	UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: true},
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "messages" {
		printMessages()
	} else if len(os.Args) == 2 && os.Args[1] == "json" {
		answerJSON()
	} else {
		fmt.Fprintln(os.Stderr, "usage: go run . messages|json")
		os.Exit(2)
	}
}

func printMessages() {
	chance := rand.New(rand.NewSource(1))
	for _, m := range all {
		name := protov1.MessageName(m)
		count := 3
		if reflect.TypeOf(m).Elem().NumField() <= 1 {
			count = 1
		}
		for i := 0; i < count; i++ {
			fresh := reflect.New(reflect.TypeOf(m).Elem())
			fill(chance, fresh.Elem(), 0)
			data, err := fresh.Interface().(message).Marshal()
			check(err)
			// Read back: what Go cannot tell apart on the wire shall not be told apart in the JSON either.
			back := reflect.New(reflect.TypeOf(m).Elem()).Interface().(message)
			check(back.Unmarshal(data))
			text, err := marshaler.Marshal(protov1.MessageV2(back))
			check(err)
			fmt.Printf("%s %s %s\n", name, hexOrDash(data), compact(text))
		}
	}
}

func answerJSON() {
	byName := map[string]message{}
	for _, m := range all {
		byName[protov1.MessageName(m)] = m
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		if lines.Text() == "" || strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		name, quoted, _ := strings.Cut(lines.Text(), " ")
		text, err := strconv.Unquote("`" + quoted + "`")
		check(err)
		text = strings.ReplaceAll(text, "¶", "\n")
		m := reflect.New(reflect.TypeOf(byName[name]).Elem()).Interface().(message)
		if err := marshaler.NewDecoder(strings.NewReader(text)).Decode(protov1.MessageV2(m)); err != nil {
			fmt.Printf("! %s\n", strings.ReplaceAll(err.Error(), "\u00a0", " "))
			continue
		}
		data, err := m.Marshal()
		check(err)
		fmt.Printf("= %s\n", hexOrDash(data))
	}
}

func hexOrDash(data []byte) string {
	if len(data) == 0 {
		return "-"
	}
	return hex.EncodeToString(data)
}

// protojson puts a space behind commas in some builds and not in others.
func compact(text []byte) string {
	var out bytes.Buffer
	check(json.Compact(&out, text))
	return out.String()
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

var idName = regexp.MustCompile(`^(.*I[Dd]|Lease|Leader|To|From|Vote|Voters.*|Learners.*)$`)

// fill sets about half of the fields, to values at the edges more often than between them. Only ids use all 64 bits.
func fill(chance *rand.Rand, v reflect.Value, depth int) {
	for i := 0; i < v.NumField(); i++ {
		field := v.Type().Field(i)
		if strings.HasPrefix(field.Name, "XXX_") || chance.Intn(3) == 0 {
			continue
		}
		fillValue(chance, v.Field(i), v, field.Name, depth)
	}
}

func fillValue(chance *rand.Rand, v reflect.Value, parent reflect.Value, name string, depth int) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(chance.Intn(2) == 0)
	case reflect.Int32:
		v.SetInt(int64(chance.Intn(4)))
	case reflect.Uint32:
		v.SetUint(uint64(chance.Uint32()))
	case reflect.Int64:
		n := magnitude(chance, idName.MatchString(name))
		v.SetInt(int64(n) * int64(1-2*chance.Intn(2)))
	case reflect.Uint64:
		n := magnitude(chance, idName.MatchString(name))
		if idName.MatchString(name) && chance.Intn(2) == 0 {
			n = ^n
		}
		v.SetUint(n)
	case reflect.String:
		texts := []string{"", "a", "http://127.0.0.1:2380", "schlüssel \"<&>\"\n", "鍵🔑\x01"}
		v.SetString(texts[chance.Intn(len(texts))])
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			data := make([]byte, []int{0, 1, 2, 3, 40, 130}[chance.Intn(6)])
			chance.Read(data)
			v.SetBytes(data)
			return
		}
		count := chance.Intn(3)
		if depth > 3 {
			count = 0
		}
		v.Set(reflect.MakeSlice(v.Type(), count, count))
		for i := 0; i < count; i++ {
			fillValue(chance, v.Index(i), parent, name, depth+1)
		}
	case reflect.Ptr:
		if depth < 4 && !(name == "V2") {
			v.Set(reflect.New(v.Type().Elem()))
			fillValue(chance, v.Elem(), parent, name, depth)
		}
	case reflect.Struct:
		fill(chance, v, depth+1)
	case reflect.Interface:
		wrappers := parent.Addr().Interface().(interface{ XXX_OneofWrappers() []any }).XXX_OneofWrappers()
		wrapper := reflect.New(reflect.TypeOf(wrappers[chance.Intn(len(wrappers))]).Elem())
		inner := wrapper.Elem().Field(0)
		if inner.Kind() == reflect.Ptr && depth >= 4 {
			return
		}
		fillValue(chance, inner, wrapper.Elem(), wrapper.Elem().Type().Field(0).Name, depth)
		v.Set(wrapper)
	default:
		panic("no rule for " + v.Type().String())
	}
}

func magnitude(chance *rand.Rand, isID bool) uint64 {
	edges := []uint64{0, 1, 127, 128, 1<<28 - 1, 1 << 28, 1 << 31, 1<<32 - 1, 1 << 32, 1 << 35, 1<<49 + 7, 1<<53 - 1}
	if isID {
		edges = append(edges, 1<<53, 1<<56, 1<<62+1, 1<<63-1)
	}
	return edges[chance.Intn(len(edges))]
}

var all = []message{
	&mvccpb.KeyValue{},
	&mvccpb.Event{},
	&authpb.UserAddOptions{},
	&authpb.User{},
	&authpb.Permission{},
	&authpb.Role{},
	&pb.ResponseHeader{},
	&pb.RangeRequest{},
	&pb.RangeResponse{},
	&pb.PutRequest{},
	&pb.PutResponse{},
	&pb.DeleteRangeRequest{},
	&pb.DeleteRangeResponse{},
	&pb.RequestOp{},
	&pb.ResponseOp{},
	&pb.Compare{},
	&pb.TxnRequest{},
	&pb.TxnResponse{},
	&pb.CompactionRequest{},
	&pb.CompactionResponse{},
	&pb.HashRequest{},
	&pb.HashKVRequest{},
	&pb.HashKVResponse{},
	&pb.HashResponse{},
	&pb.SnapshotRequest{},
	&pb.SnapshotResponse{},
	&pb.WatchRequest{},
	&pb.WatchCreateRequest{},
	&pb.WatchCancelRequest{},
	&pb.WatchProgressRequest{},
	&pb.WatchResponse{},
	&pb.LeaseGrantRequest{},
	&pb.LeaseGrantResponse{},
	&pb.LeaseRevokeRequest{},
	&pb.LeaseRevokeResponse{},
	&pb.LeaseCheckpoint{},
	&pb.LeaseCheckpointRequest{},
	&pb.LeaseCheckpointResponse{},
	&pb.LeaseKeepAliveRequest{},
	&pb.LeaseKeepAliveResponse{},
	&pb.LeaseTimeToLiveRequest{},
	&pb.LeaseTimeToLiveResponse{},
	&pb.LeaseLeasesRequest{},
	&pb.LeaseStatus{},
	&pb.LeaseLeasesResponse{},
	&pb.Member{},
	&pb.MemberAddRequest{},
	&pb.MemberAddResponse{},
	&pb.MemberRemoveRequest{},
	&pb.MemberRemoveResponse{},
	&pb.MemberUpdateRequest{},
	&pb.MemberUpdateResponse{},
	&pb.MemberListRequest{},
	&pb.MemberListResponse{},
	&pb.MemberPromoteRequest{},
	&pb.MemberPromoteResponse{},
	&pb.DefragmentRequest{},
	&pb.DefragmentResponse{},
	&pb.MoveLeaderRequest{},
	&pb.MoveLeaderResponse{},
	&pb.AlarmRequest{},
	&pb.AlarmMember{},
	&pb.AlarmResponse{},
	&pb.DowngradeRequest{},
	&pb.DowngradeResponse{},
	&pb.DowngradeVersionTestRequest{},
	&pb.StatusRequest{},
	&pb.StatusResponse{},
	&pb.DowngradeInfo{},
	&pb.AuthEnableRequest{},
	&pb.AuthDisableRequest{},
	&pb.AuthStatusRequest{},
	&pb.AuthenticateRequest{},
	&pb.AuthUserAddRequest{},
	&pb.AuthUserGetRequest{},
	&pb.AuthUserDeleteRequest{},
	&pb.AuthUserChangePasswordRequest{},
	&pb.AuthUserGrantRoleRequest{},
	&pb.AuthUserRevokeRoleRequest{},
	&pb.AuthRoleAddRequest{},
	&pb.AuthRoleGetRequest{},
	&pb.AuthUserListRequest{},
	&pb.AuthRoleListRequest{},
	&pb.AuthRoleDeleteRequest{},
	&pb.AuthRoleGrantPermissionRequest{},
	&pb.AuthRoleRevokePermissionRequest{},
	&pb.AuthEnableResponse{},
	&pb.AuthDisableResponse{},
	&pb.AuthStatusResponse{},
	&pb.AuthenticateResponse{},
	&pb.AuthUserAddResponse{},
	&pb.AuthUserGetResponse{},
	&pb.AuthUserDeleteResponse{},
	&pb.AuthUserChangePasswordResponse{},
	&pb.AuthUserGrantRoleResponse{},
	&pb.AuthUserRevokeRoleResponse{},
	&pb.AuthRoleAddResponse{},
	&pb.AuthRoleGetResponse{},
	&pb.AuthRoleListResponse{},
	&pb.AuthUserListResponse{},
	&pb.AuthRoleDeleteResponse{},
	&pb.AuthRoleGrantPermissionResponse{},
	&pb.AuthRoleRevokePermissionResponse{},
	&pb.RequestHeader{},
	&pb.InternalRaftRequest{},
	&pb.EmptyResponse{},
	&pb.InternalAuthenticateRequest{},
	&pb.Request{},
	&pb.Metadata{},
	&membershippb.RaftAttributes{},
	&membershippb.Attributes{},
	&membershippb.Member{},
	&membershippb.ClusterVersionSetRequest{},
	&membershippb.ClusterMemberAttrSetRequest{},
	&membershippb.DowngradeInfoSetRequest{},
	&raftpb.Entry{},
	&raftpb.SnapshotMetadata{},
	&raftpb.Snapshot{},
	&raftpb.Message{},
	&raftpb.HardState{},
	&raftpb.ConfState{},
	&raftpb.ConfChange{},
	&raftpb.ConfChangeSingle{},
	&raftpb.ConfChangeV2{},
	&walpb.Record{},
	&walpb.Snapshot{},
	&leasepb.Lease{},
	&leasepb.LeaseInternalRequest{},
	&leasepb.LeaseInternalResponse{},
	&snappb.Snapshot{},
	&v3lockpb.LockRequest{},
	&v3lockpb.LockResponse{},
	&v3lockpb.UnlockRequest{},
	&v3lockpb.UnlockResponse{},
	&v3electionpb.CampaignRequest{},
	&v3electionpb.CampaignResponse{},
	&v3electionpb.LeaderKey{},
	&v3electionpb.LeaderRequest{},
	&v3electionpb.LeaderResponse{},
	&v3electionpb.ResignRequest{},
	&v3electionpb.ResignResponse{},
	&v3electionpb.ProclaimRequest{},
	&v3electionpb.ProclaimResponse{},
}
