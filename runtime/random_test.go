package runtime

import (
	"bytes"
	"testing"
)

// TestFillRandom fills lengths on both sides of the limit, over old content.
func TestFillRandom(t *testing.T) {
	for _, n := range []int{0, 1, 32, maxSystemRandom, maxSystemRandom + 1, 2496, 1 << 20} {
		a, b := make([]byte, n), bytes.Repeat([]byte{0xff}, n)
		fillRandom(a)
		fillRandom(b)
		if n >= 16 && bytes.Equal(a, b) {
			t.Errorf("%d bytes: two calls are equal", n)
		}
		if n < 1024 {
			continue
		}
		ones := 0
		for _, x := range b {
			ones += int(x & 1)
		}
		if ones < n*2/5 || ones > n*3/5 {
			t.Errorf("%d bytes: %d low bits are set", n, ones)
		}
	}
}
