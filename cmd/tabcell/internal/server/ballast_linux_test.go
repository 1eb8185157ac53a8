package server

import (
	"fmt"
	"os"
	goruntime "runtime"
	"runtime/debug"
	"testing"
)

// TestBallast makes the ballast where the heap had other content before.
func TestBallast(t *testing.T) {
	used := make([]byte, ballastSize)
	for i := 0; i < len(used); i += 4096 {
		used[i] = 1
	}
	goruntime.KeepAlive(used)
	used = nil
	debug.FreeOSMemory()
	before := resident(t)
	ballast := newBallast()
	if grown := resident(t) - before; grown > ballastSize/4 {
		t.Errorf("the ballast takes %d bytes of memory", grown)
	}
	size := 0
	for _, block := range ballast {
		for i := 0; i < len(block); i += 4096 {
			if block[i] != 0 {
				t.Fatalf("byte %d of a block is %d", i, block[i])
			}
		}
		size += len(block)
	}
	if size != ballastSize {
		t.Errorf("the ballast has %d bytes, want %d", size, ballastSize)
	}
}

// resident returns the resident memory of this process in bytes.
func resident(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var total, pages int
	if _, err := fmt.Sscan(string(text), &total, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}
