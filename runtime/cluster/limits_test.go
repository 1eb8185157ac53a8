package cluster

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

// fakeConn is a connection from a host.
type fakeConn struct {
	net.Conn
	host string
}

// RemoteAddr implements net.Conn.
func (c fakeConn) RemoteAddr() net.Addr { return advertised(c.host + ":1") }

// The connections to the port are limited, whoever they are from.
func TestConnectionsAreLimited(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := newLink("cluster0", "node0000", listener, zerolog.Nop())
	l.certificate.Store(nil)
	for i := range maxConnections {
		if !l.track(fakeConn{nopConn{}, fmt.Sprint(i)}) {
			t.Fatalf("connection %d is refused", i+1)
		}
	}
	l.group.Add(1)
	go l.serve()
	defer l.close()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, net.ErrClosed) || isTimeout(err) {
		t.Errorf("connection %d: %v", maxConnections+1, err)
	}
	l.untrack(fakeConn{nopConn{}, "0"})
	if !l.track(fakeConn{nopConn{}, "again"}) {
		t.Error("after the end of a connection, another one is refused")
	}
}

// nopConn is a connection without a peer.
type nopConn struct{ net.Conn }

// Close implements net.Conn.
func (nopConn) Close() error { return nil }

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// Connections without a certificate are limited, also if each has another host.
func TestStrangersOfAllHosts(t *testing.T) {
	t.Parallel()
	s := strangers{hosts: map[string]int{}}
	var known []func()
	for i := range maxStrangers {
		f, ok := s.add(fakeConn{nopConn{}, fmt.Sprint("host", i)})
		if !ok {
			t.Fatalf("stranger %d is refused", i+1)
		}
		known = append(known, f)
	}
	if _, ok := s.add(fakeConn{nopConn{}, "another"}); ok {
		t.Errorf("stranger %d is accepted", maxStrangers+1)
	}
	known[0]()
	f, ok := s.add(fakeConn{nopConn{}, "another"})
	if !ok {
		t.Error("after the end of one, another stranger is refused")
	}
	for _, f := range append(known, f) {
		f()
	}
	if s.all != 0 || len(s.hosts) != 0 {
		t.Errorf("%d strangers of %d hosts are left", s.all, len(s.hosts))
	}
}

// A connection without a certificate is closed after maxStrangerTime, however busy it is.
func TestStrangersAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := strangers{hosts: map[string]int{}}
		closed := func(show bool) bool {
			ours, theirs := net.Pipe()
			known, ok := s.add(ours)
			if !ok {
				t.Fatal("refused")
			}
			if show {
				known()
			}
			var ended sync.WaitGroup
			gone := make(chan struct{})
			ended.Go(func() {
				defer close(gone)
				for err := error(nil); err == nil; {
					_, err = theirs.Write([]byte("x"))
				}
			})
			ended.Go(func() { _, _ = io.Copy(io.Discard, pacedReader{ours}) })
			time.Sleep(maxStrangerTime + 2*time.Second)
			early := false
			select {
			case <-gone:
				early = true
			default:
			}
			_ = theirs.Close()
			_ = ours.Close()
			ended.Wait()
			known()
			return early
		}
		if !closed(false) {
			t.Error("a stranger stays connected")
		}
		if closed(true) {
			t.Error("a member was disconnected")
		}
	})
}

// pacedReader reads one byte per second.
type pacedReader struct{ io.Reader }

// Read implements io.Reader.
func (r pacedReader) Read(p []byte) (int, error) {
	time.Sleep(time.Second)
	return r.Reader.Read(p[:1])
}

// Join requests that do not end keep others out only up to a limit, and not for longer than they
// last.
func TestJoinsAreLimited(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	n := c.nodes[0]
	join := func(body io.Reader) int {
		w := httptest.NewRecorder()
		n.serveJoin(w, httptest.NewRequest(http.MethodPost, joinPath, body))
		return w.Code
	}
	var slow sync.WaitGroup
	var ends []*io.PipeWriter
	for range maxJoins {
		body, end := io.Pipe()
		ends = append(ends, end)
		slow.Go(func() { join(body) })
		_, _ = end.Write([]byte("{")) // returns when it is read
	}
	if status := join(strings.NewReader("{}")); status != http.StatusServiceUnavailable {
		t.Errorf("join %d got status %d", maxJoins+1, status)
	}
	for _, end := range ends {
		_ = end.Close()
	}
	slow.Wait()
	if status := join(strings.NewReader("{}")); status != http.StatusConflict {
		t.Errorf("a later join got status %d", status)
	}
}
