// Command etcdctl36 is the etcdctl of etcd 3.6, as its module builds it.
package main

import "go.etcd.io/etcd/etcdctl/v3/ctlv3"

func main() {
	ctlv3.MustStart()
}
