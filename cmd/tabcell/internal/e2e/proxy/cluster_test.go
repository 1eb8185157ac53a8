//go:build proxy && linux

package proxy

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
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

// address returns the address of a member, and closed an address at which nothing listens.
func (m *member) address() string { return m.server.Listener.Addr().String() }

// clusterPrograms starts the balancers with three members. They return the addresses of HTTP and of
// Arrow Flight.
var clusterPrograms = map[string]func(t *testing.T, members []*member) (web, flight string){
	"nginx": startClusterNginx, "haproxy": startClusterHAProxy,
}

// replaceNodes replaces the nodes of an example by members. times is how often each is named.
func replaceNodes(t *testing.T, text string, members []*member, times, flightTimes int) string {
	t.Helper()
	for i, m := range members {
		web, flight := fmt.Sprintf("10.0.0.1%d:9004", i+1), fmt.Sprintf("10.0.0.1%d:13622", i+1)
		if strings.Count(text, web) != times || strings.Count(text, flight) != flightTimes {
			t.Fatalf("the example has %s %d times and %s %d times", web, strings.Count(text, web), flight, strings.Count(text, flight))
		}
		text = strings.ReplaceAll(strings.ReplaceAll(text, web, m.address()), flight, m.flight.Addr().String())
	}
	return text
}

// forAll runs a test with three members behind each balancer.
func forAll(t *testing.T, test func(t *testing.T, c client, flight string, members []*member)) {
	for name, start := range clusterPrograms {
		t.Run(name, func(t *testing.T) {
			var members []*member
			for i := range 3 {
				members = append(members, newMember(t, fmt.Sprintf("node%d", i+1)))
			}
			web, flight := start(t, members)
			test(t, newClient(t, web), flight, members)
		})
	}
}

// A request that a node has not started, with status 503 or because it does not accept connections,
// goes to another one.
func TestClusterRetries(t *testing.T) {
	forAll(t, func(t *testing.T, c client, _ string, members []*member) {
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

// A request that a node has started is never sent again.
func TestClusterSendsOnce(t *testing.T) {
	forAll(t, func(t *testing.T, c client, _ string, members []*member) {
		c.send("POST", "/evaluate", "die").expect(t, 502, "")
		if n := members[0].started.Load() + members[1].started.Load() + members[2].started.Load(); n != 1 {
			t.Errorf("the request was sent %d times", n)
		}
	})
}

// A new request goes to a node that has nothing to do.
func TestClusterLeastConnections(t *testing.T) {
	forAll(t, func(t *testing.T, c client, _ string, members []*member) {
		ended := make(chan struct{})
		for range 2 {
			go func() {
				c.send("POST", "/evaluate", "wait")
				ended <- struct{}{}
			}()
			time.Sleep(testenv.Scaled(100 * time.Millisecond))
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

// The requests of a session of the console, and the connections of Arrow Flight, stay on one node.
func TestClusterAffinity(t *testing.T) {
	forAll(t, func(t *testing.T, c client, flight string, _ []*member) {
		first := c.send("GET", "/console/session", "").body
		for range 6 {
			c.send("GET", "/console/session", "").expect(t, 200, first)
		}
		if flight == "" {
			t.Log("this nginx has no module for streams")
			return
		}
		nodes := map[string]bool{}
		for client := range 30 {
			from := fmt.Sprintf("127.0.%d.%d", client, client+2)
			node := dialFlight(t, flight, from)
			for range 3 {
				if again := dialFlight(t, flight, from); again != node {
					t.Errorf("the connections of %s are on %s and %s", from, node, again)
				}
			}
			nodes[node] = true
		}
		if len(nodes) < 2 {
			t.Errorf("30 clients are all on %v", nodes)
		}
	})
}

// dialFlight returns the node that a connection from an address reaches.
func dialFlight(t *testing.T, address, from string) string {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: testenv.Scaled(10 * time.Second)}
	conn, err := dialer.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	node, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(node)
}

// HAProxy sends nothing to a node that is about to stop.
func TestClusterDrains(t *testing.T) {
	var members []*member
	for i := range 3 {
		members = append(members, newMember(t, fmt.Sprintf("node%d", i+1)))
	}
	web, _ := startClusterHAProxy(t, members)
	c := newClient(t, web)
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
