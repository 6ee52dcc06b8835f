// Command zkload drives a ZooKeeper server through raw connections, with a fixed number of requests in flight on each,
// and prints one JSON line: how many requests, how long, and the latency's quantiles. It is the outside driver of the
// benchmark, the same for our server and for a real ZooKeeper.
package main

import (
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
)

var (
	endpoint = flag.String("endpoint", "127.0.0.1:2181", "HOST:PORT")
	scenario = flag.String("scenario", "getData", "prepare, load, getData, exists, setData, create, createSequential, fill, delete, getChildren, multi, ping, watch")
	conns    = flag.Int("connections", 1, "sessions")
	depth    = flag.Int("depth", 1, "requests under way on each")
	seconds  = flag.Float64("seconds", 3, "how long to measure, after a tenth of it as warm-up")
	keys     = flag.Int("keys", 10000, "znodes that are read and set, and children that are listed")
	count    = flag.Int("count", 100000, "znodes to load, to fill in, or to delete")
	size     = flag.Int("value-bytes", 100, "bytes of a znode's data")
	run      = flag.String("run", fmt.Sprint(os.Getpid()), "a name for what this run creates")
)

const root = "/bench"

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
	var r result
	var err error
	switch *scenario {
	case "prepare":
		r, err = prepare()
	case "load":
		r, err = load()
	case "fill":
		r, err = fill()
	case "delete":
		r, err = deletes()
	case "ping":
		r, err = pings()
	case "watch":
		r, err = watchFanOut()
	default:
		r, err = timed()
	}
	if err != nil {
		log.Fatalf("%s: %v", *scenario, err)
	}
	r.Scenario = *scenario
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		log.Fatal(err)
	}
}

func key(i int) string { return fmt.Sprintf("%s/keys/k%08d", root, i) }

func value() []byte {
	v := make([]byte, *size)
	for i := range v {
		v[i] = byte('a' + i%26)
	}
	return v
}

// request writes the n-th request of a connection.
type request func(f *frame, xid int32, n int)

// requests returns what one connection sends in a scenario.
func requests(name string, connection int) request {
	random := rand.New(rand.NewSource(int64(connection)))
	v := value()
	mine := fmt.Sprintf("%s/%s-%s/c%d-", root, name, *run, connection)
	switch name {
	case "getData":
		return func(f *frame, xid int32, _ int) { f.begin(xid, opGetData).text(key(random.Intn(*keys))).bool(false) }
	case "exists":
		return func(f *frame, xid int32, _ int) { f.begin(xid, opExists).text(key(random.Intn(*keys))).bool(false) }
	case "setData":
		return func(f *frame, xid int32, _ int) {
			f.begin(xid, opSetData).text(key(random.Intn(*keys))).buffer(v).int(-1)
		}
	case "getChildren":
		return func(f *frame, xid int32, _ int) { f.begin(xid, opGetChildren).text(root + "/keys").bool(false) }
	case "create":
		return func(f *frame, xid int32, n int) { f.begin(xid, opCreate).create(fmt.Sprintf("%s%09d", mine, n), v, 0) }
	case "createSequential":
		parent := fmt.Sprintf("%s/%s-%s/s-", root, name, *run)
		return func(f *frame, xid int32, _ int) { f.begin(xid, opCreate).create(parent, v, 2) }
	case "multi": // a check, a change of data, a new znode, and the end of the one before
		return func(f *frame, xid int32, n int) {
			f.begin(xid, opMulti)
			f.member(opCheck).text(root).int(-1)
			f.member(opSetData).text(key(random.Intn(*keys))).buffer(v).int(-1)
			f.member(opCreate).create(fmt.Sprintf("%s%09d", mine, n), v, 0)
			if n == 0 {
				f.member(opCheck).text(root).int(-1)
			} else {
				f.member(opDelete).text(fmt.Sprintf("%s%09d", mine, n-1)).int(-1)
			}
			f.endMulti()
		}
	}
	return nil
}

