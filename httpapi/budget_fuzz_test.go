package httpapi

import (
	"fmt"
	"testing"
)

// FuzzBudget resizes four leases of two owners in any order. The limit must hold, a refused change
// must change nothing, and the pools must have what the leases have.
func FuzzBudget(f *testing.F) {
	f.Add([]byte{0x0f, 0x4f, 0x8f, 0xcf, 0x00, 0x7f, 0x3f, 0xbf})
	f.Fuzz(func(t *testing.T, steps []byte) {
		const limit = 16 << 20
		b := newBudget(limit)
		var leases [4]lease
		for i := range leases {
			leases[i] = lease{budget: b, owner: fmt.Sprint(i % 2)}
		}
		for _, step := range steps {
			l, size := &leases[step>>6], int64(step&0x3f)<<17 // up to 8 MiB
			before := *l
			if err := l.resize(size); err != nil && *l != before || err == nil && l.bytes != size {
				t.Fatalf("resize to %d: error %v, %+v became %+v", size, err, before, *l)
			}
			var small, large int64
			for _, l := range leases {
				if l.large {
					large += l.bytes
				} else {
					small += l.bytes
				}
			}
			if small != b.small.used || large != b.large.used || b.used() > limit {
				t.Fatalf("leases of %d and %d bytes, pools of %d and %d", small, large, b.small.used, b.large.used)
			}
		}
	})
}
