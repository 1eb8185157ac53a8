package doctor

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func TestPortOwners(t *testing.T) {
	const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	line := func(address string, port int, state, inode string) string {
		return fmt.Sprintf("   0: %s:%04X 00000000:0000 %s 00000000:00000000 00:00000000 00000000  1000        0 %s 1 0 100 0 0 10 0\n", address, port, state, inode)
	}
	link := func(target string) *fstest.MapFile {
		return &fstest.MapFile{Mode: fs.ModeSymlink, Data: []byte(target)}
	}
	proc := fstest.MapFS{
		"net/tcp":  {Data: []byte(head + line("0100007F", 80, "0A", "11") + line("0100007F", 9004, "01", "12"))},
		"net/tcp6": {Data: []byte(head + line("00000000000000000000000000000000", 9004, "0A", "13") + "nonsense\n")},
		"7/comm":   {Data: []byte("tab\x1bpy\n")}, "7/fd/3": link("socket:[13]"), "7/fd/4": link("/dev/null"),
		"8/comm": {Data: []byte("nginx\n")}, "8/fd/3": link("socket:[11]"), "8/fd/9": link("socket:[12]"),
		"self/comm": {Data: []byte("self\n")},
	}
	if got := portOwnersIn(proc, 9004); !strings.HasPrefix(got, "process 7 (tab") || strings.Contains(got, "\x1b") || strings.Contains(got, ",") {
		t.Errorf("port 9004: %q", got)
	}
	if got := portOwnersIn(proc, 80); got != "process 8 (nginx)" {
		t.Errorf("port 80: %q", got)
	}
	if got := portOwnersIn(proc, 1); got != "" {
		t.Errorf("free port: %q", got)
	}
}

// The real files of this process have the format that the test above assumes.
func TestPortOwnersHere(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	want := fmt.Sprintf("process %d (", os.Getpid())
	if got := portOwners(listener.Addr().(*net.TCPAddr).Port); !strings.Contains(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