// tally is what one connection has seen.
type tally struct {
	latencies []float64
	total     int64
	errors    int64
	example   string
}

// pipeline keeps `depth` requests under way until `more` says no; `counts` says whose latency is measured.
func pipeline(s *session, depth int, write request, more func(n int) bool, counts func(sent time.Time) bool) (tally, error) {
	var t tally
	sent := make([]time.Time, depth)
	next := 0
	send := func() error {
		sent[next%depth] = time.Now()
		write(&s.frame, int32(next+1), next)
		next++
		_, err := s.writer.Write(s.frame.end())
		return err
	}
	for next < depth && more(next) {
		if err := send(); err != nil {
			return t, err
		}
	}
	for answered := 0; answered < next; answered++ {
		// What was written leaves before this waits.
		if s.reader.Buffered() < 4 {
			if err := s.writer.Flush(); err != nil {
				return t, err
			}
		}
		r, err := s.readReply()
		if err != nil {
			return t, err
		}
		if r.xid != int32(answered+1) {
			return t, fmt.Errorf("reply %d where %d was due", r.xid, answered+1)
		}
		if r.code != 0 || (*scenario == "multi" && failedMulti(r.body)) {
			t.errors++
			t.example = fmt.Sprintf("code %d, body % x", r.code, r.body)
		}
		t.total++
		begun := sent[answered%depth]
		if counts(begun) {
			t.latencies = append(t.latencies, float64(time.Since(begun).Nanoseconds())/1000)
		}
		if more(next) {
			if err := send(); err != nil {
				return t, err
			}
		}
	}
	return t, nil
}

// together runs one piece of work on each of the sessions, at the same time.
func together(sessions []*session, work func(i int, s *session) (tally, error)) ([]tally, error) {
	tallies := make([]tally, len(sessions))
	problems := make([]error, len(sessions))
	var wait sync.WaitGroup
	for i, s := range sessions {
		wait.Add(1)
		go func() {
			defer wait.Done()
			tallies[i], problems[i] = work(i, s)
		}()
	}
	wait.Wait()
	for _, problem := range problems {
		if problem != nil {
			return nil, problem
		}
	}
	return tallies, nil
}

func openAll(count int) ([]*session, error) {
	sessions := make([]*session, count)
	problems := make(chan error, count)
	// A server's queue of connections to accept is short.
	tickets := make(chan struct{}, 50)
	var wait sync.WaitGroup
	for i := range sessions {
		wait.Add(1)
		tickets <- struct{}{}
		go func() {
			defer wait.Done()
			s, err := open(*endpoint, 40*time.Second)
			if err != nil {
				problems <- err
			}
			sessions[i] = s
			<-tickets
		}()
	}
	wait.Wait()
	select {
	case err := <-problems:
		return nil, err
	default:
		return sessions, nil
	}
}

// timed runs a scenario for a time.
func timed() (result, error) {
	if requests(*scenario, 0) == nil {
		return result{}, fmt.Errorf("unknown scenario")
	}
	sessions, err := openAll(*conns)
	if err != nil {
		return result{}, err
	}
	if err := sessions[0].ensure(fmt.Sprintf("%s/%s-%s", root, *scenario, *run)); err != nil {
		return result{}, err
	}
	warmUntil := time.Now().Add(time.Duration(*seconds * 0.1 * float64(time.Second)))
	until := warmUntil.Add(time.Duration(*seconds * float64(time.Second)))
	more := func(int) bool { return time.Now().Before(until) }
	counts := func(sent time.Time) bool { return sent.After(warmUntil) }
	tallies, err := together(sessions, func(i int, s *session) (tally, error) {
		s.widen()
		return pipeline(s, *depth, requests(*scenario, i), more, counts)
	})
	return summary(tallies, time.Since(warmUntil)), err
}

func always(time.Time) bool { return true }

