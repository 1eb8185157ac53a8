package runtime

import (
	"bytes"
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/internal/vfs"

	"github.com/tetratelabs/wazero"
)

// onePage is (module (memory (export "memory") 1 1)).
var onePage = []byte{0, 'a', 's', 'm', 1, 0, 0, 0, 5, 4, 1, 1, 1, 1, 7, 10, 1, 6, 'm', 'e', 'm', 'o', 'r', 'y', 2, 0}

func pageOfMemory(t testing.TB) guest.Memory {
	r := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigInterpreter())
	t.Cleanup(func() { r.Close(context.Background()) })
	m, err := r.Instantiate(t.Context(), onePage)
	if err != nil {
		t.Fatal(err)
	}
	return guest.MemoryOf(m)
}

// allHostFuncs returns the functions that a script can call, by name.
func allHostFuncs() map[string]func(*call, guest.Memory, []uint64) {
	all := map[string]func(*call, guest.Memory, []uint64){"proc_exit": exit}
	for _, f := range hostFuncs(vfs.New(func() (map[string][]byte, error) { return map[string][]byte{"m:x": []byte("code")}, nil }, nil, nil, nil)) {
		all[f.name] = f.call
	}
	for _, f := range wasiFuncs {
		all[f.name] = func(c *call, m guest.Memory, s []uint64) { s[0] = f.call(c, m, s) }
	}
	return all
}

// callHostFunc calls a host function. It may only panic with a stop.
func callHostFunc(t *testing.T, call func(*call, guest.Memory, []uint64), c *call, m guest.Memory, stack []uint64) {
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(*stop); !ok {
				t.Errorf("panic: %v", p)
			}
		}
	}()
	call(c, m, stack)
}

// corners are pointers and lengths that a hostile guest may pass.
var corners = []uint64{
	0, 1, 7, 8, 24, 48, 4096, 65528, 65532, 65535, 65536, 65537,
	math.MaxInt32, math.MaxInt32 + 1, math.MaxUint32 - 7, math.MaxUint32, math.MaxUint64,
}

// expiredCall returns a call whose deadline has passed.
func expiredCall() *call {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(ErrTimeout)
	limits := DefaultLimits()
	limits.Grace, limits.Output = time.Nanosecond, 1<<20
	c := newCall(ctx, Call{Body: []byte("body"), Services: servicesFunc(emptyResponse)}, limits, guest.Interruption{})
	c.model, c.response = []byte("{}\ncode"), []byte("answer")
	c.scripts = newScriptCache()
	return c
}

func emptyResponse(context.Context, Service, string, []byte, []byte) (int, []byte) {
	return 200, []byte("{}")
}

// TestHostFuncCorners calls every function with every pair of corners in any two of its parameters.
func TestHostFuncCorners(t *testing.T) {
	m := pageOfMemory(t)
	for name, call := range allHostFuncs() {
		t.Run(name, func(t *testing.T) {
			for i := range 4 {
				for j := i + 1; j < 5; j++ {
					for _, a := range corners {
						for _, b := range corners {
							stack := []uint64{1, 8, 8, 64, 16, 0, 0, 0, 0}
							stack[i], stack[j] = a, b
							callHostFunc(t, call, expiredCall(), m, stack)
						}
					}
				}
			}
		})
	}
}

func FuzzHostFuncs(f *testing.F) {
	names := make([]string, 0, 32)
	all := allHostFuncs()
	for name := range all {
		names = append(names, name)
	}
	for i := range len(names) {
		f.Add(byte(i), []byte("tabcell"), uint64(1), uint64(0), uint64(8), uint64(64), uint64(math.MaxUint32))
	}
	for i := range len(names) {
		f.Add(byte(i), []byte("{\"service\":\"query\",\"name\":\"x\",\"body\":2}\nabc"), uint64(0), uint64(44), uint64(0), uint64(0), uint64(0))
	}
	m := pageOfMemory(f)
	f.Fuzz(func(t *testing.T, which byte, memory []byte, a, b, c, d, e uint64) {
		m.Put(0, memory[:min(len(memory), 65536)])
		callHostFunc(t, all[names[int(which)%len(names)]], expiredCall(), m, []uint64{a, b, c, d, e, 0, 0, 0, 0})
	})
}

