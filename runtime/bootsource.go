package runtime

import (
	"math/rand/v2"
	"time"
)

// bootSource is the clock and the random source of a boot. They are the same in each boot, so the
// same program makes the same image on every host. Cells do not use them: their clocks and random
// bytes come from the host, and the generators in the image are seeded again
// (assets/guest/entropy.c).
type bootSource struct {
	elapsed time.Duration // since the start of the boot
	random  *rand.ChaCha8
}

// bootTime is the time of the wall clock at the start of a boot.
var bootTime = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// newBootSource returns nil, for the host's clock and random source, if the guest has packages that
// an administrator added. Their generators are not seeded again, so that two hosts, or two starts,
// would draw the same numbers.
func newBootSource(g Guest) *bootSource {
	if g.LibraryDigest == "" {
		return nil
	}
	return &bootSource{random: rand.NewChaCha8([32]byte{})}
}

// time returns the time in ns, of the wall clock or since the start of the boot. It advances with
// each call.
func (b *bootSource) time(wall bool) uint64 {
	b.elapsed += time.Microsecond
	if wall {
		return uint64(bootTime.Add(b.elapsed).UnixNano())
	}
	return uint64(b.elapsed)
}