// prepare creates the znodes that are read, all below one.
func prepare() (result, error) {
	sessions, err := openAll(1)
	if err != nil {
		return result{}, err
	}
	for _, path := range []string{root, root + "/keys"} {
		if err := sessions[0].ensure(path); err != nil {
			return result{}, err
		}
	}
	v := value()
	begun := time.Now()
	sessions[0].widen()
	t, err := pipeline(sessions[0], 100, func(f *frame, xid int32, n int) {
		f.begin(xid, opCreate).create(key(n), v, 0)
	}, func(n int) bool { return n < *keys }, always)
	return summary([]tally{t}, time.Since(begun)), err
}

// load creates many znodes, a thousand below each parent.
func load() (result, error) {
	sessions, err := openAll(*conns)
	if err != nil {
		return result{}, err
	}
	base := fmt.Sprintf("%s-load-%s", root, *run)
	if err := sessions[0].ensure(base); err != nil {
		return result{}, err
	}
	v := value()
	each := *count / *conns
	begun := time.Now()
	tallies, err := together(sessions, func(i int, s *session) (tally, error) {
		s.widen()
		// Every 1001st is the parent of those that follow.
		return pipeline(s, *depth, func(f *frame, xid int32, n int) {
			parent := fmt.Sprintf("%s/p%d-%d", base, i, n/1001)
			if n%1001 == 0 {
				f.begin(xid, opCreate).create(parent, nil, 0)
			} else {
				f.begin(xid, opCreate).create(fmt.Sprintf("%s/k%08d", parent, n), v, 0)
			}
		}, func(n int) bool { return n < each+each/1000 }, always)
	})
	return summary(tallies, time.Since(begun)), err
}

// toDelete is a znode that fill creates and deletes deletes, in a run of the same name.
func toDelete(connection, n int) string {
	return fmt.Sprintf("%s/delete-%s/c%d-%d", root, *run, connection, n)
}

// fill creates the znodes that are to be deleted.
func fill() (result, error) {
	sessions, err := openAll(*conns)
	if err != nil {
		return result{}, err
	}
	if err := sessions[0].ensure(fmt.Sprintf("%s/delete-%s", root, *run)); err != nil {
		return result{}, err
	}
	each := *count / *conns
	v := value()
	begun := time.Now()
	tallies, err := together(sessions, func(i int, s *session) (tally, error) {
		s.widen()
		return pipeline(s, 50, func(f *frame, xid int32, n int) {
			f.begin(xid, opCreate).create(toDelete(i, n), v, 0)
		}, func(n int) bool { return n < each }, always)
	})
	return summary(tallies, time.Since(begun)), err
}

// deletes measures how long it takes to delete what fill created, or as much of it as the time allows.
func deletes() (result, error) {
	sessions, err := openAll(*conns)
	if err != nil {
		return result{}, err
	}
	each := *count / *conns
	begun := time.Now()
	until := begun.Add(time.Duration(*seconds * float64(time.Second)))
	more := func(n int) bool { return n < each && time.Now().Before(until) }
	tallies, err := together(sessions, func(i int, s *session) (tally, error) {
		s.widen()
		return pipeline(s, *depth, func(f *frame, xid int32, n int) {
			f.begin(xid, opDelete).text(toDelete(i, n)).int(-1)
		}, more, always)
	})
	return summary(tallies, time.Since(begun)), err
}

// pings keeps one ping under way in each of many sessions that do nothing else.
func pings() (result, error) {
	sessions, err := openAll(*conns)
	if err != nil {
		return result{}, err
	}
	workers := 16
	until := time.Now().Add(time.Duration(*seconds * float64(time.Second)))
	tallies := make([]tally, workers)
	problems := make([]error, workers)
	begun := time.Now()
	var wait sync.WaitGroup
	for w := 0; w < workers; w++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			tallies[w], problems[w] = pingAll(sessions, w, workers, until)
		}()
	}
	wait.Wait()
	for _, problem := range problems {
		if problem != nil {
			return result{}, problem
		}
	}
	r := summary(tallies, time.Since(begun))
	// The sessions were work too.
	r.Total += int64(len(sessions))
	return r, nil
}

