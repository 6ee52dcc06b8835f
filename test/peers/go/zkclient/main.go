// Command zkclient tries a ZooKeeper with go-zookeeper. It prints `ok NAME` for each check that holds: see
// test/support/zk-checks.ts. Argument: HOST:PORT[,HOST:PORT...]. `-- cut` asks whoever runs it to break every connection
// to the server, `-- disturb` to let happen what is to go wrong in this place; the answer is a line on standard input.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"
)

const timeout = 10 * time.Second

var (
	servers []string
	input   = bufio.NewReader(os.Stdin)
	open    = zk.WorldACL(zk.PermAll)
	opened  []*zk.Conn
)

type check struct {
	name string
	// run gets a connection with a session, and a path that is its own.
	run func(c *zk.Conn, root string)
}

func main() {
	servers = strings.Split(os.Args[1], ",")
	checks := []check{
		{"create, get, set, delete", crud},
		{"sequential, ephemeral, container, TTL", kinds},
		{"one-shot watches", watches},
		{"multi", multi},
		{"auth and ACL", access},
		{"large values and many children", large},
		{"many requests at once", parallel},
		{"lock", locks},
		{"protected creates", protected},
		{"nothing is lost when the server is disturbed", disturbed},
		{"watches and session over a cut connection", reconnect},
		{"session expiry", expiry},
		{"four-letter words", words},
	}
	held := true
	for i, one := range checks {
		held = attempt(one, fmt.Sprintf("/go-%d-%02d", os.Getpid(), i)) && held
	}
	if !held {
		os.Exit(1)
	}
}

func attempt(one check, root string) (held bool) {
	defer func() {
		for _, c := range opened {
			c.Close()
		}
		opened = nil
	}()
	defer func() {
		if problem := recover(); problem != nil {
			fmt.Printf("FAILED %s: %v\n", one.name, problem)
			held = false
		}
	}()
	c, _ := connect()
	one.run(c, root)
	fmt.Printf("ok %s\n", one.name)
	return true
}

type quiet struct{}

func (quiet) Printf(string, ...interface{}) {}

// connect returns once there is a session. Later state changes come by the channel.
func connect() (*zk.Conn, <-chan zk.Event) {
	c, events, err := zk.Connect(servers, timeout, zk.WithLogger(quiet{}), zk.WithLogInfo(false))
	must(err)
	opened = append(opened, c)
	awaitState(events, zk.StateHasSession)
	return c, events
}

