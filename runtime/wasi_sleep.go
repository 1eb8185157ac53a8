package runtime

import (
	"encoding/binary"
	"time"

	"tabcell/runtime/internal/guest"
)

// Offsets and values in poll_oneoff's subscription and event, for a clock.
const (
	subscriptionTag     = 8
	subscriptionClock   = 16
	subscriptionTimeout = 24
	subscriptionFlags   = 40
	subscriptionSize    = 48
	eventSize           = 32

	tagClock     = 0
	flagAbsolute = 1 // the timeout is a point in time
)

// sleep(subs, events, n, dst) waits for a clock; there is nothing else to wait for. At the deadline
// of the call, the sleep ends and the interpreter raises an exception. It reports success even
// then, because the C library turns every error of poll_oneoff into ENOTSUP.
func sleep(c *call, m guest.Memory, args []uint64) uint64 {
	sub, ok := m.Copy(uint32(args[0]), subscriptionSize)
	if uint32(args[2]) != 1 {
		return errnoInval
	}
	if !ok {
		return errnoFault
	}
	if sub[subscriptionTag] != tagClock {
		return errnoBadf
	}
	if !c.sleep(sleepTime(sub)) {
		tick(c, m, nil)
	}
	event := make([]byte, eventSize) // no error, type clock
	copy(event, sub[:8])             // user data
	return errnoOf(m.Put(uint32(args[1]), event) && m.PutUint32(uint32(args[3]), 1))
}

func sleepTime(sub []byte) time.Duration {
	ns := binary.LittleEndian.Uint64(sub[subscriptionTimeout:])
	if sub[subscriptionFlags]&flagAbsolute != 0 {
		now := uint64(time.Since(processStart))
		if word(sub[subscriptionClock:]) == 0 {
			now = uint64(time.Now().UnixNano())
		}
		ns = max(ns, now) - now
	}
	return time.Duration(min(ns, 1<<62))
}

// sleep reports whether it has slept for d. It ends early with the call, and in the grace period
// with that.
func (c *call) sleep(d time.Duration) bool {
	if !c.graceEnd.IsZero() {
		remaining := max(time.Until(c.graceEnd), 0) + time.Millisecond
		time.Sleep(min(d, remaining))
		return d <= remaining
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

func word(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
