package listener

import (
	"net"
	"net/http"
	"net/netip"
	"testing"
)

// FuzzLimiter lets connections of four addresses arrive, change their state and end in any order.
// The limits must hold, the lists must be complete, and nothing may be left at the end.
func FuzzLimiter(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 0, 0, 0x41, 0x82, 0xc0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, steps []byte) {
		limits := Limits{Total: 5, PerAddress: 3}
		in := &fakeListener{}
		l := NewLimiter(in, limits)
		var closed []string
		var conns []net.Conn
		for _, step := range steps {
			i := int(step & 0x3f)
			switch {
			case step < 0x40:
				addr := netip.AddrFrom4([4]byte{192, 0, 2, step % 4})
				in.conns = []net.Conn{fakeConn{addr: addr, closed: &closed}}
				if conn, err := l.Accept(); err == nil {
					conns = append(conns, &framingConn{Conn: conn})
				}
			case i >= len(conns):
			case step < 0x80:
				l.ConnState(conns[i], http.StateActive)
			case step < 0xc0:
				l.ConnState(conns[i], http.StateIdle)
			default:
				_ = conns[i].Close()
			}
			checkLimiter(t, l)
		}
		for _, conn := range conns {
			_ = conn.Close()
		}
		if l.open != 0 || len(l.clients) != 0 || l.idle.Len() != 0 {
			t.Errorf("%d connections of %d clients are left, %d idle", l.open, len(l.clients), l.idle.Len())
		}
	})
}

// checkLimiter checks the limits and the numbers of a limiter with exact counts.
func checkLimiter(t *testing.T, l *Limiter) {
	t.Helper()
	open, idle := 0, 0
	for network, of := range l.clients {
		if of.open < 1 || of.open > l.limits.PerAddress || of.idle.Len() > of.open {
			t.Fatalf("%v has %d connections, %d of them idle", network, of.open, of.idle.Len())
		}
		open, idle = open+of.open, idle+of.idle.Len()
	}
	if open != l.open || idle != l.idle.Len() || open > l.limits.Total {
		t.Fatalf("%d connections, %d idle; the clients have %d and %d", l.open, l.idle.Len(), open, idle)
	}
}
