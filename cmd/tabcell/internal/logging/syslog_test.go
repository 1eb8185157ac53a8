package logging

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings/pylog"

	"go.uber.org/goleak"
)

// syslogOf opens a SysLogHandler with those args; complaints go to the returned stream.
func syslogOf(t *testing.T, args, format string) (Log, *testenv.Output) {
	t.Helper()
	loaded, file := loadLog(t, t.TempDir(), sections("class=handlers.SysLogHandler\nargs="+args, format))
	stderr := testenv.NewOutput()
	log, err := Open(file, loaded, Output{Stderr: stderr})
	if err != nil {
		t.Fatal(err)
	}
	return log, stderr
}

func receive(t *testing.T, conn net.PacketConn) string {
	t.Helper()
	packet := make([]byte, 64<<10)
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	n, _, err := conn.ReadFrom(packet)
	if err != nil {
		t.Fatal(err)
	}
	return string(packet[:n])
}

func wantMatch(t *testing.T, got, pattern string) {
	t.Helper()
	if !regexp.MustCompile(pattern).MatchString(got) {
		t.Errorf("got %q, want %s", got, pattern)
	}
}

const syslogStamp = `(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d `

func TestSyslogByDatagrams(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	address := fmt.Sprintf("('127.0.0.1', %d)", conn.LocalAddr().(*net.UDPAddr).Port)
	log, _ := syslogOf(t, "("+address+", 'local7')", "[%(levelname)s] %(message)s")
	log.Debug().Msg("d")
	log.Info().Msg("i\nj")
	log.Warn().Msg("w")
	log.Error().Msg(strings.Repeat("é", mostPacket))
	host, _ := os.Hostname()
	host, _, _ = strings.Cut(host, ".")
	head := syslogStamp + regexp.QuoteMeta(host) + fmt.Sprintf(` tabcell\[%d\]: `, os.Getpid())
	wantMatch(t, receive(t, conn), `^<191>`+head+`\[DEBUG\] d$`)
	wantMatch(t, receive(t, conn), `^<190>`+head+`\[INFO\] i\\nj$`)
	wantMatch(t, receive(t, conn), `^<188>`+head+`\[WARNING\] w$`)
	long := receive(t, conn)
	wantMatch(t, long, `^<187>`+head+`\[ERROR\] é+\.\.\.$`)
	if len(long) > mostPacket {
		t.Errorf("%d bytes", len(long))
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
}

// A format that names the program itself, as Python's receivers need it, is not given a second name.
func TestSyslogTag(t *testing.T) {
	for format, own := range map[string]bool{
		"tabpy: %(message)s": true, "tabpy[%(process)d]: %(message)s": true, "%(message)s": false, "%(name)s: %(message)s": false,
		"a tabpy: %(message)s": false, "[tabpy] %(message)s": false,
	} {
		compiled, _ := pylog.ParseFormat(format, "", "")
		if ownTag.MatchString(compiled.Prefix()) != own {
			t.Errorf("%s: %v", format, !own)
		}
	}
	s := &syslogSink{tagged: true, host: "h", spec: pylog.Syslog{Network: "tcp", Facility: 1}}
	if got := string(s.packet([]byte("tabpy: a\nb"), 50, time.Date(2025, 8, 1, 9, 0, 0, 0, time.UTC))); got != "<10>Aug  1 09:00:00 h tabpy: a b" {
		t.Error(got)
	}
}

func TestSyslogByStream(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	lines := make(chan string, 10)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		for in := bufio.NewScanner(conn); in.Scan(); {
			lines <- in.Text()
		}
		close(lines)
	}()
	log, _ := syslogOf(t, fmt.Sprintf("(('127.0.0.1', %d), 1, socket.SOCK_STREAM)", listener.Addr().(*net.TCPAddr).Port), "%(message)s")
	log.Info().Msg("one")
	log.Info().Msg("two")
	if err := log.Close(); err != nil { // sends what waits
		t.Error(err)
	}
	wantMatch(t, <-lines, `^<14>`+syslogStamp+`\S+ tabcell\[\d+\]: one$`)
	wantMatch(t, <-lines, ` two$`)
	if line, more := <-lines; more {
		t.Errorf("more: %q", line)
	}
}

