// Command clientv3 puts a server to the tests that real programs put it to: all that etcd's Go client can ask, its
// concurrency package and its recipes. It prints what it saw. The peer test runs it against our server and against a
// real etcd and compares, so ids, times and whatever else may differ is left out here, and revisions are relative.
//
// Each scenario opens with a line "== name". A scenario whose own expectations do not hold prints "FAILED: …".
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
)

// scenarios run in this order: the hash of the store is taken while its history is still the same everywhere.
var scenarios = []struct {
	name string
	run  func(*trial)
}{
	{"kv", kv},
	{"txn", txn},
	{"hash", hash},
	{"errors", typedErrors},
	{"large values", largeValues},
	{"watch", watch},
	{"watch from the past", watchPast},
	{"watch with fragments", watchFragments},
	{"watch compacted", watchCompacted},
	{"many watchers", manyWatchers},
	{"lease", lease},
	{"lease expiry", leaseExpiry},
	{"session", session},
	{"mutex", mutex},
	{"election", election},
	{"stm", stm},
	{"recipes", recipes},
	{"leasing", leasingKV},
	{"namespace", namespaces},
	{"ordering", orderingKV},
	{"mirror", mirrorSync},
	{"naming", naming},
	{"maintenance", maintenance},
	{"snapshot", snapshot},
	{"cluster", cluster},
	{"auth", auth},
	{"health service", healthService},
	{"lock service", lockService},
	{"election service", electionService},
	{"restart", restart},
}

func main() {
	endpoint := flag.String("endpoint", "127.0.0.1:2379", "HOST:PORT of the server")
	only := flag.String("only", "", "run one scenario")
	flag.Parse()

	stdin := bufio.NewReader(os.Stdin)
	failed := false
	for _, scenario := range scenarios {
		if *only != "" && *only != scenario.name {
			continue
		}
		fmt.Printf("== %s\n", scenario.name)
		t := newTrial(*endpoint, stdin)
		if !t.attempt(scenario.run) {
			failed = true
		}
		t.close()
	}
	if failed {
		os.Exit(1)
	}
}

// A trial is what a scenario has in hand: a client of its own, a deadline, and a voice.
type trial struct {
	ctx      context.Context
	cancel   context.CancelFunc
	client   *clientv3.Client
	endpoint string
	stdin    *bufio.Reader
}

type failure struct{ text string }

func newTrial(endpoint string, stdin *bufio.Reader) *trial {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t := &trial{ctx: ctx, cancel: cancel, endpoint: endpoint, stdin: stdin}
	t.client = t.dial()
	return t
}

func (t *trial) dial() *clientv3.Client {
	client, err := clientv3.New(clientv3.Config{
		Endpoints:   []string{t.endpoint},
		DialTimeout: 5 * time.Second,
		Logger:      zap.NewNop(),
	})
	if err != nil {
		panic(err)
	}
	return client
}

func (t *trial) close() {
	t.client.Close()
	t.cancel()
}

func (t *trial) attempt(run func(*trial)) (ok bool) {
	defer func() {
		if reason := recover(); reason != nil {
			if why, expected := reason.(failure); expected {
				t.say("FAILED: %s", why.text)
			} else {
				t.say("FAILED: %v\n%s", reason, debug.Stack())
			}
			ok = false
		}
	}()
	run(t)
	return true
}

func (t *trial) say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

func (t *trial) fail(format string, args ...any) { panic(failure{fmt.Sprintf(format, args...)}) }

func (t *trial) must(err error) {
	if err != nil {
		t.fail("unexpected error: %v", err)
	}
}

func (t *trial) check(holds bool, format string, args ...any) {
	if !holds {
		t.fail(format, args...)
	}
}

// put returns the revision it made.
func (t *trial) put(key, value string, options ...clientv3.OpOption) int64 {
	response, err := t.client.Put(t.ctx, key, value, options...)
	t.must(err)
	return response.Header.Revision
}

func (t *trial) get(key string, options ...clientv3.OpOption) *clientv3.GetResponse {
	response, err := t.client.Get(t.ctx, key, options...)
	t.must(err)
	return response
}

// revision is the store's revision now.
func (t *trial) revision() int64 { return t.get("no such key").Header.Revision }

// within waits for one value, and fails the scenario when none comes.
func within[T any](t *trial, what string, channel <-chan T) T {
	select {
	case value, open := <-channel:
		if !open {
			t.fail("%s: the channel was closed", what)
		}
		return value
	case <-time.After(15 * time.Second):
		t.fail("%s: nothing within 15 s", what)
	}
	panic("unreachable")
}

// closed waits for the end of a channel, past whatever is still in it.
func closed[T any](t *trial, what string, channel <-chan T) {
	deadline := time.After(15 * time.Second)
	for {
		select {
		case _, open := <-channel:
			if !open {
				return
			}
		case <-deadline:
			t.fail("%s: not closed within 15 s", what)
		}
	}
}
