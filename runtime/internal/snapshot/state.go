package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/internal/linmem"
)

// State is what a boot leaves: enough to do without it the next time.
type State struct {
	Size    uint64        // of the memory, bytes
	Globals []GlobalValue // those whose value in the image is not the module's own
	Initial []uint64      // the module's own values of its globals
	Words   [2]uint32     // the addresses of guest.Interruption
	Runs    []Extent      // what of the memory is not zero, in order
}

// GlobalValue is a global by its export name.
type GlobalValue struct {
	Name  string
	Value uint64
}

// Extent is a stretch of memory.
type Extent struct {
	At    uint64
	Bytes []byte `json:"-"` // when decoded a part of what was decoded
}

const stateUnit = 4096 // bytes that are zero together are left out by this

// State is that of a booted template. It shows the image and is valid as long as the template.
func (t *Template) State() State {
	s := State{Size: t.image.Size(), Globals: t.globals, Initial: t.initial, Words: t.interruption.Words()}
	mem, zeros := t.image.Bytes(), make([]byte, stateUnit)
	for at := 0; at < len(mem); at += stateUnit {
		if bytes.Equal(mem[at:at+stateUnit], zeros) {
			continue
		}
		if n := len(s.Runs); n > 0 && s.Runs[n-1].At+uint64(len(s.Runs[n-1].Bytes)) == uint64(at) {
			last := &s.Runs[n-1]
			last.Bytes = mem[last.At : at+stateUnit]
			continue
		}
		s.Runs = append(s.Runs, Extent{uint64(at), mem[at : at+stateUnit]})
	}
	return s
}

// restored is a state with its image.
type restored struct {
	state *State // nil: none was kept
	image *linmem.Image
	err   error
}

func (o Options) restored() (r restored) {
	if o.StartCache != nil {
		r.state = o.StartCache.Image()
	}
	if r.state != nil {
		r.image, r.err = r.state.image()
	}
	return r
}

func (s *State) image() (*linmem.Image, error) {
	if s.Size%linmem.PageSize != 0 || s.Size > linmem.MaxReserve {
		return nil, fmt.Errorf("the image that was kept has %d bytes", s.Size)
	}
	mem := make([]byte, s.Size)
	for _, r := range s.Runs {
		if r.At > s.Size || uint64(len(r.Bytes)) > s.Size-r.At {
			return nil, fmt.Errorf("the image that was kept has bytes at %#x, beyond its end", r.At)
		}
		copy(mem[r.At:], r.Bytes)
	}
	return linmem.NewImage(mem)
}

// restore makes the template what it was after the boot that left the state.
func (t *Template) restore(r restored) error {
	if t.image = r.image; r.err != nil {
		return r.err
	}
	strange := func(s GlobalValue) bool { return !slices.Contains(t.prepared.Globals, s.Name) }
	if len(r.state.Initial) != len(t.prepared.Globals) || slices.ContainsFunc(r.state.Globals, strange) {
		return errors.New("the image that was kept is of another guest")
	}
	t.globals, t.initial, t.interruption = r.state.Globals, r.state.Initial, guest.InterruptionAt(r.state.Words)
	t.prepared.Data = nil
	return nil
}
