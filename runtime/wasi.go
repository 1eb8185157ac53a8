package runtime

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"time"

	"tabcell/runtime/internal/guest"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// The guest's C library uses WASI preview 1. A cell has only this much of it: clocks, sleep, random
// bytes, and printing, up to a limit. Files are inside the guest (assets/guest/fs.h), so the host
// has no descriptors and no state that could leak. The guest does not import any other function.

// Error numbers of WASI preview 1 (snapshot_preview1, errno).
const (
	errnoSuccess = 0
	errnoBadf    = 8
	errnoFault   = 21
	errnoInval   = 28
)

// wasiFunc is a function of WASI, which returns an error number. args are its parameters.
type wasiFunc func(c *call, m guest.Memory, args []uint64) uint64

// wasiFuncs are the functions that return. A list of parameters has a letter for each: i for i32, l
// for i64.
var wasiFuncs = []struct {
	name, params string
	call         wasiFunc
}{
	{"clock_res_get", "ii", clockResolution},
	{"clock_time_get", "ili", clockTime},
	{"fd_write", "iiii", writeStream},
	{"poll_oneoff", "iiii", sleep},
	{"random_get", "ii", randomBytes},
}

func registerWASI(ctx context.Context, r wazero.Runtime) error {
	b := r.NewHostModuleBuilder(guest.WASIModule)
	for _, f := range wasiFuncs {
		call := api.GoModuleFunc(func(ctx context.Context, m api.Module, stack []uint64) {
			stack[0] = f.call(callOf(ctx), guest.MemoryOf(m), stack)
		})
		b = b.NewFunctionBuilder().WithGoModuleFunction(call, valueTypes(f.params), i32s(1)).Export(f.name)
	}
	b = b.NewFunctionBuilder().WithGoModuleFunction(hostFunc{call: exit}, i32s(1), nil).Export("proc_exit")
	_, err := b.Instantiate(ctx)
	return err
}

func valueTypes(params string) []api.ValueType {
	types := i32s(len(params))
	for i, p := range params {
		if p == 'l' {
			types[i] = api.ValueTypeI64
		}
	}
	return types
}

// exit(status) ends the cell, as os._exit ends a process.
func exit(_ *call, _ guest.Memory, s []uint64) {
	panic(&stop{&ScriptError{Kind: KindScript, Class: "SystemExit", Text: fmt.Sprint(int32(s[0]))}})
}

// errnoOf returns success if a result was written to the guest's memory.
func errnoOf(written bool) uint64 {
	if !written {
		return errnoFault
	}
	return errnoSuccess
}

// clockResolution(clock, dst) writes 1000 ns.
func clockResolution(_ *call, m guest.Memory, args []uint64) uint64 {
	if uint32(args[0]) > 3 {
		return errnoInval
	}
	return errnoOf(m.PutUint64(uint32(args[1]), 1000))
}

var processStart = time.Now()

// clockTime(clock, precision, dst) writes the time in ns. Clock 0 is the wall clock; the others
// count from the start of this process, or of the boot.
func clockTime(c *call, m guest.Memory, args []uint64) uint64 {
	var now uint64
	switch clock := uint32(args[0]); {
	case clock > 3:
		return errnoInval
	case c.boot != nil:
		now = c.boot.time(clock == 0)
	case clock == 0:
		now = uint64(time.Now().UnixNano())
	default:
		now = uint64(time.Since(processStart))
	}
	return errnoOf(m.PutUint64(uint32(args[2]), now))
}

// randomBytes(dst, len) writes random bytes from the host's source, and during a boot from that of
// the boot.
func randomBytes(c *call, m guest.Memory, args []uint64) uint64 {
	b, ok := m.View(uint32(args[0]), uint32(args[1]))
	switch {
	case ok && c.boot != nil:
		_, _ = c.boot.random.Read(b) // does not return an error
	case ok:
		fillRandom(b)
	}
	return errnoOf(ok)
}

// maxSystemRandom is the number of bytes up to which they come from the system's generator itself.
const maxSystemRandom = 256

// fillRandom fills b with random bytes. Each cell starts with 5 KB of them for Python's generators, for
// which the system's needs 10 us. More bytes are therefore the key stream of AES-256 in counter mode,
// with a key and a first counter from the system that are used once.
func fillRandom(b []byte) {
	var seed [32 + aes.BlockSize]byte
	random := b
	if len(b) > maxSystemRandom {
		random = seed[:]
	}
	_, _ = rand.Read(random) // does not return an error: if it fails, the process ends
	if len(b) > maxSystemRandom {
		block, _ := aes.NewCipher(seed[:32]) // no error: the length is right
		clear(b)
		cipher.NewCTR(block, seed[32:]).XORKeyStream(b, b)
	}
}
