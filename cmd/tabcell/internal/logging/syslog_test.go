package logging

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"

	"go.uber.org/goleak"
)

// openSyslogLog opens a log with a SysLogHandler. Its errors are written to the returned output.
func openSyslogLog(t *testing.T, args, format string) (Log, *testenv.Output) {
	t.Helper()
	loaded, file := loadLog(t, t.TempDir(), sections("class=handlers.SysLogHandler\nargs="+args, format))
	stderr := testenv.NewOutput()
	log, err := Open(file, loaded, Output{Stderr: stderr})
	if err != nil {
		t.Fatal(err)
	}
	return log, stderr
}

// receive returns the next datagram.
func receive(t *testing.T, conn net.PacketConn) string {
	t.Helper()
	packet := make([]byte, 64<<10)
	if err := conn.SetReadDeadline(time.Now().Add(testenv.Scaled(30 * time.Second))); err != nil {
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

func TestSyslogDatagrams(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	address := fmt.Sprintf("('127.0.0.1', %d)", conn.LocalAddr().(*net.UDPAddr).Port)
	log, _ := openSyslogLog(t, "("+address+", 'local7')", "[%(levelname)s] %(message)s")
	log.Debug().Msg("d")
	log.Info().Msg("i\nj")
	log.Warn().Msg("w")
	log.Error().Msg(strings.Repeat("é", maxPacket))
	host, _ := os.Hostname()
	host, _, _ = strings.Cut(host, ".")
	head := syslogStamp + regexp.QuoteMeta(host) + fmt.Sprintf(` tabcell\[%d\]: `, os.Getpid())
	wantMatch(t, receive(t, conn), `^<191>`+head+`\[DEBUG\] d$`)
	wantMatch(t, receive(t, conn), `^<190>`+head+`\[INFO\] i\\nj$`)
	wantMatch(t, receive(t, conn), `^<188>`+head+`\[WARNING\] w$`)
	long := receive(t, conn)
	wantMatch(t, long, `^<187>`+head+`\[ERROR\] é+\.\.\.$`)
	if len(long) > maxPacket {
		t.Errorf("packet has %d bytes, want at most %d", len(long), maxPacket)
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
}

func TestSyslogStream(t *testing.T) {
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
	log, _ := openSyslogLog(t, fmt.Sprintf("(('127.0.0.1', %d), 1, socket.SOCK_STREAM)", listener.Addr().(*net.TCPAddr).Port), "%(message)s")
	log.Info().Msg("one")
	log.Info().Msg("two")
	if err := log.Close(); err != nil { // sends the waiting lines
		t.Error(err)
	}
	wantMatch(t, <-lines, `^<14>`+syslogStamp+`\S+ tabcell\[\d+\]: one$`)
	wantMatch(t, <-lines, ` two$`)
	if line, more := <-lines; more {
		t.Errorf("unexpected line %q", line)
	}
}

// socketPath returns a path for a socket. It is short, because the system limits its length.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "log")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

// TestSyslogSocket checks sockets of this host, for datagrams and for streams. Their packets
// contain no host name.
func TestSyslogSocket(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	path := socketPath(t)
	log, stderr := openSyslogLog(t, "('"+path+"',)", "%(message)s")
	log.Info().Msg("early")
	stderr.Find(t, "tabcell: log handler h: dial unix(?:gram)? "+path+": connect: no such file or directory\n")
	conn, err := net.ListenPacket("unixgram", path)
	if err != nil {
		log.Close()
		t.Skipf("this host does not support Unix datagram sockets: %v", err)
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
	stream, _ := openSyslogLog(t, "('"+path+"t',)", "%(message)s")
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
