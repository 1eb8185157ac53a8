//go:build proxy && linux

package proxy

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// member is a node as a balancer sees it.
type member struct {
	server  *httptest.Server
	flight  net.Listener
	started atomic.Int32 // requests that it has carried out, apart from health checks
	refused atomic.Int32 // requests for which it has answered 503
	busy    atomic.Bool  // it answers 503, but is ready
	drains  atomic.Bool  // it is not ready
	hold    chan struct{}
}

func newMember(t *testing.T, name string) *member {
	m := &member{hold: make(chan struct{})}
	m.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.serve(w, r, name) }))
	t.Cleanup(m.server.Close)
	var err error
	if m.flight, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.flight.Close() })
	go func() {
		for {
			conn, err := m.flight.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, name)
			_ = conn.Close()
		}
	}()
	return m
}

func (m *member) serve(w http.ResponseWriter, r *http.Request, name string) {
	switch {
	case r.URL.Path == "/health/ready" && m.drains.Load():
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case r.URL.Path == "/health/ready":
		return
	case m.busy.Load():
		m.refused.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body, _ := io.ReadAll(r.Body)
	m.started.Add(1)
	switch string(body) {
	case "wait":
		<-m.hold
	case "die":
		panic(http.ErrAbortHandler)
	}
	fmt.Fprint(w, name)
}

// carriedOut returns the number of requests that the members have carried out or begun.
func carriedOut(members []*member) (n int) {
	for _, m := range members {
		n += int(m.started.Load())
	}
	return n
}

// address returns the address of a member, and closed an address at which nothing listens.
func (m *member) address() string { return m.server.Listener.Addr().String() }

// clusterPrograms starts the balancers.
var clusterPrograms = map[string]func(*testing.T, []Node) Balancer{"nginx": StartNginx, "haproxy": StartHAProxy}

// nodesOf returns the addresses of members.
func nodesOf(members []*member) (nodes []Node) {
	for _, m := range members {
		nodes = append(nodes, Node{m.address(), m.flight.Addr().String()})
	}
	return nodes
}

// forAll runs a test with three members behind each balancer.
func forAll(t *testing.T, test func(t *testing.T, c client, b Balancer, members []*member)) {
	for name, start := range clusterPrograms {
		t.Run(name, func(t *testing.T) {
			var members []*member
			for i := range 3 {
				members = append(members, newMember(t, fmt.Sprintf("node%d", i+1)))
			}
			b := start(t, nodesOf(members))
			test(t, newClient(t, b.Web), b, members)
		})
	}
}

// A request that a node has not started, with status 503 or because it does not accept connections,
// goes to another one.
func TestClusterRetries(t *testing.T) {
	forAll(t, func(t *testing.T, c client, _ Balancer, members []*member) {
		members[0].busy.Store(true)
		members[1].server.Close()
		for range 12 {
			c.send("POST", "/evaluate", "script").expect(t, 200, "node3")
		}
		if n := members[2].started.Load(); n != 12 {
			t.Errorf("12 requests were carried out %d times", n)
		}
		members[2].busy.Store(true)
		c.send("POST", "/evaluate", "script").expect(t, 503, "")
	})
}

// A node that responds with 503 is the least busy one. The second attempt goes to another node.
func TestClusterRetriesElsewhere(t *testing.T) {
	forAll(t, func(t *testing.T, c client, _ Balancer, members []*member) {
		members[0].busy.Store(true)
		ended := make(chan struct{})
		for i := range 2 {
			go func() {
				c.send("POST", "/evaluate", "wait")
				ended <- struct{}{}
			}()
			for members[1].started.Load()+members[2].started.Load() <= int32(i) {
				time.Sleep(10 * time.Millisecond)
			}
		}
		for range 6 {
			c.send("POST", "/evaluate", "script").expect(t, 200, "node")
		}
		for _, m := range members {
			close(m.hold)
		}
		<-ended
		<-ended
	})
}

// A request that a node has started is never sent again.
func TestClusterSendsOnce(t *testing.T) {
	forAll(t, func(t *testing.T, c client, _ Balancer, members []*member) {
		c.send("POST", "/evaluate", "die").expect(t, 502, "")
		if n := carriedOut(members); n != 1 {
			t.Errorf("the request was sent %d times", n)
		}
	})
}

// A new request goes to a node that has nothing to do.
func TestClusterLeastConnections(t *testing.T) {
	forAll(t, func(t *testing.T, c client, _ Balancer, members []*member) {
		ended := make(chan struct{})
		for i := range 2 {
			go func() {
				c.send("POST", "/evaluate", "wait")
				ended <- struct{}{}
			}()
			for carriedOut(members) <= i {
				time.Sleep(10 * time.Millisecond)
			}
		}
		var free string
		for i, m := range members {
			if m.started.Load() == 0 {
				free = fmt.Sprintf("node%d", i+1)
			}
		}
		for range 6 {
			c.send("POST", "/evaluate", "script").expect(t, 200, free)
		}
		for _, m := range members {
			close(m.hold)
		}
		<-ended
		<-ended
	})
}

// HAProxy sends nothing to a node that is about to stop.
func TestClusterDrains(t *testing.T) {
	var members []*member
	for i := range 3 {
		members = append(members, newMember(t, fmt.Sprintf("node%d", i+1)))
	}
	c := newClient(t, StartHAProxy(t, nodesOf(members)).Web)
	members[1].drains.Store(true)
	deadline := time.Now().Add(testenv.Scaled(30 * time.Second))
	for quiet := 0; quiet < 10; { // ten requests one after the other without the node
		before := members[1].started.Load()
		c.send("POST", "/evaluate", "script").expect(t, 200, "node")
		if quiet++; members[1].started.Load() != before {
			quiet = 0
		}
		if time.Now().After(deadline) {
			t.Fatal("the node still gets requests")
		}
		time.Sleep(20 * time.Millisecond)
	}
}
