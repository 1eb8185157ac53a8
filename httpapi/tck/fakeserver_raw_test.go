package tck

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// startRaw implements Target.Start for a group of raw requests.
func (f *fakeServer) startRaw(t testing.TB, s ServerSpec) (string, func()) {
	responses := map[string]Response{}
	for _, c := range f.cases {
		responses[string(latin1(s.fill(c.Request.Raw)))] = c.Response
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var connections sync.WaitGroup
	connections.Go(func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			connections.Go(func() { f.respondRaw(conn, responses) })
		}
	})
	return "http://" + listener.Addr().String(), func() {
		_ = listener.Close()
		connections.Wait()
	}
}

// respondRaw sends the recorded responses. If TabPy kept the connection open, so does respondRaw,
// until the client closes it.
func (f *fakeServer) respondRaw(conn net.Conn, responses map[string]Response) {
	defer conn.Close()
	buffer := make([]byte, 64<<10)
	n, _ := conn.Read(buffer) // the kit sends a raw request with one Write
	a := responses[string(buffer[:n])]
	f.corrupt(&a)
	for _, status := range a.Statuses {
		length := "Content-Length: 0\r\n"
		if status < 200 {
			length = ""
		}
		fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\n%s\r\n", status, http.StatusText(status), length)
	}
	if !a.Closed {
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
		_, _ = conn.Read(buffer)
	}
}
