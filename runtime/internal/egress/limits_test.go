package egress

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"tabcell/runtime/internal/grant"
)

// TestConnectionLimits opens connections up to the limit of a script, an owner and the server.
func TestConnectionLimits(t *testing.T) {
	w := newWorld(t, "tcp://good.example:5000")
	w.serve("192.0.2.1:5000", echo)
	w.grants.List[0].MaxConnections = 2
	w.network.limits.PerOwner, w.network.limits.Connections = 3, 4
	script := func(owner string) *Session {
		g := *w.grants
		g.Owner = owner
		s := w.network.NewSession(t.Context(), Options{Grants: &g, Used: func() {}, Park: noPark})
		t.Cleanup(s.End)
		return s
	}
	expect := func(s *Session, want string) {
		t.Helper()
		handle, err := s.Connect("good.example", 5000, 10*time.Second)
		if want == "" && (err != nil || handle == 0) {
			t.Fatal(err)
		} else if want != "" {
			wantCode(t, "limit", err, grant.Limit, want)
		}
	}
	first, second, other := script("ann"), script("ann"), script("bob")
	expect(first, "")
	expect(first, "")
	expect(first, "2 connections open, the most that the grant g allows (max_connections)")
	expect(second, "")
	expect(second, "the scripts of ann have 3 connections open")
	expect(other, "")
	expect(other, "the scripts of this server have 4 connections open, the most that they may have together (TABCELL_GRANT_CONNECTIONS)")
	if n := w.network.Open(); n != 4 {
		t.Errorf("%d connections are open, want 4", n)
	}
	first.End()
	expect(other, "")
	for range 20 { // a closed connection does not count
		w.network.limits.PerOwner, w.network.limits.Connections = 100, 100
		s := script("ann")
		handle := connect(t, s, "good.example", 5000)
		expect(s, "")
		s.Close(handle)
		expect(s, "")
		s.End()
	}
	second.made = maxConnections
	expect(second, "has made 10000 connections")
	other.End()
	second.End()
	if n := w.network.Open(); n != 0 || len(w.network.owners) != 0 {
		t.Errorf("after the calls, %d connections are open, owners %v", n, w.network.owners)
	}
}

// TestByteLimit sends and receives up to the limit of a grant, which counts for all connections of a
// script together.
func TestByteLimit(t *testing.T) {
	w := newWorld(t, "tcp://good.example:5000")
	w.serve("192.0.2.1:5000", echo)
	w.serve("192.0.2.66:5000", func(conn net.Conn) { _, _ = io.Copy(conn, zeros{}) })
	w.names.names["flood.example"] = [][]string{{"192.0.2.66"}}
	w.grants.List[0].Connect = append(w.grants.List[0].Connect, grant.Target{Scheme: "tcp", Host: "flood.example", Port: 5000})
	w.grants.List[0].MaxBytes = 1 << 20
	s := w.session()
	handle := connect(t, s, "good.example", 5000)
	if err := send(s, handle, string(make([]byte, 600_000))); err != nil {
		t.Fatal(err)
	}
	flood, total := connect(t, s, "flood.example", 5000), 0
	for b := make([]byte, 100_000); ; {
		n, err := s.Receive(flood, b, 10*time.Second)
		if total += n; err != nil {
			wantCode(t, "receive", err, grant.Limit, "1 MB, the most that the grant g allows (max_mb)")
			break
		}
	}
	if total != 1<<20-600_000 {
		t.Errorf("%d bytes were received", total)
	}
	wantCode(t, "send", send(s, handle, "x"), grant.Limit, "max_mb")
	_, err := s.Connect("good.example", 5000, time.Second)
	wantCode(t, "connect", err, grant.Limit, "max_mb")
}

// maxLate tells an operation that the end of its call interrupts, which takes some milliseconds, from
// one that waits for the other side, which does nothing.
const maxLate = 10 * time.Second

