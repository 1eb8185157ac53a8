package runtime

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"tabcell/runtime/internal/guest"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// The guest's C library speaks WASI preview 1. This is all of it that a cell has: clocks, sleep, random bytes, and streams 0 to 2 (nothing
// to read, printed text kept up to its limit). There are no descriptors to open, so there is no state to leak. What is not here either ends
// inside the guest (assets/guest/refuse.c) or is no import of it.

// Error numbers of WASI preview 1 (snapshot_preview1, errno).
const (
	errnoSuccess = 0
	errnoBadf    = 8
	errnoFault   = 21
	errnoInval   = 28
	errnoNoent   = 44
	errnoSpipe   = 70
)

// wasiCall answers with an error number. a holds the parameters, i32 or i64 as the signature says.
type wasiCall func(c *call, m guest.Memory, a []uint64) uint64

// wasiCalls are those that do something. A parameter list has a letter each: i for i32, l for i64.
var wasiCalls = []struct {
	name, params string
	enter        wasiCall
}{
	{"clock_res_get", "ii", clockResolution},
	{"clock_time_get", "ili", clockTime},
	{"fd_close", "i", standard(func(guest.Memory, []uint64) bool { return true })},
	{"fd_fdstat_get", "ii", standard(streamState)},
	{"fd_filestat_get", "ii", standard(streamFile)},
	{"fd_read", "iiii", nothingToRead},
	{"fd_seek", "ilii", func(*call, guest.Memory, []uint64) uint64 { return errnoSpipe }},
	{"fd_tell", "ii", func(*call, guest.Memory, []uint64) uint64 { return errnoSpipe }},
	{"fd_write", "iiii", printText},
	{"poll_oneoff", "iiii", sleep},
	{"random_get", "ii", randomBytes},
}

// wasiRefusals are the other functions that the guest imports: it asks for folders to begin with, and there are none.
var wasiRefusals = map[string]string{
	"fd_pread": "iiili", "fd_prestat_get": "ii", "fd_prestat_dir_name": "iii", "fd_readdir": "iiili", "path_filestat_get": "iiiii", "path_open": "iiiiillii",
}

func registerWASI(ctx context.Context, r wazero.Runtime) error {
	b := r.NewHostModuleBuilder(guest.WASIModule)
	add := func(name, params string, f wasiCall) {
		enter := api.GoModuleFunc(func(ctx context.Context, m api.Module, stack []uint64) {
			stack[0] = f(callOf(ctx), guest.MemoryOf(m), stack)
		})
		b = b.NewFunctionBuilder().WithGoModuleFunction(enter, valueTypes(params), words(1)).Export(name)
	}
	for _, w := range wasiCalls {
		add(w.name, w.params, w.enter)
	}
	for name, params := range wasiRefusals {
		errno := uint64(errnoBadf)
		if strings.HasPrefix(name, "path_") {
			errno = errnoNoent
		}
		add(name, params, func(*call, guest.Memory, []uint64) uint64 { return errno })
	}
	b = b.NewFunctionBuilder().WithGoModuleFunction(door{enter: exit}, words(1), nil).Export("proc_exit")
	_, err := b.Instantiate(ctx)
	return err
}

func valueTypes(params string) []api.ValueType {
	t := words(len(params))
	for i, p := range params {
		if p == 'l' {
			t[i] = api.ValueTypeI64
		}
	}
	return t
}

// exit ends the cell as os._exit does a process.
func exit(_ *call, _ guest.Memory, s []uint64) {
	panic(&stop{&ScriptError{Kind: KindScript, Class: "SystemExit", Text: fmt.Sprint(int32(s[0]))}})
}

// fault is success when everything could be written.
func fault(written bool) uint64 {
	if !written {
		return errnoFault
	}
	return errnoSuccess
}

func clockResolution(_ *call, m guest.Memory, a []uint64) uint64 {
	if uint32(a[0]) > 3 {
		return errnoInval
	}
	return fault(m.PutUint64(uint32(a[1]), 1000))
}

var processStart = time.Now()

// clockTime(clock, precision, dst): 0 is the wall clock, the others count from the start of this process.
func clockTime(_ *call, m guest.Memory, a []uint64) uint64 {
	now := uint64(time.Since(processStart))
	switch clock := uint32(a[0]); {
	case clock == 0:
		now = uint64(time.Now().UnixNano())
	case clock > 3:
		return errnoInval
	}
	return fault(m.PutUint64(uint32(a[2]), now))
}

// randomBytes(dst, len) from the host's own source.
func randomBytes(_ *call, m guest.Memory, a []uint64) uint64 {
	b, ok := m.View(uint32(a[0]), uint32(a[1]))
	if ok {
		_, _ = rand.Read(b) // never fails: it ends the process instead
	}
	return fault(ok)
}
