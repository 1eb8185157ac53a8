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

// Host functions are the only way out of a cell. All of them are in the tables of this file, of
// grantfuncs.go and of wasi.go; some have their code in attempt.go, grantfiles.go, scripts.go,
// services.go and wasi_streams.go. They follow three rules:
//
//   - Only sleep, ask and those of grants block, and all end with the deadline of the call.
//   - No function keeps a pointer into the guest's memory. Pointers and lengths come from a script,
//     so they are only used through guest.Memory, which checks them.
//   - No function has state beyond the running call.

// noResult is the result of a host function that has nothing to return: -1 as an i32.
const noResult = ^uint32(0)

// hostFunc is a host function. It gets its parameters on the stack and puts its result there.
type hostFunc struct {
	name            string
	params, results int // number of i32 values
	call            func(c *call, m guest.Memory, stack []uint64)
}

// hostFuncs returns the functions of the module "tabcell".
//
// To add a host function:
//
//  1. Decide whether it is needed: a script can call it with any arguments. Add its use to
//     the list in doc.go.
//  2. Write the function here, in the manner of the others, and add it to this table.
//  3. Declare it in assets/guest/bridge.h with TABCELL_IMPORT, call it in the guest, and add its
//     name to assets/build/imports.txt. Rebuild the guests as assets/README.md describes.
//  4. If the tests here need it, import it in testdata/guest.c, give it a command letter, and
//     rebuild testdata/guest.wasm with the command in that file.
//  5. Test its effect in hostfuncs_test.go. TestHostFuncCorners and FuzzHostFuncs take their
//     functions from this table, so they already call it with hostile arguments.
func hostFuncs(library *vfs.Library) []hostFunc {
	return append(grantFuncs(), []hostFunc{
		{guest.Tick, 0, 0, func(c *call, m guest.Memory, s []uint64) { c.ticks++; tick(c, m, s) }},
		{"input_size", 1, 1, inputSize},
		{"input_read", 3, 1, inputRead},
		{"reply_begin", 1, 0, replyBegin},
		{"reply_write", 2, 0, replyWrite},
		{"resource_size", 2, 1, func(c *call, m guest.Memory, s []uint64) { s[0] = resourceSize(c, library, m, s) }},
		{"resource_read", 4, 1, func(c *call, m guest.Memory, s []uint64) { s[0] = resourceRead(c, library, m, s) }},
		{"ask", 2, 1, askServer},
		{"code", 3, 1, lookUpCode},
		{"abort", 4, 0, abort},
		{"throw", 0, 0, throw},
	}...)
}

// register instantiates both host modules. The function attempt, which calls the guest, is not in
// the table.
func register(ctx context.Context, r wazero.Runtime, library *vfs.Library) error {
	b := r.NewHostModuleBuilder(guest.HostModule).
		NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(attempt), nil, i32s(1)).Export(guest.AttemptImport)
	for _, f := range hostFuncs(library) {
		b = b.NewFunctionBuilder().WithGoModuleFunction(f, i32s(f.params), i32s(f.results)).Export(f.name)
	}
	if _, err := b.Instantiate(ctx); err != nil {
		return err
	}
	return registerWASI(ctx, r)
}

// Call implements api.GoModuleFunction.
func (f hostFunc) Call(ctx context.Context, m api.Module, stack []uint64) {
	f.call(callOf(ctx), guest.MemoryOf(m), stack)
}

// i32s returns the type i32 n times.
func i32s(n int) []api.ValueType {
	return slices.Repeat([]api.ValueType{api.ValueTypeI32}, n)
}

// tick is called by inserted code whenever the guest's fuel is used up. Before the deadline it only
// checks the context. If the caller has canceled the call, the guest is stopped at once. At the
// deadline, the interpreter raises an exception, once, so that the script's finally blocks run.
// When the grace period is over too, the guest is stopped.
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

// inputSize(which) returns the size of an input in bytes, or noResult. The guest also calls it with
// the number of a mark, which no input has.
func inputSize(c *call, _ guest.Memory, s []uint64) {
	c.markParsed(uint32(s[0]))
	if c.hasTable(uint32(s[0])) {
		s[0] = uint64(c.tableSize())
		return
	}
	b, ok := c.input(uint32(s[0]))
	s[0] = uint64(noResult)
	if ok {
		s[0] = uint64(uint32(len(b)))
	}
}

// inputRead(which, dst, cap) copies an input into the guest and returns the number of bytes, or
// noResult.
func inputRead(c *call, m guest.Memory, s []uint64) {
	begun := time.Now()
	n := c.copyInput(m, uint32(s[0]), uint32(s[1]), uint32(s[2]))
	s[0] = uint64(n)
	took := time.Since(begun)
	c.trace.Copy += took
	c.trace.CopyIn += took
	if n != noResult {
		c.trace.In += uint64(n)
	}
}

// copyInput copies at most size bytes of an input to dst. It returns the number of bytes, or
// noResult.
func (c *call) copyInput(m guest.Memory, which, dst, size uint32) uint32 {
	if c.hasTable(which) {
		return c.copyTable(m, dst, size)
	}
	b, ok := c.input(which)
	c.announce(dst, min(uint32(len(b)), size))
	return copyToGuest(m, b, ok, dst, size)
}

// copyToGuest copies at most size bytes of b to dst, if ok. It returns the number of bytes, or
// noResult.
func copyToGuest(m guest.Memory, b []byte, ok bool, dst, size uint32) uint32 {
	n := min(uint32(len(b)), size)
	if !ok || !m.Put(dst, b[:n]) {
		return noResult
	}
	return n
}

// resourceSize(name, len) returns the size of a resource in bytes, or noResult if there is none.
func resourceSize(c *call, l *vfs.Library, m guest.Memory, s []uint64) uint64 {
	name, ok := m.View(uint32(s[0]), uint32(s[1]))
	if !ok {
		return uint64(noResult)
	}
	n, ok := l.Size(name)
	if !ok {
		c.noteMissing(name)
		return uint64(noResult)
	}
	return uint64(uint32(n))
}

// resourceRead(name, len, dst, cap) copies a resource into the guest and returns the number of
// bytes, or noResult.
func resourceRead(c *call, l *vfs.Library, m guest.Memory, s []uint64) uint64 {
	name, ok := m.View(uint32(s[0]), uint32(s[1]))
	if !ok {
		return uint64(noResult)
	}
	b, ok := l.Lookup(name)
	if !ok {
		c.noteMissing(name)
	}
	return uint64(copyToGuest(m, b, ok, uint32(s[2]), uint32(s[3])))
}

// abort(kind, len, text, len) stops a guest whose native code cannot report an error otherwise: a
// longjmp, or a C++ exception outside of attempts.
func abort(_ *call, m guest.Memory, s []uint64) {
	kind, _ := m.Copy(uint32(s[0]), min(uint32(s[1]), 200))
	text, _ := m.Copy(uint32(s[2]), min(uint32(s[3]), 1000))
	panic(&stop{fmt.Errorf("%w: native code failed with %q: %q", ErrCrash, kind, text)})
}
