package logging

import (
	"bufio"
	"context"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"tabcell/settings/pylog"

	"go.uber.org/goleak"
)

// TestSyslogNeverBlocks checks that logging does not block if the receiver reads nothing: lines are
// dropped, counted and reported.
func TestSyslogNeverBlocks(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	path := socketPath(t)
	listener, err := net.Listen("unix", path) // Unix sockets have small buffers
	if err != nil {
		t.Skipf("this host does not support Unix sockets: %v", err)
	}
	defer listener.Close()
	log, stderr := openSyslogLog(t, "('"+path+"', 1, socket.SOCK_STREAM)", "%(message)s")
	const sent = 4 * syslogQueue
	text := strings.Repeat("x", maxPacket/2)
	for range sent {
		log.Info().Msg(text)
	}
	listener.Close() // resets the connection, which was never accepted
	if err := log.Close(); err != nil {
		t.Error(err)
	}
	lost := 0
	for _, match := range regexp.MustCompile(`lines lost: (\d+)`).FindAllStringSubmatch(stderr.String(), -1) {
		n, _ := strconv.Atoi(match[1])
		lost += n
	}
	if lost < sent/4 || lost > sent {
		t.Errorf("%d of %d lines were reported as lost:\n%s", lost, sent, stderr)
	}
}

// TestSyslogCloseTimeout checks that nothing is sent after the time to close has expired, even if
// the receiver still accepts lines.
func TestSyslogCloseTimeout(t *testing.T) {
	client, server := net.Pipe()
	defer server.Close()
	received := make(chan int64, 1)
	go func() {
		n, _ := io.Copy(io.Discard, server)
		received <- n
	}()
	s := &syslogSink{
		conn: &syslogConn{spec: pylog.Syslog{Network: "tcp"}, conn: client}, now: time.Now,
		reporter: &errorReporter{out: io.Discard, now: time.Now},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.deliver([]byte("one"))
	s.cancel()
	s.deliver([]byte("two"))
	s.conn.close()
	if n := <-received; n != int64(len("one\n")) || s.lost.Load() != 1 {
		t.Errorf("received %d bytes, lost %d lines; want %d and 1", n, s.lost.Load(), len("one\n"))
	}
}

// TestSyslogWaitsForReceiver checks that lines wait in the queue until the receiver starts.
func TestSyslogWaitsForReceiver(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	conn, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := conn.Addr().String()
	conn.Close()
	_, port, _ := net.SplitHostPort(address)
	log, stderr := openSyslogLog(t, "(('127.0.0.1', "+port+"), 1, socket.SOCK_STREAM)", "%(message)s")
	log.Info().Msg("early")
	stderr.Find(t, "tabcell: log handler h: dial tcp "+address+": connect: connection refused\n")
	if conn, err = net.Listen("tcp", address); err != nil {
		log.Close()
		t.Skipf("another program has taken the port: %v", err)
	}
	defer conn.Close()
	accepted, err := conn.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	line, err := bufio.NewReader(accepted).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	wantMatch(t, line, " early\n$")
	if err := log.Close(); err != nil {
		t.Error(err)
	}
}
