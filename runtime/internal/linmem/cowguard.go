//go:build linux && (amd64 || arm64)

package linmem

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"tabcell/runtime/internal/memguard"
)

// guarded reports whether the code in slots may have no bounds checks. What is after the current size
// of a memory is inaccessible then.
var guarded = memguard.Supported

// guard makes the part of the slot after the image inaccessible, and tells the engine that it is. The
// size of the span is the same with and without guards.
func (a *cowArea) guard() error {
	if a.open = uint64(len(a.mem)); !guarded() {
		return nil
	}
	if uint64(len(a.span)) < memguard.Size {
		return fmt.Errorf("%d bytes of address space for guards: %w", uint64(memguard.Size), unix.ENOMEM)
	}
	if err := a.shut(); err != nil {
		return err
	}
	if err := memguard.Add(uintptr(addressOf(a.mem))); err != nil {
		return fmt.Errorf("guards: %w", err)
	}
	return nil
}

// unguard must be called before the span is used for anything else.
func (a *cowArea) unguard() {
	if guarded() {
		memguard.Remove(uintptr(addressOf(a.mem)))
	}
}

// openUpTo makes the memory accessible up to a size. It reports false if the system refuses.
func (a *cowArea) openUpTo(size uint64) bool {
	if size <= a.open {
		return true
	}
	if unix.Mprotect(a.mem[a.open:size], unix.PROT_READ|unix.PROT_WRITE) != nil {
		return false
	}
	a.open = size
	return true
}

// shut makes the memory after the image inaccessible. Without guards it does nothing.
func (a *cowArea) shut() error { return a.shutFrom(a.size) }

// shutFrom makes the memory after an offset inaccessible.
func (a *cowArea) shutFrom(offset uint64) error {
	if !guarded() || a.open <= offset {
		return nil
	}
	if err := unix.Mprotect(a.mem[offset:a.open], unix.PROT_NONE); err != nil {
		return fmt.Errorf("mprotect of the growth area: %w", err)
	}
	a.open = offset
	return nil
}

// whileOpen calls f while all memory of the slot is accessible.
func (a *cowArea) whileOpen(f func() error) error {
	open := a.open
	if !a.openUpTo(uint64(len(a.mem))) {
		return errors.New("the memory of the slot cannot be made accessible")
	}
	return errors.Join(f(), a.shutFrom(open))
}
