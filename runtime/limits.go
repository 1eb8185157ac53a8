package runtime

import "time"

// Limits bound one call. Each has a default, a range, and the error that it ends with.
type Limits struct {
	// Timeout is the time from entering the queue to the answer. Default 30 s. At its end the script gets an exception; Grace
	// later the cell is destroyed. Ends with ErrTimeout.
	Timeout time.Duration
	// Grace is how long a script may go on after the deadline's exception. Default 10 ms.
	Grace time.Duration
	// Memory caps the cell's linear memory, bytes; rounded down to 64 KiB. Default 1 GiB, at most just below 4 GiB. A script
	// meets it as MemoryError; native code that cannot go on ends with ErrMemory.
	Memory uint64
	// Output caps the answer, bytes. Default 256 MiB. Ends with ErrOutput.
	Output uint64
	// Print caps what is kept of printed text, bytes. Default 64 KiB. The rest is dropped and counted.
	Print int
}

// The defaults, and the bounds that hold whatever a configuration says.
const (
	DefaultTimeout = 30 * time.Second
	DefaultGrace   = 10 * time.Millisecond
	DefaultMemory  = 1 << 30
	DefaultOutput  = 256 << 20
	DefaultPrint   = 64 << 10
	DefaultQueue   = 64            // calls that may wait for a place
	MaxMemory      = 4<<30 - 1<<20 // the engine loads memory lengths as 32 bits

	DefaultTemplateMemory = 256 << 20 // bytes of all loaded models
)

// DefaultLimits are those of an engine whose configuration says nothing.
func DefaultLimits() Limits {
	return Limits{Timeout: DefaultTimeout, Grace: DefaultGrace, Memory: DefaultMemory, Output: DefaultOutput, Print: DefaultPrint}
}

// filled is l with the defaults in its zero fields.
func (l Limits) filled() Limits {
	d := DefaultLimits()
	return Limits{
		Timeout: orDefault(l.Timeout, d.Timeout),
		Grace:   orDefault(l.Grace, d.Grace),
		Memory:  orDefault(l.Memory, d.Memory),
		Output:  orDefault(l.Output, d.Output),
		Print:   orDefault(l.Print, d.Print),
	}
}

func orDefault[T int | uint64 | time.Duration](v, base T) T {
	if v <= 0 {
		return base
	}
	return v
}

// pages is the memory limit in whole WebAssembly pages, bytes.
func (l Limits) pages() uint64 { return l.Memory &^ (64<<10 - 1) }

// within fills l's zero fields from base, and narrows the others to it.
func (l Limits) within(base Limits) Limits {
	return Limits{
		Timeout: narrow(l.Timeout, base.Timeout),
		Grace:   narrow(l.Grace, base.Grace),
		Memory:  narrow(l.Memory, base.Memory),
		Output:  narrow(l.Output, base.Output),
		Print:   narrow(l.Print, base.Print),
	}
}

func narrow[T int | uint64 | time.Duration](v, base T) T {
	if v <= 0 || v > base {
		return base
	}
	return v
}