func TestReplyIsCopied(t *testing.T) {
	m, c := pageOfMemory(t), expiredCall()
	m.Put(100, []byte("answer"))
	replyBegin(c, m, []uint64{0})
	replyWrite(c, m, []uint64{100, 6})
	m.Put(100, []byte("others"))
	if string(c.reply) != "answer" {
		t.Errorf("reply %q after a change of the guest's memory", c.reply)
	}
}

// TestAskInvalid makes requests that lie outside of the memory, exceed the limit, or are malformed.
func TestAskInvalid(t *testing.T) {
	m, c := pageOfMemory(t), expiredCall()
	c.ctx = t.Context()
	n := uint64(len("{}\nabc"))
	m.Put(0, []byte("{}\nabc"))
	for _, a := range []struct {
		p, n   uint64
		limit  uint64
		status uint32
	}{
		{0, n, 100, 200}, {0, n, n, 200}, {0, n, n - 1, 413}, {1, n, 100, noResult},
		{65535, 2, 100, noResult}, {math.MaxUint32, 2, 100, noResult}, {0, 0, 100, noResult},
	} {
		c.limits.Request = a.limit
		stack := []uint64{a.p, a.n}
		if askServer(c, m, stack); uint32(stack[0]) != a.status {
			t.Errorf("%+v: ask returned %d", a, int32(stack[0]))
		}
		if got, ok := c.input(guest.InputAnswer); ok != (a.status != noResult) {
			t.Errorf("%+v: the response is %q, %v", a, got, ok)
		}
	}
}

func TestPrintVectors(t *testing.T) {
	m, c := pageOfMemory(t), expiredCall()
	m.Put(0, []byte{64, 0, 0, 0, 3, 0, 0, 0, 80, 0, 0, 0, 2, 0, 0, 0})
	m.Put(64, []byte("abc"))
	m.Put(80, []byte("de"))
	if errno := writeStream(c, m, []uint64{1, 0, 2, 200}); errno != errnoSuccess || c.output.buf.String() != "abcde" {
		t.Errorf("errno %d, printed %q", errno, c.output.buf.String())
	}
	if n, _ := m.Uint32(200); n != 5 {
		t.Errorf("%d bytes were reported as written, want 5", n)
	}
	if errno := writeStream(c, m, []uint64{3, 0, 2, 200}); errno != errnoBadf {
		t.Errorf("descriptor 3: errno %d", errno)
	}
}

func TestSleepDuration(t *testing.T) {
	m := pageOfMemory(t)
	c := newCall(t.Context(), Call{}, DefaultLimits(), guest.Interruption{})
	sub := make([]byte, subscriptionSize)
	sub[subscriptionTimeout+2] = 0x98 // 9.96 ms
	m.Put(0, sub)
	begun := time.Now()
	if errno := sleep(c, m, []uint64{0, 100, 1, 200}); errno != errnoSuccess || time.Since(begun) < 9*time.Millisecond {
		t.Errorf("errno %d after %v", errno, time.Since(begun))
	}
}

func TestAbortMessage(t *testing.T) {
	m, c := pageOfMemory(t), expiredCall()
	m.Put(0, bytes.Repeat([]byte("x"), 5000))
	defer func() {
		err, _ := recover().(*stop)
		if err == nil || !errors.Is(err, ErrCrash) || len(err.Error()) > 2000 {
			t.Errorf("abort stopped the guest with %v", err)
		}
	}()
	abort(c, m, []uint64{0, 5000, 0, 5000})
}
