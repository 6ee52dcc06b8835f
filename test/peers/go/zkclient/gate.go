package main

import (
	"errors"
	"net"
	"sync"
	"time"
)

// gate dials while it is open. Shutting it breaks what it has dialled.
type gate struct {
	mutex  sync.Mutex
	closed bool
	dialed []net.Conn
}

func (g *gate) dial(network, address string, within time.Duration) (net.Conn, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.closed {
		return nil, errors.New("the gate is shut")
	}
	conn, err := net.DialTimeout(network, address, within)
	if err == nil {
		g.dialed = append(g.dialed, conn)
	}
	return conn, err
}

func (g *gate) shut() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.closed = true
	for _, conn := range g.dialed {
		conn.Close()
	}
	g.dialed = nil
}

func (g *gate) open() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.closed = false
}
