// Command loadgen drives an etcd endpoint through plain gRPC stubs, with a fixed number of requests in flight, and
// prints one JSON line: how many requests, how long, and the latency's quantiles. It is the outside driver of the
// benchmark: the same for our server, for a real etcd, and for a bare echo server that knows KV.Put only.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math/rand"
	"os"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

var (
	endpoint = flag.String("endpoint", "127.0.0.1:2379", "HOST:PORT")
	scenario = flag.String("scenario", "put", "put, range, range-serializable, list, txn, watch, keepalive, load")
	inFlight = flag.Int("in-flight", 1, "requests under way at any moment")
	conns    = flag.Int("connections", 1, "gRPC connections to spread them over")
	seconds  = flag.Float64("seconds", 3, "how long to measure, after a tenth of it as warm-up")
	keys     = flag.Int("keys", 10000, "size of the key space")
	size     = flag.Int("value-bytes", 100, "bytes of a value")
	watchers = flag.Int("watchers", 1000, "watchers of one key, for the scenario watch")
)

type result struct {
	Scenario   string `json:"scenario"`
	Operations int    `json:"operations"`
	// Total also counts the warm-up: what the server has worked for.
	Total        int64   `json:"total"`
	Seconds      float64 `json:"seconds"`
	PerSecond    float64 `json:"perSecond"`
	P50Micros    float64 `json:"p50Micros"`
	P99Micros    float64 `json:"p99Micros"`
	Errors       int64   `json:"errors"`
	ExampleError string  `json:"exampleError,omitempty"`
}

func main() {
	flag.Parse()
	clients := make([]*grpc.ClientConn, *conns)
	for i := range clients {
		conn, err := grpc.NewClient(*endpoint, grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1<<30)))
		if err != nil {
			log.Fatal(err)
		}
		clients[i] = conn
	}
	var r result
	switch *scenario {
	case "put", "range", "range-serializable", "list", "txn":
		r = closedLoop(clients, operation(*scenario))
	case "load":
		r = load(clients)
	case "watch":
		r = watchFanOut(clients)
	case "keepalive":
		r = keepAlives(clients)
	default:
		log.Fatalf("unknown scenario %q", *scenario)
	}
	r.Scenario = *scenario
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		log.Fatal(err)
	}
}

func key(i int) []byte { return []byte(fmt.Sprintf("bench/key/%012d", i)) }

func value() []byte {
	v := make([]byte, *size)
	for i := range v {
		v[i] = byte('a' + i%26)
	}
	return v
}

// operation returns one request of a scenario on a given connection.
func operation(name string) func(kv pb.KVClient, random *rand.Rand) error {
	v := value()
	ctx := context.Background()
	switch name {
	case "put":
		return func(kv pb.KVClient, random *rand.Rand) error {
			_, err := kv.Put(ctx, &pb.PutRequest{Key: key(random.Intn(*keys)), Value: v})
			return err
		}
	case "range", "range-serializable":
		return func(kv pb.KVClient, random *rand.Rand) error {
			_, err := kv.Range(ctx, &pb.RangeRequest{Key: key(random.Intn(*keys)), Serializable: name != "range"})
			return err
		}
	case "list": // a hundred neighbours
		return func(kv pb.KVClient, random *rand.Rand) error {
			i := random.Intn(*keys)
			_, err := kv.Range(ctx, &pb.RangeRequest{Key: key(i), RangeEnd: key(i + 100)})
			return err
		}
	default: // one read-modify-write in two: compare, then put or get
		return func(kv pb.KVClient, random *rand.Rand) error {
			k := key(random.Intn(*keys))
			get := &pb.RequestOp{Request: &pb.RequestOp_RequestRange{RequestRange: &pb.RangeRequest{Key: k}}}
			if random.Intn(2) == 0 {
				_, err := kv.Txn(ctx, &pb.TxnRequest{Success: []*pb.RequestOp{get}})
				return err
			}
			_, err := kv.Txn(ctx, &pb.TxnRequest{
				Compare: []*pb.Compare{{Target: pb.Compare_VERSION, Result: pb.Compare_GREATER, Key: k,
					TargetUnion: &pb.Compare_Version{Version: 0}}},
				Success: []*pb.RequestOp{{Request: &pb.RequestOp_RequestPut{RequestPut: &pb.PutRequest{Key: k, Value: v}}}, get},
				Failure: []*pb.RequestOp{get},
			})
			return err
		}
	}
}

func closedLoop(clients []*grpc.ClientConn, run func(pb.KVClient, *rand.Rand) error) result {
	warmUntil := time.Now().Add(time.Duration(*seconds * 0.1 * float64(time.Second)))
	until := warmUntil.Add(time.Duration(*seconds * float64(time.Second)))
	var failed atomic.Int64
	var example atomic.Value
	var total atomic.Int64
	latencies := make([][]float64, *inFlight)
	var wait sync.WaitGroup
	for worker := 0; worker < *inFlight; worker++ {
		wait.Add(1)
		go func(worker int) {
			defer wait.Done()
			kv := pb.NewKVClient(clients[worker%len(clients)])
			random := rand.New(rand.NewSource(int64(worker)))
			for {
				start := time.Now()
				if start.After(until) {
					return
				}
				if err := run(kv, random); err != nil {
					failed.Add(1)
					example.Store(err.Error())
				}
				total.Add(1)
				if start.After(warmUntil) {
					latencies[worker] = append(latencies[worker], float64(time.Since(start).Microseconds()))
				}
			}
		}(worker)
	}
	wait.Wait()
	elapsed := time.Since(warmUntil).Seconds()
	r := summary(latencies, elapsed, failed.Load(), example.Load())
	r.Total = total.Load()
	return r
}