// pingAll sends a ping in every workers-th session, then awaits all of them, and so on.
func pingAll(sessions []*session, first, workers int, until time.Time) (tally, error) {
	var t tally
	f := (&frame{}).begin(xidPing, opPing).end()
	sent := make([]time.Time, len(sessions))
	for time.Now().Before(until) {
		for i := first; i < len(sessions); i += workers {
			sent[i] = time.Now()
			if _, err := sessions[i].conn.Write(f); err != nil {
				return t, err
			}
		}
		for i := first; i < len(sessions); i += workers {
			r, err := sessions[i].readReply()
			if err != nil {
				return t, err
			}
			if r.xid != xidPing || r.code != 0 {
				t.errors++
				t.example = fmt.Sprintf("xid %d, code %d", r.xid, r.code)
			}
			t.total++
			t.latencies = append(t.latencies, float64(time.Since(sent[i]).Nanoseconds())/1000)
		}
	}
	return t, nil
}

// watchFanOut has one writer and many sessions with a persistent watch of one znode; it counts events delivered.
func watchFanOut() (result, error) {
	writers, err := openAll(1)
	if err != nil {
		return result{}, err
	}
	writer := writers[0]
	watched := fmt.Sprintf("%s/watched-%s", root, *run)
	if err := writer.ensure(watched); err != nil {
		return result{}, err
	}
	watchers, err := openAll(*conns)
	if err != nil {
		return result{}, err
	}
	for _, s := range watchers {
		r, err := s.call(opAddWatch, func(f *frame) { f.text(watched).int(0) })
		if err != nil {
			return result{}, err
		}
		if r.code != 0 {
			return result{}, fmt.Errorf("addWatch: code %d", r.code)
		}
	}
	var received, failed atomic.Int64
	arrived := make(chan struct{}, 1)
	for _, s := range watchers {
		go func() {
			for {
				r, err := s.readReply()
				if err != nil {
					return
				}
				if r.xid != xidEvent {
					failed.Add(1)
				}
				if received.Add(1)%int64(*conns) == 0 {
					arrived <- struct{}{}
				}
			}
		}()
	}
	v := value()
	until := time.Now().Add(time.Duration(*seconds * float64(time.Second)))
	begun := time.Now()
	var t tally
	for time.Now().Before(until) {
		sent := time.Now()
		r, err := writer.call(opSetData, func(f *frame) { f.text(watched).buffer(v).int(-1) })
		if err != nil {
			return result{}, err
		}
		if r.code != 0 {
			failed.Add(1)
		}
		select {
		case <-arrived:
		case <-time.After(30 * time.Second):
			return result{}, fmt.Errorf("%d events of %d after 30 s", received.Load()%int64(*conns), *conns)
		}
		t.latencies = append(t.latencies, float64(time.Since(sent).Nanoseconds())/1000)
	}
	r := summary([]tally{t}, time.Since(begun))
	r.Operations, r.Total, r.Errors = int(received.Load()), received.Load(), failed.Load()
	r.PerSecond = float64(r.Operations) / r.Seconds
	return r, nil
}

func summary(tallies []tally, elapsed time.Duration) result {
	var all []float64
	var r result
	for _, t := range tallies {
		all = append(all, t.latencies...)
		r.Total += t.total
		r.Errors += t.errors
		if t.example != "" {
			r.ExampleError = t.example
		}
	}
	sort.Float64s(all)
	r.Operations, r.Seconds = len(all), elapsed.Seconds()
	r.PerSecond = float64(len(all)) / r.Seconds
	if len(all) > 0 {
		r.P50Micros, r.P99Micros = all[len(all)/2], all[len(all)*99/100]
	}
	return r
}
