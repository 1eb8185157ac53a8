package linmem

import (
	"errors"
	"fmt"
)

// errUnclean is returned after a Reset has failed.
var errUnclean = errors.New("linmem: the slot could not be reset and must be closed")

const (
	reportPage  = 4096     // the unit in which Reset counts pages, whatever the size of an OS page
	maxRetained = 64 << 20 // bytes of a slot that may stay private after Reset
)

// Slot holds the memory of one instance at a time.
type Slot struct {
	image   *Image
	area    area
	reserve uint64
	lease   *Lease // the current lease; nil if the slot equals the image
	err     error  // if not nil, the slot cannot be used any more
}

// NewLease leases the slot to one instance, whose memory may grow to limit bytes. A limit below the
// size of the image allows the image but no growth; a limit above the reserve means the reserve.
// NewLease panics if the slot has not been reset, because one script's data would be visible to the
// next.
func (s *Slot) NewLease(limit uint64) *Lease {
	if s.lease != nil || s.err != nil {
		panic("linmem: lease of a slot that has not been reset")
	}
	s.lease = &Lease{slot: s, limit: max(s.image.size, min(limit, s.reserve))}
	return s.lease
}

// Reset ends the lease and makes the slot equal to the image again, with zeros after it. The
// instance must be closed. Reset returns the number of pages of 4096 bytes that it has reset. After
// an error the slot must be closed.
func (s *Slot) Reset() (pages int, err error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.lease != nil {
		s.lease.slot = nil
		s.lease = nil
	}
	pages, err = s.area.reset()
	if err != nil {
		s.err = errUnclean
		return pages, fmt.Errorf("linmem: reset: %w", err)
	}
	return pages, nil
}

// Verify returns an error if the slot differs from the image, or from zero after it. The error has
// the address but not the content. Verify reads all of the memory; it is for tests and for
// debugging.
func (s *Slot) Verify() error {
	if s.err != nil {
		return s.err
	}
	return s.area.verify()
}

// Resident returns the memory in bytes that this slot takes now in addition to the image. It
// returns errors.ErrUnsupported where the system does not report it.
func (s *Slot) Resident() (bytes uint64, err error) {
	if s.err != nil {
		return 0, s.err
	}
	return s.area.resident()
}

// Retained returns the memory in bytes that the slot kept private at its last Reset.
func (s *Slot) Retained() uint64 { return s.area.retained() }

// Close frees the slot's memory. No guest may run in it, and no slice of it may be used afterwards.
func (s *Slot) Close() error {
	if errors.Is(s.err, ErrClosed) {
		return nil
	}
	if s.lease != nil {
		s.lease.slot = nil
		s.lease = nil
	}
	s.err = ErrClosed
	return errors.Join(s.area.close(), s.image.release())
}

// differsAt returns the error of Verify. It does not disclose the content.
func differsAt(offset uint64, expected string) error {
	return fmt.Errorf("linmem: the slot differs from %s at byte %#x", expected, offset)
}