// load puts every key once, in random order of workers, and measures until all are stored.
func load(clients []*grpc.ClientConn) result {
	var next, failed atomic.Int64
	var example atomic.Value
	latencies := make([][]float64, *inFlight)
	v := value()
	start := time.Now()
	var wait sync.WaitGroup
	for worker := 0; worker < *inFlight; worker++ {
		wait.Add(1)
		go func(worker int) {
			defer wait.Done()
			kv := pb.NewKVClient(clients[worker%len(clients)])
			for {
				i := int(next.Add(1)) - 1
				if i >= *keys {
					return
				}
				begun := time.Now()
				if _, err := kv.Put(context.Background(), &pb.PutRequest{Key: key(i), Value: v}); err != nil {
					failed.Add(1)
					example.Store(err.Error())
				}
				latencies[worker] = append(latencies[worker], float64(time.Since(begun).Microseconds()))
			}
		}(worker)
	}
	wait.Wait()
	return summary(latencies, time.Since(start).Seconds(), failed.Load(), example.Load())
}

// watchFanOut has one writer and many watchers of one key; it counts events delivered.
func watchFanOut(clients []*grpc.ClientConn) result {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	k := []byte("bench/watched")
	var received atomic.Int64
	var ready sync.WaitGroup
	for c := range clients {
		stream, err := pb.NewWatchClient(clients[c]).Watch(ctx)
		if err != nil {
			log.Fatal(err)
		}
		mine := *watchers / len(clients)
		ready.Add(mine)
		for i := 0; i < mine; i++ {
			if err := stream.Send(&pb.WatchRequest{RequestUnion: &pb.WatchRequest_CreateRequest{
				CreateRequest: &pb.WatchCreateRequest{Key: k}}}); err != nil {
				log.Fatal(err)
			}
		}
		go func() {
			for {
				response, err := stream.Recv()
				if err != nil {
					return
				}
				if response.Created {
					ready.Done()
				}
				received.Add(int64(len(response.Events)))
			}
		}()
	}
	ready.Wait()
	kv := pb.NewKVClient(clients[0])
	v := value()
	until := time.Now().Add(time.Duration(*seconds * float64(time.Second)))
	start := time.Now()
	var latencies []float64
	total := int64(*watchers / len(clients) * len(clients))
	for puts := int64(1); time.Now().Before(until); puts++ {
		begun := time.Now()
		if _, err := kv.Put(ctx, &pb.PutRequest{Key: k, Value: v}); err != nil {
			log.Fatal(err)
		}
		for received.Load() < puts*total {
			time.Sleep(20 * time.Microsecond)
		}
		latencies = append(latencies, float64(time.Since(begun).Microseconds()))
	}
	r := summary([][]float64{latencies}, time.Since(start).Seconds(), 0, nil)
	r.Operations, r.Total = int(received.Load()), received.Load()
	r.PerSecond = float64(r.Operations) / r.Seconds
	return r
}

// keepAlives renews in-flight leases, one request under way each, over one stream a connection.
func keepAlives(clients []*grpc.ClientConn) result {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var answered, failed atomic.Int64
	var example atomic.Value
	var wait sync.WaitGroup
	stop := make(chan struct{})
	for c := range clients {
		lease := pb.NewLeaseClient(clients[c])
		mine := *inFlight / len(clients)
		if mine == 0 {
			mine = 1
		}
		ids := make([]int64, mine)
		for i := range ids {
			grant, err := lease.LeaseGrant(ctx, &pb.LeaseGrantRequest{TTL: 600})
			if err != nil {
				log.Fatal(err)
			}
			ids[i] = grant.ID
		}
		stream, err := lease.LeaseKeepAlive(ctx)
		if err != nil {
			log.Fatal(err)
		}
		for _, id := range ids {
			if err := stream.Send(&pb.LeaseKeepAliveRequest{ID: id}); err != nil {
				log.Fatal(err)
			}
		}
		wait.Add(1)
		go func() {
			defer wait.Done()
			for {
				response, err := stream.Recv()
				if err != nil {
					failed.Add(1)
					example.Store(err.Error())
					return
				}
				if response.TTL <= 0 {
					failed.Add(1)
				}
				answered.Add(1)
				select {
				case <-stop:
					return
				default:
				}
				if err := stream.Send(&pb.LeaseKeepAliveRequest{ID: response.ID}); err != nil {
					return
				}
			}
		}()
	}
	time.Sleep(time.Duration(*seconds * 0.1 * float64(time.Second)))
	before, start := answered.Load(), time.Now()
	time.Sleep(time.Duration(*seconds * float64(time.Second)))
	count, elapsed := answered.Load()-before, time.Since(start).Seconds()
	close(stop)
	wait.Wait()
	r := summary(nil, elapsed, failed.Load(), example.Load())
	r.Operations, r.Total, r.PerSecond = int(count), answered.Load(), float64(count)/elapsed
	return r
}

func summary(latencies [][]float64, elapsed float64, failed int64, example any) result {
	var all []float64
	for _, one := range latencies {
		all = append(all, one...)
	}
	sort.Float64s(all)
	r := result{Operations: len(all), Total: int64(len(all)), Seconds: elapsed, PerSecond: float64(len(all)) / elapsed, Errors: failed}
	if len(all) > 0 {
		r.P50Micros, r.P99Micros = all[len(all)/2], all[len(all)*99/100]
	}
	if text, ok := example.(string); ok {
		r.ExampleError = text
	}
	return r
}
