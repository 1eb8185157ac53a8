package wasmbin

import (
	"fmt"
	"slices"
)

// Options says how a module is prepared.
type Options struct {
	// Entries are the exported functions that the stage calls, at most 255. Each has i32 parameters and one i32 result. Without entries the
	// prepared module imports no stage.
	Entries []string
	// TickModule and TickName name the imported function () -> () that is called when fuel runs out. The module must import it already,
	// if Fuel is not 0: an import added later would renumber all functions.
	TickModule, TickName string
	// Fuel is how many checks pass between two ticks; 0 leaves the code without checks.
	Fuel int32
	// MaxPages becomes the maximum of the memory, in pages of 64 KiB, unless the module's own is lower: 1 to 65535, since engines may hold
	// the length of a memory in 32 bits.
	MaxPages uint32
	// Coalesce lets one bounds check of the engine serve several accesses to memory. The module's memory gets a page that it does not
	// know of; an access of the original that would trap may read or write there.
	Coalesce bool
}

// Prepared is a module that is ready to be compiled once and instantiated for every call.
type Prepared struct {
	Code       []byte    // the module to compile
	Data       []Segment // what must be in memory before the first instance starts, in this order
	MinPages   uint32    // memory minimum, pages of 64 KiB
	Params     []int     // the number of parameters of each entry, for StageModule
	Globals    []string  // export names of every mutable global that the module defines, in index order; the fuel counter is the last
	FuelGlobal string    // export name of the fuel counter, an i32; "" without fuel
	Stats      Stats
}

// Stats counts what the rewrite met and made.
type Stats struct {
	Functions     int // with code, before the rewrite
	Loops         int
	IndirectCalls int // places that call through the table
	TableEntries  int // slots in use
	Dispatched    int // of them, those whose signature some indirect call has
	Unreachable   int // of them, the others
	Dispatchers   int // functions added in place of the table
	JumpSlots     int // places in their jump tables
	Checks        int // accesses to memory that check for later ones
	Analyzed      int // functions whose accesses were looked at
}

// Prepare rewrites a module. It refuses what it cannot prove harmless, and says what and where; bin is not changed.
// The answers of the prepared module are those of the original, with two exceptions: memory may end at MaxPages, and an indirect call
// of an empty slot or of another signature traps as unreachable code does.
func Prepare(bin []byte, o Options) (*Prepared, error) {
	p, err := prepare(bin, o)
	if err != nil {
		return nil, fmt.Errorf("wasmbin: %w", err)
	}
	return p, nil
}

func prepare(bin []byte, o Options) (*Prepared, error) {
	if o.Fuel < 0 || o.MaxPages < 1 || o.MaxPages >= maxPages {
		return nil, fmt.Errorf("options: fuel %d, maximum of %d pages", o.Fuel, o.MaxPages)
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

// rewrite runs the passes over globals and code. size is that of the original.
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

// limitMemory lowers the maximum of the memory to most pages, and makes room for the spare one, if any.
func (m *module) limitMemory(most uint32, spare *sparePage) ([]limits, error) {
	if len(m.memories) == 0 {
		return nil, nil
	}
	l := m.memories[0]
	if spare != nil {
		l.min, l.max = l.min+1, l.max+1
	}
	if l.min > most {
		return nil, fmt.Errorf("memory begins with %d pages, at most %d are allowed", l.min, most)
	}
	return []limits{{l.min, min(l.maximum(), most), true}}, nil
}
