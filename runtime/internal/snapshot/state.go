package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/internal/linmem"
)

// State is the state of the guest after its boot. With it, a later start can skip the boot. The
// names of its fields are part of the format in which it is stored.
type State struct {
	Size    uint64        // of the memory, in bytes
	Globals []GlobalValue // the globals whose value is not the initial one
	Initial []uint64      // the initial values of all globals
	Words   [2]uint32     // addresses of the interrupt words (guest.Interruption)
	Runs    []Extent      // the parts of the memory that are not zero, in order
}

// GlobalValue is the value of a global, identified by its export name.
type GlobalValue struct {
	Name  string
	Value uint64
}

// Extent is a contiguous part of the memory.
type Extent struct {
	At    uint64 // address
	Bytes []byte `json:"-"` // stored separately
}

// extentUnit is the granularity of extents: bytes that are omitted together if they are all zero.
const extentUnit = 4096

// State returns the state of a booted template. It refers to the image and is valid until the
// template is closed.
func (t *Template) State() State {
	s := State{Size: t.image.Size(), Globals: t.globals, Initial: t.initial, Words: t.interruption.Words()}
	mem, zeros := t.image.Bytes(), make([]byte, extentUnit)
	for at := 0; at < len(mem); at += extentUnit {
		if bytes.Equal(mem[at:at+extentUnit], zeros) {
			continue
		}
		if n := len(s.Runs); n > 0 && s.Runs[n-1].At+uint64(len(s.Runs[n-1].Bytes)) == uint64(at) {
			last := &s.Runs[n-1]
			last.Bytes = mem[last.At : at+extentUnit]
			continue
		}
		s.Runs = append(s.Runs, Extent{uint64(at), mem[at : at+extentUnit]})
	}
	return s
}

// cachedImage is a state from the StartCache, with an image made of it.
type cachedImage struct {
	state *State // nil if the cache has none
	image *linmem.Image
	err   error
}

func (o Options) cachedImage() (c cachedImage) {
	if o.StartCache != nil {
		c.state = o.StartCache.Image()
	}
	if c.state != nil {
		c.image, c.err = c.state.image()
	}
	return c
}

func (s *State) image() (*linmem.Image, error) {
	parts := make([]linmem.Part, len(s.Runs))
	for i, r := range s.Runs {
		parts[i] = linmem.Part(r)
	}
	image, err := linmem.NewImageOf(s.Size, parts)
	if err != nil {
		return nil, fmt.Errorf("the cached image is invalid: %w", err)
	}
	return image, nil
}

// adopt sets the template to the cached state, as if it had booted.
func (t *Template) adopt(c cachedImage) error {
	if t.image = c.image; c.err != nil {
		return c.err
	}
	unknown := func(g GlobalValue) bool { return !slices.Contains(t.prepared.Globals, g.Name) }
	if len(c.state.Initial) != len(t.prepared.Globals) || slices.ContainsFunc(c.state.Globals, unknown) {
		return errors.New("the cached image belongs to another guest")
	}
	t.globals, t.initial, t.interruption = c.state.Globals, c.state.Initial, guest.InterruptionAt(c.state.Words)
	t.prepared.Data = nil
	return nil
}
