package grants

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// silent is a server that accepts connections and sends nothing.
type silent struct {
	port             string
	connected, ended chan struct{} // receive a value for each connection
}

func startSilent(t *testing.T) *silent {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := &silent{connected: make(chan struct{}, 10), ended: make(chan struct{}, 10)}
	_, s.port, _ = net.SplitHostPort(l.Addr().String())
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.connected <- struct{}{}
			go func() {
				defer c.Close()
				_, _ = io.Copy(io.Discard, c) // until the other side closes
				s.ended <- struct{}{}
			}()
		}
	}()
	return s
}

// await fails the test if nothing arrives.
func await(t *testing.T, c chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(testenv.Scaled(10 * time.Second)):
		t.Fatalf("%s: nothing happened", what)
	}
}

// waits are scripts that wait for a server at PORT.
var waits = map[string]string{
	"recv":   "import socket\nsocket.create_connection(('localhost', PORT)).recv(10)",
	"select": "import select, socket\ns = socket.create_connection(('localhost', PORT))\nselect.select([s], [], [])",
	"caught": "import socket\ns = socket.create_connection(('localhost', PORT))\ntry:\n    s.recv(1)\nexcept Exception:\n    pass",
	"loop":   "import socket\ns = socket.create_connection(('localhost', PORT), 0.01)\nwhile True:\n    try:\n        s.recv(1)\n    except TimeoutError:\n        pass",
	"http":   "import requests\nrequests.get('http://localhost:PORT/')",
}

// TestTimeLimit checks that a script which waits for a server ends with its time limit, and that its
// connections are closed.
func TestTimeLimit(t *testing.T) {
	s, e := startSilent(t), mustEngine(t)
	grants := grantsOf(connections(t, nil, "tcp://localhost:"+s.port))
	for name, script := range waits {
		t.Run(name, func(t *testing.T) {
			begin, limit := time.Now(), testenv.Scaled(500*time.Millisecond)
			_, err := e.Evaluate(t.Context(), call(grants, strings.ReplaceAll(script, "PORT", s.port), runtime.Limits{Timeout: limit}))
			late := time.Since(begin) - limit
			t.Logf("the call ended %v after its time limit", late)
			if err == nil || !strings.Contains(err.Error(), "time") || late < 0 || late > testenv.Scaled(500*time.Millisecond) {
				t.Errorf("the call ended with %v, %v after its time limit", err, late)
			}
			await(t, s.connected, "connection")
			await(t, s.ended, "end of the connection")
		})
	}
}

// TestCanceled checks that the connections of a call are closed when its caller goes away.
func TestCanceled(t *testing.T) {
	s := startSilent(t)
	grants := grantsOf(connections(t, nil, "tcp://localhost:"+s.port))
	for name, script := range waits {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() {
				_, err := mustEngine(t).Evaluate(ctx, call(grants, strings.ReplaceAll(script, "PORT", s.port), runtime.Limits{}))
				ended <- err
			}()
			await(t, s.connected, "connection")
			cancel()
			await(t, s.ended, "end of the connection")
			if err := <-ended; err == nil {
				t.Error("the call of a caller who went away has a result")
			}
		})
	}
}
