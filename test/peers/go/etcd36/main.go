// Command etcd36 runs one real etcd 3.6 as a library, as the peer that our server is compared with.
// It prints "ready" on stdout when it serves, and stops on SIGTERM.
package main

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

func main() {
	dir := flag.String("data-dir", "", "where the store goes")
	client := flag.String("client-url", "http://127.0.0.1:2379", "where clients are served")
	peer := flag.String("peer-url", "http://127.0.0.1:2380", "where peers would be served")
	logLevel := flag.String("log-level", "error", "etcd's log level")
	quota := flag.Int64("quota-backend-bytes", 0, "etcd's flag of that name")
	name := flag.String("name", embed.DefaultName, "etcd's flag of that name")
	cluster := flag.String("initial-cluster", "", "etcd's flag of that name; default: this member alone")
	maxTxnOps := flag.Uint("max-txn-ops", embed.DefaultMaxTxnOps, "etcd's flag of that name")
	noFsync := flag.Bool("unsafe-no-fsync", false, "etcd's flag of that name")
	flag.Parse()

	config := embed.NewConfig()
	config.Dir = *dir
	config.LogLevel = *logLevel
	config.QuotaBackendBytes = *quota
	config.UnsafeNoFsync = *noFsync
	config.ListenClientUrls = []url.URL{parse(*client)}
	config.AdvertiseClientUrls = config.ListenClientUrls
	config.ListenPeerUrls = []url.URL{parse(*peer)}
	config.AdvertisePeerUrls = config.ListenPeerUrls
	config.Name = *name
	config.MaxTxnOps = *maxTxnOps
	config.InitialCluster = *cluster
	if *cluster == "" {
		config.InitialCluster = config.InitialClusterFromName(config.Name)
	}

	server, err := embed.StartEtcd(config)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	select {
	case <-server.Server.ReadyNotify():
		fmt.Println("ready")
	case <-time.After(30 * time.Second):
		fmt.Fprintln(os.Stderr, "etcd was not ready within 30 s")
		os.Exit(1)
	}

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	<-stop
	server.Close()
}

func parse(text string) url.URL {
	parsed, err := url.Parse(text)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	return *parsed
}
