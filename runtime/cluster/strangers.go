package cluster

import (
	"net"
	"sync"
	"time"
)

// strangers counts the connections that have not shown a certificate of the cluster, so that a host
// which can reach the port cannot keep the members from connecting.
type strangers struct {
	mu    sync.Mutex
	all   int
	hosts map[string]int
}

// add counts a connection until known is called, which must happen when it is closed at the latest.
// Otherwise the connection is closed after maxStrangerTime. It returns false if there are too many.
func (s *strangers) add(conn net.Conn) (known func(), ok bool) {
	host := hostOf(conn)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all >= maxStrangers || s.hosts[host] >= maxPerHost {
		return nil, false
	}
	s.all++
	s.hosts[host]++
	timer := time.AfterFunc(maxStrangerTime, func() { _ = conn.Close() })
	var once sync.Once
	return func() {
		once.Do(func() {
			timer.Stop()
			s.remove(host)
		})
	}, true
}

func (s *strangers) remove(host string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.hosts[host]--; s.hosts[host] == 0 {
		delete(s.hosts, host)
	}
}

func hostOf(conn net.Conn) string {
	host, _, err := net.SplitHostPort(conn.RemoteAddr().String())
	if err != nil {
		return conn.RemoteAddr().String()
	}
	return host
}