// socketPath is a path for a socket, which must be short.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "log")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

// A socket of this host, as a datagram's or as a stream's, without a host name.
func TestSyslogBySocket(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	path := socketPath(t)
	log, stderr := syslogOf(t, "('"+path+"',)", "%(message)s")
	log.Info().Msg("early")
	stderr.Find(t, "tabcell: log handler h: dial unix(?:gram)? "+path+": connect: no such file or directory\n")
	conn, err := net.ListenPacket("unixgram", path)
	if err != nil {
		log.Close()
		t.Skipf("this host has no datagram sockets of its own: %v", err)
	}
	defer conn.Close()
	wantMatch(t, receive(t, conn), `^<14>`+syslogStamp+`tabcell\[\d+\]: early$`)
	if err := log.Close(); err != nil {
		t.Error(err)
	}
	listener, err := net.Listen("unix", path+"t")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	stream, _ := syslogOf(t, "('"+path+"t',)", "%(message)s")
	stream.Info().Msg("streamed")
	if err := stream.Close(); err != nil {
		t.Error(err)
	}
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	text, err := io.ReadAll(accepted)
	if err != nil {
		t.Fatal(err)
	}
	wantMatch(t, string(text), `^<14>`+syslogStamp+`tabcell\[\d+\]: streamed\n$`)
}

// A receiver that reads nothing must not hold up the server: lines are dropped, counted, and told of.
func TestSyslogNeverBlocks(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	path := socketPath(t)
	listener, err := net.Listen("unix", path) // the buffers of such a connection are small
	if err != nil {
		t.Skipf("this host has no sockets of its own: %v", err)
	}
	defer listener.Close()
	log, stderr := syslogOf(t, "('"+path+"', 1, socket.SOCK_STREAM)", "%(message)s")
	const sent = 4 * syslogQueue
	text := strings.Repeat("x", mostPacket/2)
	for range sent {
		log.Info().Msg(text)
	}
	listener.Close() // resets the connection, which nobody accepted
	if err := log.Close(); err != nil {
		t.Error(err)
	}
	lost := 0
	for _, told := range regexp.MustCompile(`lines lost: (\d+)`).FindAllStringSubmatch(stderr.String(), -1) {
		n, _ := strconv.Atoi(told[1])
		lost += n
	}
	if lost < sent/4 || lost > sent {
		t.Errorf("%d of %d lines were lost as was told:\n%s", lost, sent, stderr)
	}
}

// When the server's patience ends, a receiver that takes each line, but slowly, gets no more of them.
func TestSyslogGivesUp(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	taken := make(chan int64, 1)
	go func() {
		n, _ := io.Copy(io.Discard, far)
		taken <- n
	}()
	s := &syslogSink{spec: pylog.Syslog{Network: "tcp"}, conn: near, trouble: &trouble{out: io.Discard, now: time.Now}, now: time.Now}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.deliver([]byte("one"))
	s.cancel()
	s.deliver([]byte("two"))
	s.hangUp()
	if n := <-taken; n != int64(len("one\n")) || s.lost.Load() != 1 {
		t.Errorf("%d bytes were taken, %d lines lost", n, s.lost.Load())
	}
}

// A receiver that is not there yet gets what fits into the queue when it comes.
func TestSyslogWaitsForItsReceiver(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	conn, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := conn.Addr().String()
	conn.Close()
	_, port, _ := net.SplitHostPort(address)
	log, stderr := syslogOf(t, "(('127.0.0.1', "+port+"), 1, socket.SOCK_STREAM)", "%(message)s")
	log.Info().Msg("early")
	stderr.Find(t, "tabcell: log handler h: dial tcp "+address+": connect: connection refused\n")
	if conn, err = net.Listen("tcp", address); err != nil {
		log.Close()
		t.Skipf("another program took the port meanwhile: %v", err)
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
