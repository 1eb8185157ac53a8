package enginetest

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

// TestJumpDistances has jumps over code of all sizes around those at which their encoding changes
// (engine/patches, 27), forwards and backwards.
func TestJumpDistances(t *testing.T) {
	m := &module{minPages: 1, maxPages: 1}
	var names []string
	long := cat(get(1), constant(i64, 3), []byte{0x7e}, get(0), []byte{0xad, 0x7c}, set(1)) // n * 3 + parameter
	short := cat(get(1), constant(i64, 1), []byte{0x88}, set(1))
	for n := range 240 {
		code := cat(bytes.Repeat(long, n/10), bytes.Repeat(short, n%10))
		for kind, body := range map[string][]byte{
			"forwards":  cat([]byte{0x02, 0x40}, get(0), []byte{0x0d, 0}, code, []byte{0x0b}),
			"else":      cat(get(0), []byte{0x04, 0x40}, code, []byte{0x05}, code, get(1), []byte{0x50, 0xad}, set(1), []byte{0x0b}),
			"backwards": cat([]byte{0x03, 0x40}, code, get(0), constant(i32, 1), []byte{0x6b}, tee(0), constant(i32, 0), []byte{0x4a, 0x0d, 0, 0x0b}),
		} {
			name := fmt.Sprintf("%d, %s", n, kind)
			m.function(name, []byte{i32, i64}, []byte{i64}, nil, cat(body, get(1)))
			names = append(names, name)
		}
	}
	p := compile(t, engines(t), m).instantiate(t)
	for _, name := range names {
		p.call(t, name, 0, 0x123456789)
		p.call(t, name, 3, 0x123456789)
	}
}

// TestEmptyBlocks has blocks that only jump: chains of them, circles, and targets of a jump table
// (engine/patches, 26).
func TestEmptyBlocks(t *testing.T) {
	m := &module{minPages: 1, maxPages: 1}
	const depth = 20
	table := cat(get(0), []byte{0x0e, depth - 1})
	for i := range depth {
		table = append(table, byte(i*7%depth))
	}
	var chain, loops []byte
	for i := range depth {
		chain = cat(chain, get(0), constant(i32, uint64(i)), []byte{0x46, 0x0d, byte(i)})
		loops = cat(loops, []byte{0x02, 0x40}, get(0), constant(i32, uint64(i)), []byte{0x46, 0x0d, 0, 0x0b})
	}
	blocks := func(code []byte, between []byte) (body []byte) {
		body = cat(slices.Repeat([]byte{0x02, 0x40}, depth), code)
		for range depth {
			body = cat(body, []byte{0x0b}, between)
		}
		return body
	}
	count := cat(get(1), constant(i32, 1), []byte{0x6a}, set(1))
	spin := cat([]byte{0x03, 0x40}, count, get(1), constant(i32, 9), []byte{0x4b, 0x04, 0x40, 0x05, 0x0c, 1, 0x0b, 0x0b})
	nested := cat([]byte{0x03, 0x40, 0x03, 0x40}, count, get(1), constant(i32, 50), []byte{0x49, 0x04, 0x40}, get(1), constant(i32, 3),
		[]byte{0x71, 0x04, 0x40, 0x0c, 2, 0x05, 0x0c, 3, 0x0b, 0x0b, 0x0b, 0x0b})
	names := map[string][]byte{
		"chain": blocks(chain, nil), "counted chain": blocks(chain, count), "tables": blocks(table, nil), "counted tables": blocks(table, count),
		"ends": cat(loops, spin), "spin": spin, "nested": nested,
		"chain with jumps": blocks(chain, []byte{0x02, 0x40, 0x0c, 0, 0x0b}),
	}
	for name, body := range names {
		m.function(name, []byte{i32}, []byte{i32}, []byte{i32}, cat(body, get(1)))
	}
	p := compile(t, engines(t), m).instantiate(t)
	for name := range names {
		for n := range uint64(depth + 2) {
			p.call(t, name, n)
		}
	}
}
