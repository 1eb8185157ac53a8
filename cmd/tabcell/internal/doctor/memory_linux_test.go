package doctor

import (
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/hostmem"
	"tabcell/settings"
)

func TestCheckMemory(t *testing.T) {
	s := settings.Defaults()
	s.Cells.Concurrency, s.Cells.MemoryMB, s.Models.TemplatesMB, s.Request.BufferMB = 2, 300, 100, 100
	for mb, want := range map[uint64]Severity{2000: OK, 400: Warning, 0: Warning} {
		f := checkMemory(s, hostmem.Memory{Bytes: mb << 20, Source: "the control group"}, hostmem.Memory{})
		sum := "the server uses up to 1328 (scripts 2 x 324, models 100, requests 100, the program 480)"
		if f.Severity != want || mb > 0 && !strings.Contains(f.Text, sum) || want == Warning && f.Advice == "" {
			t.Errorf("with %d MiB: %+v", mb, f)
		}
	}
}

func TestCheckFreeMemory(t *testing.T) {
	s, host := settings.Defaults(), hostmem.Memory{Bytes: 1 << 40, Source: "the host"}
	s.Cells.Concurrency = 1
	if f := checkMemory(s, host, hostmem.Memory{Bytes: 1 << 40}); f.Severity != OK {
		t.Errorf("%+v", f)
	}
	if f := checkMemory(s, host, hostmem.Memory{Bytes: 100 << 20, Source: "the host"}); f.Severity != Warning || !strings.Contains(f.Text, "; 100 MiB of the host are free now") {
		t.Errorf("%+v", f)
	}
}

func TestCheckMappings(t *testing.T) {
	for limit, want := range map[int]Severity{usualMappings: OK, 1 << 20: OK, 1000: Warning} {
		if f := checkMappings(limit); f.Severity != want {
			t.Errorf("limit %d: %+v", limit, f)
		}
	}
}
