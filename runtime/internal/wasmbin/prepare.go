package wasmbin

import (
	"fmt"
	"slices"
)

// Options configure Prepare.
type Options struct {
	// Entries has the names of the exported functions that the stage calls, at most 255. Their
	// parameters have the type i32, and each has one i32 result. If it is empty, the prepared
	// module does not import a stage.
	Entries []string
	// TickModule and TickName identify the imported function () -> () that is called when the fuel
	// is used up. If Fuel is not 0, the module must already import it, because adding an import
	// would renumber all functions.
	TickModule, TickName string
	// Fuel is the number of checks between two ticks. If it is 0, no checks are inserted.
	Fuel int32
	// MaxPages is the maximum size of the memory in pages of 64 KiB, unless the module declares a
	// lower one. It must be between 1 and 65535, because engines may store the length of a memory
	// in 32 bits.
	MaxPages uint32
	// Coalesce makes one bounds check of the engine serve several memory accesses. The memory gets
	// an additional page that the module does not see. An access that traps in the original module
	// may read or write that page instead.
	Coalesce bool
	// ReplaceRemainders replaces the instructions for integer remainders, which the engine may compile
	// incorrectly.
	ReplaceRemainders bool
}

// Prepared is a rewritten module, to be compiled once and instantiated for every call.
type Prepared struct {
	Code []byte    // the module to compile
	Data []Segment // to be written to memory, in this order, before the first instance starts
	// If ReadData is not nil, Data is empty, and ReadData returns it.
	ReadData func() ([]Segment, error) `json:"-"`
	MinPages uint32                    // minimum size of the memory in pages of 64 KiB
	Params   []int                     // number of parameters of each entry, for StageModule
	// export names of all mutable globals, in index order; the fuel counter is last
	Globals    []string
	FuelGlobal string // export name of the fuel counter, an i32; empty without fuel
	Stats      Stats
}

// Stats has counts from a rewrite.
type Stats struct {
	Functions     int // functions with code in the original module
	Loops         int
	IndirectCalls int // instructions that call through the table
	TableEntries  int // used slots
	Dispatched    int // used slots whose signature occurs in an indirect call
	Unreachable   int // other used slots
	Dispatchers   int // functions that replace the table
	JumpSlots     int // entries in the jump tables of the dispatchers
	Checks        int // inserted checks that serve several memory accesses
	Analyzed      int // functions whose memory accesses were analyzed
	Remainders    int // replaced remainders
}

// Prepare rewrites a module. If the module contains anything that Prepare cannot prove to be
// harmless, it returns an error that names the construct and its position. It does not change bin.
//
// The prepared module behaves like the original, with two exceptions: the memory may end at
// MaxPages, and an indirect call of an empty slot, or of one with another signature, traps in the
// same way as the instruction unreachable.
func Prepare(bin []byte, o Options) (*Prepared, error) {
	p, err := prepare(bin, o)
	if err != nil {
		return nil, fmt.Errorf("wasmbin: %w", err)
	}
	return p, nil
}

func prepare(bin []byte, o Options) (*Prepared, error) {
	if o.Fuel < 0 || o.MaxPages < 1 || o.MaxPages >= maxPages {
		return nil, fmt.Errorf("invalid options: fuel %d, maximum of %d pages", o.Fuel, o.MaxPages)
	}
	m, err := decode(bin)
	if err != nil {
		return nil, err
	}
	if err := m.validate(); err != nil {
		return nil, err
	}
	p := &Prepared{}
	out := output{additions: newAdditions(m)}
	if out.entries, p.Params, err = m.entries(o.Entries); err != nil {
		return nil, err
	}
	if o.Coalesce && len(m.memories) > 0 {
		out.spare = out.addSparePage()
	}
	if out.memory, err = m.limitMemory(o.MaxPages, out.spare); err != nil {
		return nil, err
	}
	if p.Data, err = m.segments(); err != nil {
		return nil, err
	}
	if len(out.memory) > 0 {
		p.MinPages = out.memory[0].min
	}
	return p, p.rewrite(out, o, len(bin))
}

// rewrite runs the passes over globals and code. The size is that of the original module in bytes.
func (p *Prepared) rewrite(out output, o Options, size int) error {
	var err error
	if p.Globals, err = out.exportGlobals(); err != nil {
		return err
	}
	fuel, err := out.addFuel(o)
	if err != nil {
		return err
	}
	if p.FuelGlobal = fuel.name; fuel.name != "" {
		p.Globals = append(p.Globals, fuel.name)
	}
	slots, err := out.m.slots()
	if err != nil {
		return err
	}
	calls := out.addDispatchers(slots)
	c := coder{m: out.m, fuel: fuel, calls: calls, spare: out.spare, stats: &p.Stats}
	if o.ReplaceRemainders {
		c.remainders = &remainders{a: out.additions, of: map[byte]uint32{}}
	}
	code, err := c.code(make([]byte, 0, size+size/4))
	if err != nil {
		return err
	}
	if err := calls.write(&p.Stats); err != nil {
		return err
	}
	p.Stats.Functions = out.m.items[secCode]
	p.Stats.TableEntries = len(slots)
	p.Stats.Unreachable = len(slots) - p.Stats.Dispatched
	p.Code = slices.Clip(out.encode(code))
	return nil
}

// limitMemory returns the memory with its maximum lowered to the given number of pages, and with
// one more page if spare is not nil.
func (m *module) limitMemory(limit uint32, spare *sparePage) ([]limits, error) {
	if len(m.memories) == 0 {
		return nil, nil
	}
	l := m.memories[0]
	if spare != nil {
		l.min, l.max = l.min+1, l.max+1
	}
	if l.min > limit {
		return nil, fmt.Errorf("the memory has at least %d pages, the limit is %d", l.min, limit)
	}
	return []limits{{l.min, min(l.maximum(), limit), true}}, nil
}