func awaitState(events <-chan zk.Event, wanted zk.State) {
	limit := time.After(30 * time.Second)
	for {
		select {
		case event := <-events:
			if event.State == wanted {
				return
			}
		case <-limit:
			panic(fmt.Sprintf("not %v within 30 s", wanted))
		}
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func same(seen, expected any) {
	if !reflect.DeepEqual(seen, expected) {
		panic(fmt.Sprintf("%v instead of %v", seen, expected))
	}
}

func fails(err, expected error) {
	if !errors.Is(err, expected) {
		panic(fmt.Sprintf("error %v instead of %v", err, expected))
	}
}

// next is the event of a one-shot watch.
func next(events <-chan zk.Event) string {
	select {
	case event := <-events:
		return fmt.Sprintf("%v %s", event.Type, event.Path)
	case <-time.After(20 * time.Second):
		panic("no event within 20 s")
	}
}

func until(what string, holds func() bool) {
	for begun := time.Now(); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > 20*time.Second {
			panic(what + ": not within 20 s")
		}
	}
}

func create(c *zk.Conn, path, data string) string {
	created, err := c.Create(path, []byte(data), 0, open)
	must(err)
	return created
}

func ask(what string) {
	fmt.Println("-- " + what)
	if _, err := input.ReadString('\n'); err != nil {
		panic("nobody listens")
	}
}

func crud(c *zk.Conn, root string) {
	same(create(c, root, "one"), root)
	data, stat, err := c.Get(root)
	must(err)
	same([]any{string(data), stat.Version, stat.DataLength, stat.NumChildren}, []any{"one", int32(0), int32(3), int32(0)})
	same(stat.Czxid == stat.Mzxid && stat.Czxid == stat.Pzxid && stat.Ctime == stat.Mtime, true)
	set, err := c.Set(root, []byte("two"), 0)
	must(err)
	same([]any{set.Version, set.Czxid == stat.Czxid, set.Mzxid > stat.Mzxid}, []any{int32(1), true, true})
	_, err = c.Set(root, nil, 0)
	fails(err, zk.ErrBadVersion)
	_, err = c.Create(root, nil, 0, open)
	fails(err, zk.ErrNodeExists)
	_, err = c.Create(root+"/a/b", nil, 0, open)
	fails(err, zk.ErrNoNode)
	create(c, root+"/a", "")
	fails(c.Delete(root, -1), zk.ErrNotEmpty)
	fails(c.Delete(root+"/a", 3), zk.ErrBadVersion)
	must(c.Delete(root+"/a", 0))
	there, stat, err := c.Exists(root)
	must(err)
	same([]any{there, stat.Cversion, stat.NumChildren}, []any{true, int32(2), int32(0)})
	must(c.Delete(root, 1))
	there, _, err = c.Exists(root)
	must(err)
	same(there, false)
	_, _, err = c.Get(root)
	fails(err, zk.ErrNoNode)
	path, err := c.Sync("/")
	must(err)
	same(path, "/")
}

func kinds(c *zk.Conn, root string) {
	create(c, root, "")
	for i := 0; i < 3; i++ {
		path, err := c.Create(root+"/s-", nil, zk.FlagSequence, open)
		must(err)
		same(path, fmt.Sprintf("%s/s-%010d", root, i))
	}
	path, err := c.Create(root+"/e-", nil, zk.FlagEphemeral|zk.FlagSequence, open)
	must(err)
	same(path, root+"/e-0000000003")
	_, stat, err := c.Get(path)
	must(err)
	same(stat.EphemeralOwner, c.SessionID())
	_, err = c.Create(path+"/child", nil, 0, open)
	fails(err, zk.ErrNoChildrenForEphemerals)
	container, err := c.CreateContainer(root+"/container", []byte("c"), zk.FlagContainer, open)
	must(err)
	same(container, root+"/container")
	lasting, err := c.CreateTTL(root+"/ttl", []byte("t"), zk.FlagTTL, open, time.Hour)
	must(err)
	_, stat, err = c.Get(lasting)
	must(err)
	same(stat.EphemeralOwner, int64(0))
	other, _ := connect()
	_, err = other.Create(root+"/other", nil, zk.FlagEphemeral, open)
	must(err)
	_, _, gone, err := c.ExistsW(root + "/other")
	must(err)
	other.Close()
	same(next(gone), "EventNodeDeleted "+root+"/other")
}

func watches(c *zk.Conn, root string) {
	there, _, created, err := c.ExistsW(root)
	must(err)
	same(there, false)
	writer, _ := connect()
	create(writer, root, "")
	same(next(created), "EventNodeCreated "+root)
	_, _, changed, err := c.GetW(root)
	must(err)
	_, _, list, err := c.ChildrenW(root)
	must(err)
	_, err = writer.Set(root, []byte("1"), -1)
	must(err)
	same(next(changed), "EventNodeDataChanged "+root)
	create(writer, root+"/child", "")
	same(next(list), "EventNodeChildrenChanged "+root)
	_, _, list, err = c.ChildrenW(root + "/child")
	must(err)
	_, _, gone, err := c.GetW(root + "/child")
	must(err)
	must(writer.Delete(root+"/child", -1))
	same([]string{next(list), next(gone)}, []string{"EventNodeDeleted " + root + "/child", "EventNodeDeleted " + root + "/child"})
	_, _, _, err = c.GetW(root + "/missing")
	fails(err, zk.ErrNoNode)
}

func multi(c *zk.Conn, root string) {
	create(c, root, "")
	results, err := c.Multi(
		&zk.CheckVersionRequest{Path: root, Version: 0},
		&zk.CreateRequest{Path: root + "/a", Data: []byte("1"), Acl: open},
		&zk.SetDataRequest{Path: root + "/a", Data: []byte("22"), Version: 0},
		&zk.CreateRequest{Path: root + "/a/s-", Acl: open, Flags: zk.FlagSequence},
		&zk.CreateRequest{Path: root + "/b", Acl: open, Flags: zk.FlagEphemeral},
		&zk.DeleteRequest{Path: root + "/a/s-0000000000", Version: 0},
	)
	must(err)
	same([]any{results[1].String, results[2].Stat.Version, results[3].String, results[4].String},
		[]any{root + "/a", int32(1), root + "/a/s-0000000000", root + "/b"})
	data, stat, err := c.Get(root + "/a")
	must(err)
	same([]any{string(data), stat.Version, stat.Cversion, stat.Czxid == stat.Mzxid, stat.Pzxid == stat.Mzxid},
		[]any{"22", int32(1), int32(2), true, true})
	results, err = c.Multi(
		&zk.CreateRequest{Path: root + "/c", Acl: open},
		&zk.SetDataRequest{Path: root + "/missing", Version: -1},
		&zk.DeleteRequest{Path: root + "/b", Version: -1},
	)
	fails(err, zk.ErrNoNode)
	same(len(results), 3)
	fails(results[1].Error, zk.ErrNoNode)
	names, _, err := c.Children(root)
	must(err)
	sort.Strings(names)
	same(names, []string{"a", "b"})
}

func access(c *zk.Conn, root string) {
	owner, _ := connect()
	must(owner.AddAuth("digest", []byte("ann:secret")))
	_, err := owner.Create(root, []byte("hidden"), 0, zk.AuthACL(zk.PermAll))
	must(err)
	acl, stat, err := owner.GetACL(root)
	must(err)
	same([]any{acl, stat.Aversion}, []any{zk.DigestACL(zk.PermAll, "ann", "secret"), int32(0)})
	_, _, err = c.Get(root)
	fails(err, zk.ErrNoAuth)
	_, err = c.Set(root, nil, -1)
	fails(err, zk.ErrNoAuth)
	_, err = c.Create(root+"/x", nil, 0, open)
	fails(err, zk.ErrNoAuth)
	stat, err = owner.SetACL(root, append(zk.DigestACL(zk.PermAll, "ann", "secret"), zk.WorldACL(zk.PermRead)...), 0)
	must(err)
	same(stat.Aversion, int32(1))
	data, _, err := c.Get(root)
	must(err)
	same(string(data), "hidden")
	_, err = owner.SetACL(root, open, 0)
	fails(err, zk.ErrBadVersion)
	_, err = c.Create(root+"-bad", nil, 0, zk.AuthACL(zk.PermAll))
	fails(err, zk.ErrInvalidACL)
	must(c.AddAuth("digest", []byte("ann:secret")))
	_, err = c.Set(root, nil, -1)
	must(err)
}

func large(c *zk.Conn, root string) {
	create(c, root, "")
	value := bytes.Repeat([]byte{0, 0xff, 7}, 1<<20/3-1000)
	_, err := c.Create(root+"/big", value, 0, open)
	must(err)
	data, _, err := c.Get(root + "/big")
	must(err)
	same(bytes.Equal(data, value), true)
	expected := []string{"big"}
	// A facade over an etcd of default settings takes 128 operations in one transaction, and a create is two.
	for i := 0; i < 2000; i += 40 {
		requests := []any{}
		for j := i; j < i+40; j++ {
			name := fmt.Sprintf("child-with-a-long-name-%06d", j)
			requests = append(requests, &zk.CreateRequest{Path: root + "/" + name, Acl: open})
			expected = append(expected, name)
		}
		_, err := c.Multi(requests...)
		must(err)
	}
	names, stat, err := c.Children(root)
	must(err)
	sort.Strings(names)
	same(names, expected)
	same([]int32{stat.NumChildren, stat.Cversion}, []int32{2001, 2001})
}

func parallel(c *zk.Conn, root string) {
	create(c, root, "")
	var wait sync.WaitGroup
	problems := make(chan error, 50)
	for worker := 0; worker < 50; worker++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := 0; i < 20; i++ {
				path, err := c.Create(root+"/n-", []byte(fmt.Sprint(worker, i)), zk.FlagSequence, open)
				if err == nil {
					_, err = c.Set(path, []byte("set"), 0)
				}
				if err != nil {
					problems <- err
					return
				}
			}
		}()
	}
	wait.Wait()
	same(len(problems), 0)
	names, stat, err := c.Children(root)
	must(err)
	sort.Strings(names)
	same([]any{len(names), names[0], names[999], stat.Cversion}, []any{1000, "n-0000000000", "n-0000000999", int32(1000)})
}

