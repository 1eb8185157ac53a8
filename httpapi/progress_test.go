package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"tabcell/runtime/runtimetest"
)

// deadlines records the deadlines that a transfer sets.
type deadlines []time.Time

func (d *deadlines) set(at time.Time) error {
	*d = append(*d, at)
	return nil
}

// A deadline is renewed each time the bytes of a window have arrived, and not at the end, when
// net/http waits for the next request.
func TestPacedReader(t *testing.T) {
	for size, want := range map[int]int{0: 1, 999: 1, 1000: 2, 1999: 2, 2000: 3, 10_000: 11} {
		var set deadlines
		body := iotest.OneByteReader(strings.NewReader(strings.Repeat("x", size)))
		text, err := io.ReadAll(pacedReader{body, newTransfer(pace{time.Minute, 1000}, set.set)})
		if err != nil || len(text) != size || len(set) != want {
			t.Errorf("%d bytes: read %d, error %v, %d deadlines, want %d", size, len(text), err, len(set), want)
		}
		if !slices.IsSortedFunc(set, time.Time.Compare) || time.Until(set[len(set)-1]) > time.Minute {
			t.Errorf("%d bytes: deadlines %v", size, set)
		}
	}
	var set deadlines
	body := iotest.DataErrReader(strings.NewReader(strings.Repeat("x", 1000))) // the end comes with the last bytes
	if _, err := io.ReadAll(pacedReader{body, newTransfer(pace{time.Minute, 1000}, set.set)}); err != nil || len(set) != 1 {
		t.Errorf("error %v, %d deadlines, want 1", err, len(set))
	}
}

func TestPacedWriter(t *testing.T) {
	for size, want := range map[int]int{0: 1, writeStep - 1: 1, writeStep: 2, 10*writeStep + 1: 11} {
		var set deadlines
		var out bytes.Buffer
		text := bytes.Repeat([]byte("x"), size)
		n, err := pacedWriter{&out, newTransfer(pace{time.Minute, writeStep}, set.set)}.Write(text)
		if err != nil || n != size || !bytes.Equal(out.Bytes(), text) || len(set) != want {
			t.Errorf("%d bytes: wrote %d, error %v, %d deadlines, want %d", size, n, err, len(set), want)
		}
	}
	full := errors.New("full")
	n, err := pacedWriter{failingWriter{full}, newTransfer(defaultPace, new(deadlines).set)}.Write(make([]byte, 10*writeStep))
	if n != 0 || err != full {
		t.Errorf("wrote %d, error %v", n, err)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

// A client that stops in the middle of a body gets 408, however much it has sent before.
func TestStalledBody(t *testing.T) {
	srv := newTestServer(t, nil)
	srv.api.pace = pace{100 * time.Millisecond, 1 << 20}
	for _, sent := range []int{1, 5 << 20} {
		conn := dialServer(t, srv, headWithLength(6<<20)+strings.Repeat("x", sent))
		response, err := io.ReadAll(conn)
		if !strings.HasPrefix(string(response), "HTTP/1.1 408 ") {
			t.Errorf("%d bytes sent: response %.100q, error %v; want status 408", sent, response, err)
		}
	}
	waitFor(t, "an empty budget", func() bool { return srv.api.budget.used() == 0 })
}

// dialServer opens a connection and sends text. It is closed at the end of the test.
func dialServer(t testing.TB, srv *testServer, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", srv.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, text); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	return conn
}

// fromClient returns the header lines of a request that a proxy passes on for a client.
func fromClient(address string) string { return "X-Forwarded-For: " + address + "\r\n" }

// While eight clients of one address do not read their responses, or stop in the middle of their
// uploads, all requests of another client are answered.
func TestStalledClientsLeaveMemoryToOthers(t *testing.T) {
	const maxBody = 1 << 20
	for name, c := range map[string]struct{ script, rest string }{
		"unread responses": {`{"script": "big", "data": {}}`, ""},
		"stalled uploads":  {paddedBody(maxBody - 10), strings.Repeat("x", 10)},
	} {
		t.Run(name, func(t *testing.T) {
			srv := newTestServer(t, func(c *Config) {
				c.MaxRequestBytes, c.MaxBufferedBytes, c.TrustedProxies = maxBody, 32<<20, []string{"127.0.0.1"}
			})
			echoLength(srv, "len")
			srv.engine.On("big", runtimetest.Returns(strings.Repeat("x", 8<<20)))
			for range 40 {
				head := fmt.Sprintf("POST /evaluate HTTP/1.1\r\nHost: x\r\n%sContent-Length: %d\r\n\r\n", fromClient("192.0.2.66"), len(c.script)+len(c.rest))
				dialServer(t, srv, head+c.script)
			}
			waitFor(t, "the attackers' memory", func() bool { return srv.api.budget.used() > 14<<20 })
			for range 20 {
				srv.do("POST", "/evaluate", paddedBody(1000), "X-Forwarded-For", "192.0.2.1").want(t, 200, "1000")
				srv.do("POST", "/evaluate", paddedBody(maxBody), "X-Forwarded-For", "192.0.2.1").want(t, 200, fmt.Sprint(maxBody))
			}
			if used := srv.api.budget.used(); used > 32<<20 {
				t.Errorf("%d bytes are used, the limit is 32 MiB", used)
			}
		})
	}
}
