package server

import (
	"testing"

	"tabcell/cmd/tabcell/internal/hostmem"
	"tabcell/settings"
)

func TestHeapLimit(t *testing.T) {
	s := settings.Defaults()
	s.Cells.Concurrency, s.Cells.MemoryMB, s.Models.TemplatesMB = 2, 300, 100
	for available, want := range map[uint64]int64{2000 << 20: (1900-480-2*324-100)<<20 + programHeap, 400 << 20: minHeap} {
		if got := heapLimit(s, hostmem.Memory{Bytes: available}) - ballastSize; got != want {
			t.Errorf("with %d bytes, the limit of the heap is %d without the ballast, want %d", available, got, want)
		}
	}
}
