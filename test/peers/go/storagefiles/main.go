// storagefiles lets etcd's own code read and write the files that the storage tests are about.
//
//	storagefiles wal-read DIR            what the log holds, as JSON
//	storagefiles wal-append DIR N        appends N entries of 1000 bytes in term 9, one save each
//	storagefiles bolt-check FILE         bbolt's own check, then the number of pairs
//	storagefiles bolt-change FILE        deletes each third pair of bucket key, puts 2000 others, checks again
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	bolt "go.etcd.io/bbolt"
	"go.etcd.io/etcd/server/v3/storage/wal"
	"go.etcd.io/etcd/server/v3/storage/wal/walpb"
	"go.etcd.io/raft/v3/raftpb"
	"go.uber.org/zap"
)

func main() {
	command, path := os.Args[1], os.Args[2]
	switch command {
	case "wal-read":
		w, err := wal.OpenForRead(zap.NewNop(), path, newestSnapshot(path))
		must(err)
		report(w)
	case "wal-append":
		count, err := strconv.Atoi(os.Args[3])
		must(err)
		w, err := wal.Open(zap.NewNop(), path, newestSnapshot(path))
		must(err)
		_, _, entries, err := w.ReadAll()
		must(err)
		last := entries[len(entries)-1].Index
		for i := 1; i <= count; i++ {
			index := last + uint64(i)
			entry := raftpb.Entry{Term: 9, Index: index, Data: make([]byte, 1000)}
			must(w.Save(raftpb.HardState{Term: 9, Vote: 1, Commit: index}, []raftpb.Entry{entry}))
		}
		must(w.Close())
	case "bolt-check":
		check(path)
	case "bolt-change":
		change(path)
		check(path)
	default:
		panic(command)
	}
}

func newestSnapshot(directory string) walpb.Snapshot {
	snapshots, err := wal.ValidSnapshotEntries(zap.NewNop(), directory)
	must(err)
	return snapshots[len(snapshots)-1]
}

func report(w *wal.WAL) {
	metadata, state, entries, err := w.ReadAll()
	must(err)
	texts := make([]string, 0, len(entries))
	for _, e := range entries {
		texts = append(texts, fmt.Sprintf("%d@%d type %d %d bytes", e.Index, e.Term, e.Type, len(e.Data)))
	}
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"metadata": fmt.Sprintf("%x", metadata),
		"term":     state.Term,
		"commit":   state.Commit,
		"entries":  texts,
	}))
}

func check(path string) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	must(err)
	defer db.Close()
	pairs := 0
	must(db.View(func(tx *bolt.Tx) error {
		for err := range tx.Check() {
			return err
		}
		return tx.ForEach(func(_ []byte, b *bolt.Bucket) error {
			return b.ForEach(func(_, _ []byte) error { pairs++; return nil })
		})
	}))
	fmt.Println(pairs)
}

func change(path string) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{NoFreelistSync: true})
	must(err)
	defer db.Close()
	must(db.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte("key"))
		var doomed [][]byte
		i := 0
		if err := b.ForEach(func(k, _ []byte) error {
			if i%3 == 0 {
				doomed = append(doomed, k)
			}
			i++
			return nil
		}); err != nil {
			return err
		}
		for _, k := range doomed {
			if err := b.Delete(k); err != nil {
				return err
			}
		}
		for j := 0; j < 2000; j++ {
			if err := b.Put([]byte(fmt.Sprintf("other %06d", j)), make([]byte, 300)); err != nil {
				return err
			}
		}
		return nil
	}))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
