//go:build attack && linux

package attack

import (
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// grantAttacks are scripts with grants, which use servers and files of the attacker.
var grantAttacks = []attack{
	{name: "grants: servers that do not respond", configure: grants(silent), run: grantScripts(80, "s.recv(1)\nreturn 1")},
	{name: "grants: connections opened again and again", configure: grants(silent), run: grantScripts(8,
		"s.close()\nwhile True:\n    socket.create_connection(('127.0.0.1', PORT)).close()")},
	{name: "grants: connections that are kept", configure: grants(silent), run: grantScripts(80,
		"a = [s]\ntry:\n    while True:\n        a.append(socket.create_connection(('127.0.0.1', PORT)))\nexcept OSError:\n    s.recv(1)")},
	{name: "grants: servers that send without end", configure: grants(endless), run: grantScripts(8, "while s.recv(1 << 20):\n    pass\nreturn 1")},
	{name: "grants: servers that do not read", configure: grants(unreading), run: grantScripts(8, "while True:\n    s.sendall(bytes(1 << 20))")},
	{name: "grants: names that are resolved slowly", root: true, configure: slowNames, run: scripts(80, "import socket\nreturn str(socket.getaddrinfo('slow.example', 80))")},
	{name: "grants: files opened again and again", configure: grants(silent), run: scripts(8, "a = []\nwhile True:\n    a.append(open('/granted/large'))")},
	{name: "grants: files of 200 MB", configure: grants(silent), run: scripts(8, "while True:\n    with open('/granted/large', 'rb') as f:\n        while f.read(1 << 20):\n            pass")},
}

// grantConfig permits a server and a folder.
const grantConfig = `[TabPy]
TABCELL_QUEUE = 128

[Grant attack]
connect = tcp://127.0.0.1:%d, tcp://slow.example:80
read = %s=/granted
accounts = *
allow_anonymous = yes
`

// configVariable names the configuration file in the settings of a server.
const configVariable = "ATTACK_CONFIG"

// resolverVariable names the file that a server sees as /etc/resolv.conf.
const resolverVariable = "ATTACK_RESOLVER"

// value returns the value of a variable, or "".
func value(env []string, name string) string {
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}

// grants returns the configuration of a server with grants. serve handles the connections of
// scripts.
func grants(serve func(net.Conn)) func(*testing.T, *victim, []string) []string {
	return func(t *testing.T, v *victim, _ []string) []string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer conn.Close()
					serve(conn)
				}()
			}
		}()
		v.extra = l.Addr().String()
		folder := t.TempDir()
		testenv.WriteFile(t, filepath.Join(folder, "large"), strings.Repeat("x", 200<<20))
		config := testenv.WriteConfig(t, fmt.Sprintf(grantConfig, l.Addr().(*net.TCPAddr).Port, folder))
		return []string{configVariable + "=" + config}
	}
}

// silent reads until the client closes the connection. It sends nothing.
func silent(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// unreading reads so slowly that the client has to wait.
func unreading(conn net.Conn) {
	for {
		if _, err := conn.Read(make([]byte, 1)); err != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// endless sends until the client closes the connection.
func endless(conn net.Conn) {
	block := make([]byte, 64<<10)
	for {
		if _, err := conn.Write(block); err != nil {
			return
		}
	}
}

// grantScripts returns an attack with scripts that have a connection s to the server of the
// attacker.
func grantScripts(clients int, script string) func(context.Context, *testing.T, *victim) {
	return func(ctx context.Context, t *testing.T, v *victim) {
		_, port, _ := net.SplitHostPort(v.extra)
		text := "import socket\ns = socket.create_connection(('127.0.0.1', PORT))\n" + script
		scripts(clients, strings.ReplaceAll(text, "PORT", port))(ctx, t, v)
	}
}

// slowNames gives the server a name server that takes questions and answers none.
func slowNames(t *testing.T, v *victim, env []string) []string {
	conn, err := net.ListenPacket("udp", attackerAddress+":53")
	if err != nil {
		t.Skipf("no name server can be started: %v", err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() { _, _ = io.Copy(io.Discard, readsFrom{conn}) }()
	path := filepath.Join(t.TempDir(), "resolv.conf")
	testenv.WriteFile(t, path, "nameserver "+attackerAddress+"\noptions timeout:30 attempts:1\n")
	return append(grants(silent)(t, v, env), resolverVariable+"="+path)
}

// readsFrom reads the packets of a connection.
type readsFrom struct{ conn net.PacketConn }

// Read implements io.Reader.
func (r readsFrom) Read(b []byte) (int, error) {
	n, _, err := r.conn.ReadFrom(b)
	return n, err
}
