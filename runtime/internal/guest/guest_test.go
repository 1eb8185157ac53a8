package guest

import (
	"context"
	"math"
	"testing"

	"github.com/tetratelabs/wazero"
)

// onePage is the module (module (memory (export "memory") 1 1)).
var onePage = []byte{0, 'a', 's', 'm', 1, 0, 0, 0, 5, 4, 1, 1, 1, 1, 7, 10, 1, 6, 'm', 'e', 'm', 'o', 'r', 'y', 2, 0}

func memory(t *testing.T) Memory {
	r := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigInterpreter())
	t.Cleanup(func() { r.Close(context.Background()) })
	m, err := r.Instantiate(t.Context(), onePage)
	if err != nil {
		t.Fatal(err)
	}
	return MemoryOf(m)
}

func TestBounds(t *testing.T) {
	m := memory(t)
	for _, c := range []struct {
		p, n uint32
		ok   bool
	}{
		{0, 0, true}, {0, 65536, true}, {65536, 0, true}, {65532, 4, true}, {65533, 4, false}, {0, 65537, false}, {65537, 0, false},
		{math.MaxUint32, 1, false}, {math.MaxUint32, math.MaxUint32, false}, {1, math.MaxUint32, false},
	} {
		if _, ok := m.View(c.p, c.n); ok != c.ok {
			t.Errorf("View(%d, %d) returned %v", c.p, c.n, ok)
		}
	}
	if m.Put(65530, make([]byte, 7)) || m.PutUint64(65529, 1) || m.PutUint32(65533, 1) {
		t.Error("a write past the end succeeded")
	}
	if _, ok := m.Uint64(65529); ok {
		t.Error("a read past the end succeeded")
	}
	if v, _ := m.View(65530, 6); string(v) != "\x00\x00\x00\x00\x00\x00" {
		t.Errorf("a failed write changed the memory: %q", v)
	}
}

func TestCopyIsIndependent(t *testing.T) {
	m := memory(t)
	m.Put(10, []byte("old!"))
	copied, ok := m.Copy(10, 4)
	m.Put(10, []byte("new!"))
	if !ok || string(copied) != "old!" {
		t.Errorf("the copy is %q, %v", copied, ok)
	}
}

func TestNoMemory(t *testing.T) {
	if _, ok := (Memory{}).View(0, 0); ok {
		t.Error("View of a missing memory succeeded")
	}
}

func TestInterruption(t *testing.T) {
	m := memory(t)
	m.PutUint32(8, 100)  // address of the flag
	m.PutUint32(12, 200) // address of the breaker
	m.PutUint32(200, 1<<8)
	i, err := ReadInterruption(m, 8)
	if err != nil {
		t.Fatal(err)
	}
	i.Raise(m)
	flag, _ := m.Uint32(100)
	if breaker, _ := m.Uint32(200); flag != 1 || breaker != 1<<8|signalsBit {
		t.Errorf("flag %d, breaker %#x", flag, breaker)
	}
	for name, corrupt := range map[string]func(){
		"flag outside":    func() { m.PutUint32(8, 65536) },
		"breaker outside": func() { m.PutUint32(8, 100); m.PutUint32(12, 65533) },
		"breaker null":    func() { m.PutUint32(12, 0) },
	} {
		corrupt()
		if _, err := ReadInterruption(m, 8); err == nil {
			t.Errorf("%s: ReadInterruption returned no error", name)
		}
	}
	if _, err := ReadInterruption(m, 65530); err == nil {
		t.Error("addresses outside the memory: ReadInterruption returned no error")
	}
}