// TestEndOfCall ends a call while an operation waits. The operation must end at once, and the other
// side must see the end of the connection.
func TestEndOfCall(t *testing.T) {
	for name, op := range map[string]func(w *world, s *Session, handle int32) *grant.Error{
		"receive": func(_ *world, s *Session, handle int32) *grant.Error {
			_, err := s.Receive(handle, make([]byte, 1), Forever)
			return err
		},
		"send": func(_ *world, s *Session, handle int32) *grant.Error {
			for {
				if _, err := s.Send(handle, make([]byte, MaxTransfer), Forever); err != nil {
					return err
				}
			}
		},
		"poll": func(_ *world, s *Session, handle int32) *grant.Error {
			_, err := s.Poll([]PollEntry{{Handle: handle, Events: PollRead}}, Forever)
			return err
		},
		"sleep": func(_ *world, s *Session, _ int32) *grant.Error { _, err := s.Poll(nil, Forever); return err },
		"tls":   func(_ *world, s *Session, handle int32) *grant.Error { return s.StartTLS(handle, "", Forever) },
		"connect": func(_ *world, s *Session, _ int32) *grant.Error {
			_, err := s.Connect("good.example", 5001, Forever)
			return err
		},
		"resolve": func(w *world, s *Session, _ int32) *grant.Error {
			w.names.block = true
			_, err := s.Resolve("twin.example", 1, Forever)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "tcp://good.example:5000", "tcp://good.example:5001", "tcp://twin.example:1")
			w.servers["192.0.2.1:5001"], w.servers["[2001:db8::1]:5001"] = "nowhere", "nowhere"
			gone, release := make(chan error, 1), make(chan struct{})
			w.serve("192.0.2.1:5000", func(conn net.Conn) {
				<-release
				_, err := io.Copy(io.Discard, conn)
				gone <- err
			})
			w.grants.List[0].MaxBytes = 1 << 40
			ctx, cancel := context.WithCancel(t.Context())
			s := w.network.NewSession(ctx, Options{Grants: w.grants, Used: func() {}, Park: noPark})
			handle := connect(t, s, "good.example", 5000)
			canceled := make(chan time.Time, 1)
			time.AfterFunc(30*time.Millisecond, func() { canceled <- time.Now(); cancel() })
			err := op(w, s, handle)
			s.End()
			if took := time.Since(<-canceled); took > maxLate {
				t.Errorf("the operation ended after %v", took)
			}
			wantCode(t, name, err, grant.Interrupted, "time limit")
			close(release)
			select {
			case <-gone:
			case <-time.After(10 * time.Second):
				t.Error("the connection is still open")
			}
			_, err = s.Connect("good.example", 5000, Forever)
			wantCode(t, "afterwards", err, grant.Interrupted, "")
			if n := w.network.Open(); n != 0 {
				t.Errorf("%d connections are open", n)
			}
		})
	}
}

// TestPark checks that a wait gives the permit back, and that short operations do not.
func TestPark(t *testing.T) {
	w := newWorld(t, "tcp://good.example:5000")
	receives := make(chan struct{}, 10)
	w.serve("192.0.2.1:5000", func(conn net.Conn) {
		b := make([]byte, 1)
		if _, err := conn.Read(b); err == nil {
			<-receives
			_, _ = conn.Write(b)
		}
	})
	parked, resumed, waits := 0, 0, false
	s := w.network.NewSession(t.Context(), Options{Grants: w.grants, Used: func() {}, Park: func() func() {
		if parked++; waits {
			receives <- struct{}{}
		}
		return func() { resumed++ }
	}})
	defer s.End()
	handle := connect(t, s, "good.example", 5000)
	before := parked
	if err := send(s, handle, "x"); err != nil {
		t.Fatal(err)
	}
	waits = true // the other side responds when the session waits for it
	receive(t, s, handle, "x")
	if parked != before+1 || resumed != parked {
		t.Errorf("parked %d times and resumed %d times, before %d", parked, resumed, before)
	}
}

// TestHammer makes random operations in many calls, which are canceled at random times. In the end
// all connections must be closed.
func TestHammer(t *testing.T) {
	w := newWorld(t, "tcp://good.example:5000", "tls://example.com:5001", "http://good.example:80")
	w.names.names["example.com"] = [][]string{{"192.0.2.1"}}
	w.serve("192.0.2.1:5000", echo)
	w.grants.List[0].Roots = w.serveTLS("192.0.2.1:5001")
	w.serveHTTP("192.0.2.1:80")
	w.servers["[2001:db8::1]:5000"] = "127.0.0.1:1"
	var group sync.WaitGroup
	for caller := range 32 {
		group.Go(func() {
			r := rand.New(rand.NewPCG(7, uint64(caller)))
			for range 10 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(r.IntN(30))*time.Millisecond)
				s := w.network.NewSession(ctx, Options{Grants: w.grants, Used: func() {}, Park: noPark})
				randomOperations(s, r)
				s.End()
				cancel()
			}
		})
	}
	group.Wait()
	if n := w.network.Open(); n != 0 || len(w.network.owners) != 0 {
		t.Errorf("%d connections are open, owners %v", n, w.network.owners)
	}
}

// randomOperations calls operations until the call ends.
func randomOperations(s *Session, r *rand.Rand) {
	targets := []struct {
		host string
		port uint16
	}{{"good.example", 5000}, {"example.com", 5001}, {"good.example", 80}, {"evil.example", 80}}
	handles := []int32{0}
	b := make([]byte, 3000)
	for s.ctx.Err() == nil {
		handle, wait := handles[r.IntN(len(handles))], time.Duration(r.IntN(4)-1)*time.Millisecond
		switch r.IntN(8) {
		case 0:
			to := targets[r.IntN(len(targets))]
			if handle, err := s.Connect(to.host, to.port, wait); err == nil {
				handles = append(handles, handle)
			}
		case 1:
			_ = s.StartTLS(handle, "", wait)
		case 2:
			_, _ = s.Send(handle, b[:r.IntN(len(b))], wait)
		case 3:
			_, _ = s.Receive(handle, b, wait)
		case 4:
			_, _ = s.Poll([]PollEntry{{Handle: handle, Events: uint32(r.IntN(4))}, {Handle: handles[0], Events: 3}}, wait)
		case 5:
			_ = s.Shutdown(handle, uint32(r.IntN(4)))
		case 6:
			_, _, _ = s.Info(handle, uint32(r.IntN(7)))
		case 7:
			if r.IntN(3) == 0 {
				_ = s.Close(handle)
			}
		}
	}
}
