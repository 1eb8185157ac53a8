package linmem

import (
	"errors"
	"fmt"
)

// errUnclean marks a slot whose last Reset failed.
var errUnclean = errors.New("linmem: the slot could not be restored and must be released")

const (
	reportPage = 4096     // the unit that Reset counts in
	keepBytes  = 64 << 20 // how much of a slot may stay private between runs; the rest goes back to the system
)

// Slot holds one instance's memory at a time.
type Slot struct {
	image   *Image
	area    area
	reserve uint64
	lease   *Lease // the lease that is out; nil when the slot is clean
	err     error  // why the slot may not be used any more
}

// NewLease hands the slot to one instance, which may grow its memory to limit bytes. The image itself is never refused: a smaller
// limit forbids growth. More than the reserve is the reserve. Lending a slot that is not restored would show one
// script's data to the next, so that it panics.
func (s *Slot) NewLease(limit uint64) *Lease {
	if s.lease != nil || s.err != nil {
		panic("linmem: lent a slot that is not clean")
	}
	s.lease = &Lease{slot: s, limit: max(s.image.size, min(limit, s.reserve))}
	return s.lease
}

// Reset ends the lease and makes the slot the image again, byte for byte, with zeros beyond. pages counts what was put back,
// in pages of 4096 bytes. The instance must be closed. After an error the slot must be released.
func (s *Slot) Reset() (pages int, err error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.lease != nil {
		s.lease.slot = nil
		s.lease = nil
	}
	pages, err = s.area.restore()
	if err != nil {
		s.err = errUnclean
		return pages, fmt.Errorf("linmem: restore: %w", err)
	}
	return pages, nil
}

// Verify compares the whole slot with the image, and with zero beyond it. It says where they differ, never what is there.
// It reads everything: for tests and the debug mode.
func (s *Slot) Verify() error {
	if s.err != nil {
		return s.err
	}
	return s.area.verify()
}

// Resident is the memory in bytes that this slot alone takes now. It is errors.ErrUnsupported where the system cannot tell.
func (s *Slot) Resident() (bytes uint64, err error) {
	if s.err != nil {
		return 0, s.err
	}
	return s.area.resident()
}

// Retained is the memory in bytes that the slot went on holding for itself at its last Reset.
func (s *Slot) Retained() uint64 { return s.area.kept() }

// Close gives the slot's memory back. No guest may run in it, and views of it must not be used afterwards.
func (s *Slot) Close() error {
	if errors.Is(s.err, ErrClosed) {
		return nil
	}
	if s.lease != nil {
		s.lease.slot = nil
		s.lease = nil
	}
	s.err = ErrClosed
	return errors.Join(s.area.release(), s.image.drop())
}

// differsAt is the error of Verify.
func differsAt(offset uint64, from string) error {
	return fmt.Errorf("linmem: the slot differs from %s at byte %#x", from, offset)
}
