package runtime

import (
	"cmp"
	goruntime "runtime"
	"time"

	"tabcell/runtime/internal/engineid"
)

// Limits bound one call. To add a limit: add the field here, with its default, its range and the
// error of a call that exceeds it; fill it in withDefaults and narrow it in within; enforce it; and
// map the setting to it in cmd/tabcell (EngineConfig).
type Limits struct {
	// Timeout is the time from entering the queue to the response, by default 30 s. When it is
	// over, the script gets an exception; after Grace, its cell is destroyed. The call ends with
	// ErrTimeout.
	Timeout time.Duration
	// Grace is the time that a script has to handle that exception, by default 10 ms.
	Grace time.Duration
	// Memory is the maximum size of the cell's linear memory in bytes, rounded down to 64 KiB. The
	// default is 1 GiB, the maximum is MaxMemory(). A script that needs more gets a MemoryError; if
	// native code cannot handle that, the call ends with ErrMemory. A call and all calls below it
	// share the limit, and that of the output.
	Memory uint64
	// Output is the maximum size of the response in bytes, by default 256 MiB. A call that exceeds
	// it ends with ErrOutput.
	Output uint64
	// Request is the maximum size of a request that a script makes to a service in bytes, by default
	// 100 MiB. A larger one gets the status 413.
	Request uint64
	// Print is the number of bytes of printed text that are kept, by default 64 KiB. The rest is
	// dropped and counted.
	Print int
}

// Defaults of Limits and Config. Those that settings.Defaults has too are equal to it.
const (
	DefaultTimeout = 30 * time.Second
	DefaultGrace   = 10 * time.Millisecond
	DefaultMemory  = 1 << 30
	DefaultOutput  = 256 << 20
	DefaultRequest = 100 << 20
	DefaultPrint   = 64 << 10

	DefaultQueue          = 128
	DefaultTemplateMemory = 1 << 30
)

// DefaultConcurrency is the number of cores that this process may use. GOMAXPROCS takes a
// container's CPU limit into account. It is read when the program starts, before a program changes
// it.
var DefaultConcurrency = min(goruntime.NumCPU(), goruntime.GOMAXPROCS(0))

// The largest memory limits in bytes.
const (
	// maxMemory is less than 4 GiB, because wazero's compiled code reads the size of a memory as 32
	// bits.
	maxMemory = 4<<30 - 1<<20
	// maxMemoryStock is less than 2 GiB. In larger memories, code that the unpatched wazero v1.12.0
	// compiles for amd64 can access the 2 GiB before the memory
	// (engine/patches/03-zero-extension.patch).
	maxMemoryStock = 2<<30 - 1<<20
)

// MaxMemory returns the largest memory limit in bytes that the engine of this program supports.
func MaxMemory() uint64 {
	if engineid.Patches() == "" {
		return maxMemoryStock
	}
	return maxMemory
}

// DefaultLimits returns the limits of an engine whose configuration has none.
func DefaultLimits() Limits { return Limits{}.withDefaults() }

// withDefaults returns l with the defaults in place of zero fields.
func (l Limits) withDefaults() Limits {
	return Limits{
		Timeout: cmp.Or(l.Timeout, DefaultTimeout),
		Grace:   cmp.Or(l.Grace, DefaultGrace),
		Memory:  cmp.Or(l.Memory, DefaultMemory),
		Output:  cmp.Or(l.Output, DefaultOutput),
		Request: cmp.Or(l.Request, DefaultRequest),
		Print:   cmp.Or(l.Print, DefaultPrint),
	}
}

// wholePages returns the memory limit in bytes, rounded down to whole WebAssembly pages.
func (l Limits) wholePages() uint64 { return l.Memory &^ (64<<10 - 1) }

// within returns l with the values of base in place of zero fields and of those that exceed base.
func (l Limits) within(base Limits) Limits {
	return Limits{
		Timeout: narrow(l.Timeout, base.Timeout),
		Grace:   narrow(l.Grace, base.Grace),
		Memory:  narrow(l.Memory, base.Memory),
		Output:  narrow(l.Output, base.Output),
		Request: narrow(l.Request, base.Request),
		Print:   narrow(l.Print, base.Print),
	}
}

// narrow returns v if it is positive and less than base, and base otherwise.
func narrow[T int | uint64 | time.Duration](v, base T) T {
	if v <= 0 || v > base {
		return base
	}
	return v
}
