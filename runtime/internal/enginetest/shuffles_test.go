package enginetest

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// shuffleLanes returns shuffles of each form for which the patched engine has an instruction
// (engine/patches, 32), and of others.
func shuffleLanes() (all [][16]byte) {
	fill := func(lane func(i int) int) {
		var lanes [16]byte
		for i := range lanes {
			lanes[i] = byte(lane(i))
		}
		all = append(all, lanes)
	}
	for first := range 17 {
		fill(func(i int) int { return first + i })        // consecutive
		fill(func(i int) int { return (first * i) % 16 }) // of one operand
		fill(func(i int) int { return 16 + (first+7*i)%16 })
	}
	r := rand.New(rand.NewPCG(32, 1))
	for range 60 {
		d := [4]int{r.IntN(4), r.IntN(4), r.IntN(4), r.IntN(4)}
		low, high := 4*r.IntN(2), 4*r.IntN(2)
		fill(func(i int) int { return 4*d[i/4] + i%4 + 4*low })                             // 32-bit lanes of one operand
		fill(func(i int) int { return 4*(d[i/4]+[4]int{low, low, high, high}[i/4]) + i%4 }) // of one for each half
		fill(func(i int) int { return 4*(2*d[i/4]%8) + i%4 })
		fill(func(i int) int { return 4*(d[i/4]+[4]int{low, low, high, high}[i/4]) + (i+1)%4 }) // not whole ones
		fill(func(int) int { return r.IntN(32) })
	}
	return all
}

// pair makes a vector of two parameters.
func pair(local int) []byte {
	return cat(get(local), []byte{0xfd, 18}, get(local+1), []byte{0xfd, 30, 1})
}

// lanesOf returns both lanes of the vector on the stack, for which it needs a local variable.
func lanesOf(local int) []byte {
	return cat(set(local), get(local), []byte{0xfd, 29, 0}, get(local), []byte{0xfd, 29, 1})
}

// TestShuffles has operands that are used again afterwards, that are not, and that are equal.
func TestShuffles(t *testing.T) {
	f := forms{module: module{minPages: 1, maxPages: 1}}
	for n, lanes := range shuffleLanes() {
		shuffle := append([]byte{0xfd, 13}, lanes[:]...)
		for kind, body := range map[string][]byte{
			"last use": cat(pair(0), pair(2), shuffle),
			"equal":    cat(pair(0), tee(4), get(4), shuffle),
			"kept":     cat(pair(0), tee(4), pair(2), tee(5), shuffle, get(4), []byte{0xfd, 0xce, 1}, get(5), []byte{0xfd, 0xd1, 1}),
		} {
			name := fmt.Sprintf("%d %v, %s", n, lanes, kind)
			f.add(name, []byte{i64, i64, i64, i64}, []byte{i64, i64}, []byte{v128, v128, v128}, cat(body, lanesOf(6)))
		}
	}
	f.compare(t, 0x0706050403020100, 0x0f0e0d0c0b0a0908, 0x1716151413121110, 0x1f1e1d1c1b1a1918)
}