func locks(_ *zk.Conn, root string) {
	var inside, entries int
	var guard sync.Mutex
	var wait sync.WaitGroup
	problems := make(chan any, 4)
	for worker := 0; worker < 4; worker++ {
		c, _ := connect()
		wait.Add(1)
		go func() {
			defer wait.Done()
			lock := zk.NewLock(c, root, open)
			for i := 0; i < 5; i++ {
				if err := lock.Lock(); err != nil {
					problems <- err
					return
				}
				guard.Lock()
				inside, entries = inside+1, entries+1
				if inside != 1 {
					problems <- "two inside"
				}
				guard.Unlock()
				time.Sleep(time.Millisecond)
				guard.Lock()
				inside--
				guard.Unlock()
				if err := lock.Unlock(); err != nil {
					problems <- err
					return
				}
			}
		}()
	}
	wait.Wait()
	close(problems)
	for problem := range problems {
		panic(problem)
	}
	same(entries, 20)
}

func protected(c *zk.Conn, root string) {
	create(c, root, "")
	path, err := c.CreateProtectedEphemeralSequential(root+"/p-", nil, open)
	must(err)
	names, _, err := c.Children(root)
	must(err)
	same(len(names) == 1 && strings.HasPrefix(names[0], "_c_") && strings.HasSuffix(path, names[0]), true)
}

