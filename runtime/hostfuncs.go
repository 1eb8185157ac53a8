package runtime

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/internal/vfs"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Every function a script can reach outside its cell is in this file, in scripts.go, services.go and wasi.go. None of them blocks but sleep and ask
// (which end with the deadline), none keeps a pointer into the guest, and none has state beyond the running call.

// refusal is the answer of a host call whose pointers or numbers make no sense.
const refusal = ^uint32(0)

// door is a host function: parameters on the stack in, result on the stack out.
type door struct {
	name            string
	params, results int // i32 each
	enter           func(c *call, m guest.Memory, stack []uint64)
}

// doors are the module "tabcell".
func doors(library *vfs.Library) []door {
	return []door{
		{guest.Tick, 0, 0, func(c *call, m guest.Memory, s []uint64) { c.ticks++; tick(c, m, s) }},
		{"input_size", 1, 1, inputSize},
		{"input_read", 3, 1, inputRead},
		{"reply_begin", 1, 0, replyBegin},
		{"reply_write", 2, 0, replyWrite},
		{"resource_size", 2, 1, func(_ *call, m guest.Memory, s []uint64) { s[0] = resourceSize(library, m, s) }},
		{"resource_read", 4, 1, func(_ *call, m guest.Memory, s []uint64) { s[0] = resourceRead(library, m, s) }},
		{"ask", 2, 1, askServer},
		{"code", 3, 1, codeOf},
		{"abort", 4, 0, abort},
	}
}

// register makes both host modules.
func register(ctx context.Context, r wazero.Runtime, library *vfs.Library) error {
	b := r.NewHostModuleBuilder(guest.HostModule)
	for _, d := range doors(library) {
		b = b.NewFunctionBuilder().WithGoModuleFunction(d, words(d.params), words(d.results)).Export(d.name)
	}
	if _, err := b.Instantiate(ctx); err != nil {
		return err
	}
	return registerWASI(ctx, r)
}

// Call implements api.GoModuleFunction.
func (d door) Call(ctx context.Context, m api.Module, stack []uint64) {
	d.enter(callOf(ctx), guest.MemoryOf(m), stack)
}

func words(n int) []api.ValueType {
	t := make([]api.ValueType, n)
	for i := range t {
		t[i] = api.ValueTypeI32
	}
	return t
}

// tick is called by code that the rewriter inserted, each time the fuel is used up. Before the deadline it costs a look at the context.
// A caller who went away ends the call at once. At the deadline the interpreter gets its exception, once, so that the script's finally
// blocks run; when the grace is over the guest is ended, whatever it does.
func tick(c *call, m guest.Memory, _ []uint64) {
	if c.ctx.Err() == nil {
		return
	}
	cause := context.Cause(c.ctx)
	now := time.Now()
	switch {
	case cause != ErrTimeout:
		panic(&stop{cause})
	case c.graceEnd.IsZero():
		c.graceEnd = now.Add(c.limits.Grace)
		c.interruption.Raise(m)
	case now.After(c.graceEnd):
		panic(&stop{ErrTimeout})
	}
}

// inputSize(which) -> bytes, or -1; for a mark it is that, too.
func inputSize(c *call, _ guest.Memory, s []uint64) {
	c.mark(uint32(s[0]))
	b, ok := c.input(uint32(s[0]))
	s[0] = uint64(refusal)
	if ok {
		s[0] = uint64(uint32(len(b)))
	}
}

// inputRead(which, dst, cap) -> bytes copied, or -1. Cost: one copy.
func inputRead(c *call, m guest.Memory, s []uint64) {
	begun := time.Now()
	b, ok := c.input(uint32(s[0]))
	n := copyOut(m, b, ok, uint32(s[1]), uint32(s[2]))
	s[0] = uint64(n)
	took := time.Since(begun)
	c.trace.Copy += took
	c.trace.CopyIn += took
	if n != refusal {
		c.trace.In += uint64(n)
	}
}

func copyOut(m guest.Memory, b []byte, ok bool, dst, room uint32) uint32 {
	n := min(uint32(len(b)), room)
	if !ok || !m.Put(dst, b[:n]) {
		return refusal
	}
	return n
}

// replyBegin(kind): what was written before is forgotten.
func replyBegin(c *call, _ guest.Memory, s []uint64) {
	c.ran = c.inside()
	c.kind = Kind(min(uint32(s[0]), 255))
	c.reply = c.reply[:0]
}

// replyWrite(src, len) appends to the reply, up to the output limit; past it the call ends with ErrOutput.
func replyWrite(c *call, m guest.Memory, s []uint64) {
	begun := time.Now()
	b, ok := m.View(uint32(s[0]), uint32(s[1]))
	if !ok {
		panic(&stop{fmt.Errorf("%w: its answer lies outside its memory", ErrCrash)})
	}
	if uint64(len(c.reply))+uint64(len(b)) > c.limits.Output {
		panic(&stop{ErrOutput})
	}
	c.reply = append(c.roomFor(len(b)), b...)
	c.trace.Copy += time.Since(begun)
	c.trace.Out += uint64(len(b))
}

// roomFor is the reply with room for n more bytes. One that comes in many pieces is often about as long as the request, and a little longer for the
// spaces between values.
func (c *call) roomFor(n int) []byte {
	if len(c.reply)+n <= cap(c.reply) || len(c.reply) == 0 && n < firstPiece {
		return c.reply
	}
	expected := min(len(c.body)+len(c.body)/8, int(c.limits.Output))
	return slices.Grow(c.reply, max(n, len(c.reply), expected-len(c.reply)))
}

// firstPiece is what a guest hands out at once of a reply that has more pieces, bytes.
const firstPiece = 256 << 10

// resourceSize(name, len) -> bytes, or -1 when there is no such resource.
func resourceSize(l *vfs.Library, m guest.Memory, s []uint64) uint64 {
	b, ok := resource(l, m, s)
	if !ok {
		return uint64(refusal)
	}
	return uint64(uint32(len(b)))
}

// resourceRead(name, len, dst, cap) -> bytes copied, or -1.
func resourceRead(l *vfs.Library, m guest.Memory, s []uint64) uint64 {
	b, ok := resource(l, m, s)
	return uint64(copyOut(m, b, ok, uint32(s[2]), uint32(s[3])))
}

func resource(l *vfs.Library, m guest.Memory, s []uint64) ([]byte, bool) {
	name, ok := m.View(uint32(s[0]), uint32(s[1]))
	if !ok {
		return nil, false
	}
	return l.Lookup(name)
}

// abort(kind, len, text, len): native code met an error that it cannot report: a C++ throw, a longjmp. Nothing catches it in a guest.
func abort(_ *call, m guest.Memory, s []uint64) {
	kind, _ := m.Copy(uint32(s[0]), min(uint32(s[1]), 200))
	text, _ := m.Copy(uint32(s[2]), min(uint32(s[3]), 1000))
	panic(&stop{fmt.Errorf("%w: native code failed with %q: %q", ErrCrash, kind, text)})
}
