package settings

import (
	"strings"
	"testing"
)

// loadOn returns the settings on a host with the given memory and four cores.
func loadOn(t *testing.T, hostMB int, environ ...string) (Settings, Problems) {
	t.Helper()
	l := newLoader(Sources{Environ: environ, HostMemoryMB: hostMB})
	if err := l.loadLayers(); err != nil {
		t.Fatal(err)
	}
	s := l.apply()
	if !l.isSet("cells.concurrency") {
		s.Cells.Concurrency = 4
	}
	l.resolve(&s)
	l.checkHostMemory(s)
	if len(l.errors) > 0 {
		t.Fatal(l.errors)
	}
	return s, l.warnings
}

func TestDefaultsFitHost(t *testing.T) {
	for _, host := range []int{400, 512, 768, 1024, 1535, 1536, 2048, 4096, 16 << 10, 1 << 20} {
		s, warnings := loadOn(t, host)
		if sum := s.MemorySumMB(); sum > host || len(warnings) > 0 {
			t.Errorf("on a host with %d MiB, the defaults use %d MiB (%s): %v", host, sum, s.MemoryText(), warnings)
		}
		if s.Cells.MemoryMB < minCellMB || s.Cells.Concurrency < 1 || s.Models.TemplatesMB < minTemplatesMB || s.Request.BufferMB < minBufferMB {
			t.Errorf("on a host with %d MiB, the defaults are too small: %s", host, s.MemoryText())
		}
		if want := max(128, min(256, host/8)); s.Auth.MemoryMB != want {
			t.Errorf("on a host with %d MiB, checks of passwords may use %d MiB, want %d", host, s.Auth.MemoryMB, want)
		}
		if core := s.Cells.Guest == "core"; core != (host < minFullHostMB) {
			t.Errorf("on a host with %d MiB, the guest is %s", host, s.Cells.Guest)
		}
	}
	large, _ := loadOn(t, 1<<20)
	unknown, _ := loadOn(t, 0)
	if large != unknown || large.Cells.MemoryMB != 1024 || large.Cells.Concurrency != 4 || large.Request.BufferMB != 800 || large.Cells.OutputMB != 256 {
		t.Errorf("on a large host %+v, on an unknown one %+v", large, unknown)
	}
}

func TestConfiguredMemory(t *testing.T) {
	for _, c := range []struct {
		environ string
		get     func(Settings) int
		want    int
		warned  bool
	}{
		{"TABCELL_MEMORY_LIMIT_MB=500", func(s Settings) int { return s.Cells.MemoryMB }, 500, false},
		{"TABCELL_MEMORY_LIMIT_MB=500", func(s Settings) int { return s.Cells.Concurrency }, 1, false},
		{"TABCELL_CONCURRENCY=3", func(s Settings) int { return s.Cells.MemoryMB }, 192, false},
		{"TABCELL_CONCURRENCY=16", func(s Settings) int { return s.Cells.Concurrency }, 16, true},
		{"TABCELL_BUFFER_MB=3000", func(s Settings) int { return s.Request.BufferMB }, 3000, true},
		{"TABCELL_MODELS_TEMPLATES_MB=2000", func(s Settings) int { return s.Models.TemplatesMB }, 2000, true},
		{"TABCELL_MAX_REQUEST_SIZE_MB=200", func(s Settings) int { return s.Request.BufferMB }, 260, false},
	} {
		s, warnings := loadOn(t, 1600, c.environ)
		if got := c.get(s); got != c.want || len(warnings) > 0 != c.warned {
			t.Errorf("%s: %d, want %d (%s); warnings %v", c.environ, got, c.want, s.MemoryText(), warnings)
		}
		if c.warned && !strings.Contains(warnings[0].String(), "has 1600 MiB; lower this limit") {
			t.Error(warnings)
		}
	}
}

// TestWaitingMemory checks the memory of scripts that wait for the network.
func TestWaitingMemory(t *testing.T) {
	s := Settings{}
	s.Cells.MemoryMB, s.Cells.Concurrency, s.Cells.Guest = 1000, 2, "core"
	sum := s.MemorySumMB()
	for host, want := range map[int]int{0: 1000, sum - 100: 250, sum: 250, sum + 251: 251, sum + 1<<20: 4000} {
		if got := s.WaitingMB(host); got != want {
			t.Errorf("on a host with %d MiB, waiting scripts may hold %d MiB, want %d", host, got, want)
		}
	}
}

// TestReserve checks that no script beyond the concurrency is allowed if the memory is too small.
func TestReserve(t *testing.T) {
	for host, want := range map[int]bool{0: true, 400: false, 1024: false, 2048: false, 16 << 10: true} {
		if s, _ := loadOn(t, host); s.HasReserve(host) != want {
			t.Errorf("on a host with %d MiB, there is a reserve: %v (%s)", host, !want, s.MemoryText())
		}
	}
}