func disturbed(c *zk.Conn, root string) {
	create(c, root, "")
	session := c.SessionID()
	_, err := c.Create(root+"/mine", nil, zk.FlagEphemeral, open)
	must(err)
	_, _, changed, err := c.GetW(root + "/mine")
	must(err)
	made := make(chan string, 100000)
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			path, err := c.Create(root+"/n-", nil, zk.FlagSequence, open)
			switch {
			case err == nil:
				made <- path
			case errors.Is(err, zk.ErrConnectionClosed) || errors.Is(err, zk.ErrNoServer):
				// Whether it was done, nobody says; a name that was told is not told again.
				time.Sleep(100 * time.Millisecond)
			default:
				stopped <- err
				return
			}
		}
	}()
	ask("disturb")
	count := len(made)
	for begun := time.Now(); len(made) < count+20; time.Sleep(20 * time.Millisecond) {
		same(time.Since(begun) < time.Minute, true)
	}
	close(stop)
	must(<-stopped)
	close(made)
	var names []string
	until("children are listed", func() bool { names, _, err = c.Children(root); return err == nil })
	there := map[string]bool{}
	for _, name := range names {
		there[root+"/"+name] = true
	}
	last := ""
	for path := range made {
		same([]bool{there[path], path > last}, []bool{true, true})
		last = path
	}
	same(c.SessionID(), session)
	_, stat, err := c.Exists(root + "/mine")
	must(err)
	same(stat.EphemeralOwner, session)
	_, err = c.Set(root+"/mine", nil, -1)
	must(err)
	same(next(changed), "EventNodeDataChanged "+root+"/mine")
}

func reconnect(c *zk.Conn, root string) {
	create(c, root, "")
	create(c, root+"/listed", "")
	create(c, root+"/changed", "")
	mine, states := connect()
	session := mine.SessionID()
	_, err := mine.Create(root+"/owned", nil, zk.FlagEphemeral, open)
	must(err)
	_, _, created, err := mine.ExistsW(root + "/later")
	must(err)
	_, _, changed, err := mine.GetW(root + "/changed")
	must(err)
	_, _, listed, err := mine.ChildrenW(root + "/listed")
	must(err)
	_, _, untouched, err := mine.GetW(root + "/owned")
	must(err)
	ask("cut")
	awaitState(states, zk.StateHasSession)
	same(mine.SessionID(), session)
	until("the other client is back", func() bool { _, _, err := c.Get(root); return err == nil })
	create(c, root+"/later", "")
	create(c, root+"/listed/x", "")
	_, err = c.Set(root+"/changed", []byte("1"), -1)
	must(err)
	same([]string{next(created), next(changed), next(listed)}, []string{
		"EventNodeCreated " + root + "/later", "EventNodeDataChanged " + root + "/changed",
		"EventNodeChildrenChanged " + root + "/listed"})
	_, stat, err := mine.Get(root + "/owned")
	must(err)
	same(stat.EphemeralOwner, session)
	same(len(untouched), 0)
}

// expiry ends a session by silence, since go-zookeeper gives no password away for another to take it over: the
// connection breaks, and the client is kept from coming back until the session is gone.
func expiry(c *zk.Conn, root string) {
	create(c, root, "")
	blocked := &gate{}
	mine, states, err := zk.Connect(servers, 4*time.Second, zk.WithLogger(quiet{}), zk.WithLogInfo(false), zk.WithDialer(blocked.dial))
	must(err)
	opened = append(opened, mine)
	awaitState(states, zk.StateHasSession)
	session := mine.SessionID()
	_, err = mine.Create(root+"/owned", nil, zk.FlagEphemeral, open)
	must(err)
	_, _, gone, err := c.ExistsW(root + "/owned")
	must(err)
	blocked.shut()
	same(next(gone), "EventNodeDeleted "+root+"/owned")
	blocked.open()
	awaitState(states, zk.StateExpired)
	awaitState(states, zk.StateHasSession)
	same(mine.SessionID() != session, true)
	_, err = mine.Create(root+"/owned", nil, zk.FlagEphemeral, open)
	must(err)
}

func words(_ *zk.Conn, _ string) {
	same(zk.FLWRuok(servers[:1], 5*time.Second), []bool{true})
	// Its readers of srvr and cons know the formats of older ZooKeepers only, and fail on a real 3.9.
}
