package runtime

import (
	"time"

	"tabcell/runtime/internal/guest"
)

// standard wraps what only descriptors 0, 1 and 2 have.
func standard(f func(guest.Memory, []uint64) bool) wasiCall {
	return func(_ *call, m guest.Memory, a []uint64) uint64 {
		if uint32(a[0]) > 2 {
			return errnoBadf
		}
		return fault(f(m, a))
	}
}

// streamState says "character device, no rights to more" (fdstat, 24 bytes).
func streamState(m guest.Memory, a []uint64) bool { return m.Put(uint32(a[1]), character(24, 0)) }

// streamFile is the same as a filestat (64 bytes).
func streamFile(m guest.Memory, a []uint64) bool { return m.Put(uint32(a[1]), character(64, 16)) }

func character(size, at int) []byte {
	b := make([]byte, size)
	b[at] = 2
	return b
}

// nothingToRead(fd, iovs, n, dst): standard input is at its end.
func nothingToRead(_ *call, m guest.Memory, a []uint64) uint64 {
	if uint32(a[0]) != 0 {
		return errnoBadf
	}
	return fault(m.PutUint32(uint32(a[3]), 0))
}

// mostVectors is how many buffers one write may gather; the C library uses two.
const mostVectors = 1024

// printText(fd, iovs, n, dst) keeps printed text up to the call's limit and says that all of it was written.
func printText(c *call, m guest.Memory, a []uint64) uint64 {
	if fd := uint32(a[0]); fd != 1 && fd != 2 {
		return errnoBadf
	}
	if uint32(a[2]) > mostVectors {
		return errnoInval
	}
	vectors, ok := m.View(uint32(a[1]), uint32(a[2])*8)
	written := uint32(0)
	for ; ok && len(vectors) > 0; vectors = vectors[8:] {
		var b []byte
		if b, ok = m.View(word(vectors), word(vectors[4:])); ok {
			c.output.write(b)
			written += uint32(len(b))
		}
	}
	return fault(ok && m.PutUint32(uint32(a[3]), written))
}

func word(b []byte) uint32 {
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// The parts of poll_oneoff's subscription (48 bytes) and event (32 bytes) that matter for a clock.
const (
	eventClock   = 0
	clockAbs     = 1 // flag: the timeout is a point in time
	subTag       = 8
	subClock     = 16
	subTimeout   = 24
	subFlags     = 40
	subscription = 48
	eventSize    = 32
)

// sleep(subs, events, n, dst): the one thing to wait for is a clock. A sleeping script ends at its deadline like any other: the sleep is
// over, and the interpreter raises. (The C library makes any error of poll_oneoff ENOTSUP, so an interrupted sleep reports success.)
func sleep(c *call, m guest.Memory, a []uint64) uint64 {
	sub, ok := m.Copy(uint32(a[0]), subscription)
	if uint32(a[2]) != 1 {
		return errnoInval
	}
	if !ok {
		return errnoFault
	}
	if sub[subTag] != eventClock {
		return errnoBadf
	}
	if !c.wait(sleepTime(sub)) {
		tick(c, m, nil)
	}
	event := append(append([]byte(nil), sub[:8]...), make([]byte, eventSize-8)...) // user data, no error, type clock
	return fault(m.Put(uint32(a[1]), event) && m.PutUint32(uint32(a[3]), 1))
}

func sleepTime(sub []byte) time.Duration {
	ns := uint64(word(sub[subTimeout:])) | uint64(word(sub[subTimeout+4:]))<<32
	if sub[subFlags]&clockAbs != 0 {
		now := uint64(time.Since(processStart))
		if word(sub[subClock:]) == 0 {
			now = uint64(time.Now().UnixNano())
		}
		ns = max(ns, now) - now
	}
	return time.Duration(min(ns, 1<<62))
}

// wait is false when the call ended first. After the deadline's first stage it waits for the rest of the grace at most.
func (c *call) wait(d time.Duration) bool {
	if !c.graceEnd.IsZero() {
		left := max(time.Until(c.graceEnd), 0) + time.Millisecond
		time.Sleep(min(d, left))
		return d <= left
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.ctx.Done():
		return false
	}
}
