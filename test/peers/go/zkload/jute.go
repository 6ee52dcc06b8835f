package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Codes of ZooKeeper's requests.
const (
	opCreate      = 1
	opDelete      = 2
	opExists      = 3
	opGetData     = 4
	opSetData     = 5
	opGetChildren = 8
	opPing        = 11
	opCheck       = 13
	opMulti       = 14
	opAddWatch    = 106

	xidEvent = -1
	xidPing  = -2

	errNodeExists = -110
)

// frame is one request under construction: a length, xid and op code, then the record.
type frame struct{ bytes []byte }

func (f *frame) begin(xid, op int32) *frame {
	f.bytes = f.bytes[:0]
	return f.int(0).int(xid).int(op)
}

func (f *frame) int(value int32) *frame {
	f.bytes = binary.BigEndian.AppendUint32(f.bytes, uint32(value))
	return f
}

func (f *frame) bool(value bool) *frame {
	if value {
		f.bytes = append(f.bytes, 1)
	} else {
		f.bytes = append(f.bytes, 0)
	}
	return f
}

func (f *frame) text(value string) *frame {
	f.int(int32(len(value)))
	f.bytes = append(f.bytes, value...)
	return f
}

func (f *frame) buffer(value []byte) *frame {
	f.int(int32(len(value)))
	f.bytes = append(f.bytes, value...)
	return f
}

// end fills the length in.
func (f *frame) end() []byte {
	binary.BigEndian.PutUint32(f.bytes, uint32(len(f.bytes)-4))
	return f.bytes
}

// create appends a create's record: a znode that anybody may do anything with.
func (f *frame) create(path string, data []byte, flags int32) *frame {
	return f.text(path).buffer(data).int(1).int(31).text("world").text("anyone").int(flags)
}

// member begins one operation of a multi.
func (f *frame) member(op int32) *frame { return f.int(op).bool(false).int(-1) }

func (f *frame) endMulti() *frame { return f.int(-1).bool(true).int(-1) }

// session is one connection to a server, with a session of its own. It is used by one goroutine.
type session struct {
	conn   net.Conn
	reader *bufio.Reader
	writer *bufio.Writer
	frame  frame
	head   [20]byte
	body   []byte
}

// open connects and makes a session.
func open(endpoint string, timeout time.Duration) (*session, error) {
	conn, err := net.DialTimeout("tcp", endpoint, 30*time.Second)
	if err != nil {
		return nil, err
	}
	s := &session{conn: conn, reader: bufio.NewReaderSize(conn, 4096), writer: bufio.NewWriterSize(conn, 4096)}
	f := &s.frame
	f.bytes = f.bytes[:0]
	// protocol version, last zxid seen, timeout, session id, password, read-only
	f.int(0).int(0).int(0).int(0).int(int32(timeout.Milliseconds())).int(0).int(0).buffer(make([]byte, 16)).bool(false)
	if _, err := conn.Write(f.end()); err != nil {
		return nil, err
	}
	answer, err := s.readFrame()
	if err != nil {
		return nil, err
	}
	if len(answer) < 8 || int32(binary.BigEndian.Uint32(answer[4:])) <= 0 {
		return nil, errors.New("no session was given")
	}
	return s, nil
}

// widen gives the buffers the size that long pipelines want; ten thousand idle sessions do without.
func (s *session) widen() {
	s.reader = bufio.NewReaderSize(s.reader, 1<<16)
	s.writer = bufio.NewWriterSize(s.conn, 1<<16)
}

func (s *session) close() { s.conn.Close() }

// readFrame returns a payload that is valid until the next call.
func (s *session) readFrame() ([]byte, error) {
	if _, err := io.ReadFull(s.reader, s.head[:4]); err != nil {
		return nil, err
	}
	length := int(binary.BigEndian.Uint32(s.head[:4]))
	if length < 0 || length > 1<<26 {
		return nil, fmt.Errorf("a frame of %d bytes", length)
	}
	if cap(s.body) < length {
		s.body = make([]byte, length)
	}
	s.body = s.body[:length]
	_, err := io.ReadFull(s.reader, s.body)
	return s.body, err
}

// reply is the head of what came from the server; an event's xid is xidEvent.
type reply struct {
	xid  int32
	code int32
	// body is valid until the next reply is read.
	body []byte
}

func (s *session) readReply() (reply, error) {
	payload, err := s.readFrame()
	if err != nil {
		return reply{}, err
	}
	if len(payload) < 16 {
		return reply{}, fmt.Errorf("a reply of %d bytes", len(payload))
	}
	return reply{
		xid:  int32(binary.BigEndian.Uint32(payload)),
		code: int32(binary.BigEndian.Uint32(payload[12:])),
		body: payload[16:],
	}, nil
}

// failedMulti looks into the results of a multi: a failed one says so there only, the first type being that of an error.
func failedMulti(body []byte) bool {
	return len(body) < 9 || (int32(binary.BigEndian.Uint32(body)) == -1 && body[4] == 0)
}

// call sends one request and waits for its reply.
func (s *session) call(op int32, record func(f *frame)) (reply, error) {
	f := s.frame.begin(1, op)
	record(f)
	if _, err := s.conn.Write(f.end()); err != nil {
		return reply{}, err
	}
	return s.readReply()
}

// ensure creates a znode without data unless it is there.
func (s *session) ensure(path string) error {
	r, err := s.call(opCreate, func(f *frame) { f.create(path, nil, 0) })
	if err == nil && r.code != 0 && r.code != errNodeExists {
		err = fmt.Errorf("create %s: code %d", path, r.code)
	}
	return err
}
