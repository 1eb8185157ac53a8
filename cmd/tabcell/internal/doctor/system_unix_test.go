//go:build unix

package doctor

import (
	"strings"
	"testing"

	"tabcell/settings"

	"golang.org/x/sys/unix"
)

func TestConnections(t *testing.T) {
	for _, c := range []struct {
		connections int
		files       uint64
		want        Severity
		text        string
	}{
		{4096, 65536, OK, "at most 4096, and 1024 of one address"},
		{4096, 4100, Warning, "less than that"},
		{16, 16, Failure, "the server itself needs up to 48"},
		{96, 1024, Warning, "few for a busy hour"},
	} {
		f := compareFiles(settings.Server{MaxConnections: c.connections, MaxConnectionsPerAddress: c.connections / 4}, c.files)
		if f.Severity != c.want || !strings.Contains(f.Text, c.text) || f.Severity != OK && f.Advice == "" {
			t.Errorf("%d connections, %d files: %+v", c.connections, c.files, f)
		}
	}
}

func TestAddressSpace(t *testing.T) {
	s := settings.Defaults()
	for limit, want := range map[uint64]Severity{unix.RLIM_INFINITY & (1<<63 - 1): OK, 1<<64 - 1: OK, 100 << 40: Warning, 1 << 30: Failure} {
		if f := compareAddressSpace(s, limit); f.Severity != want || f.Severity != OK && f.Advice == "" {
			t.Errorf("%d: %+v", limit, f)
		}
	}
}
