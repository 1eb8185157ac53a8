package enginetest

import (
	"fmt"
	"strings"
	"testing"
)

// leafWith returns a function that calls nothing and keeps n values alive, so that its frame has
// about 8*n bytes. Its result depends on all of them. If its second parameter is an invalid
// address, it traps while they are alive.
func leafWith(n int) (locals, body []byte) {
	const firstLocal = 2
	for i := range n {
		locals = append(locals, i64)
		body = append(body, cat(get(0), []byte{0xad}, constant(i64, uint64(i)*0x9e3779b97f4a7c15), []byte{0x85}, set(firstLocal+i))...)
	}
	body = append(body, cat(get(1), access([]byte{0x29}, 0))...) // the load that may trap
	for i := range n {
		body = append(body, cat(constant(i64, 31), []byte{0x7e}, get(firstLocal+i), []byte{0x7c})...)
	}
	return locals, body
}

// recursionOver returns a function that calls itself as many times as its first parameter says, and
// then the function leaf with the depth and its second parameter. It keeps n values alive.
func recursionOver(m *module, name string, leaf uint32, n int) {
	self := uint32(hostFunctions + len(m.funcs))
	var locals, before, after []byte
	for i := range n {
		locals = append(locals, i64)
		before = append(before, cat(get(0), []byte{0xad}, constant(i64, uint64(i)+3), []byte{0x7e}, set(2+i))...)
		after = append(after, cat(get(2+i), []byte{0x7c})...)
	}
	body := cat(before, get(0), []byte{0x45, 0x04, i64}, get(0), get(1), call(leaf),
		[]byte{0x05}, get(0), constant(i32, 1), []byte{0x6b}, get(1), call(self), []byte{0x0b}, after)
	m.function(name, []byte{i32, i32}, []byte{i64}, locals, body)
}

// TestStackDepths calls leaves with frames of different sizes at all depths around the points where
// the stack grows, with and without a trap in the leaf.
func TestStackDepths(t *testing.T) {
	all := engines(t)
	m := &module{minPages: 1, maxPages: 1}
	var names []string
	for _, leaf := range []int{0, 20, 26, 30, 34, 126, 130, 600} {
		locals, body := leafWith(leaf)
		f := m.function("", []byte{i32, i32}, []byte{i64}, locals, body)
		for _, frame := range []int{0, 5, 100, 130} {
			name := fmt.Sprintf("leaf %d, frame %d", leaf, frame)
			recursionOver(m, name, f, frame)
			names = append(names, name)
		}
	}
	p := compile(t, all, m).instantiate(t)
	for _, name := range names {
		for i := range uint64(40) {
			depth := i * i / 4
			if o := p.call(t, name, depth, 0); o.err != "" {
				t.Fatalf("%s at depth %d: %s", name, depth, o.err)
			}
			if o := p.call(t, name, depth, 1<<31); !strings.Contains(o.err, "out of bounds") {
				t.Fatalf("%s at depth %d with an invalid address: %v", name, depth, o)
			}
		}
	}
}

// TestStackExhaustion recurses until the stack is exhausted, through functions with small and with
// large frames. The instance can be used afterwards.
func TestStackExhaustion(t *testing.T) {
	all := engines(t)
	m := &module{minPages: 1, maxPages: 1}
	locals, body := leafWith(30)
	leaf := m.function("", []byte{i32, i32}, []byte{i64}, locals, body)
	for _, frame := range []int{0, 20, 130, 1000} {
		recursionOver(m, fmt.Sprint(frame), leaf, frame)
	}
	p := compile(t, all, m).instantiate(t)
	for _, frame := range []int{0, 20, 130, 1000} {
		for range 2 {
			for i, m := range p.modules[1:] {
				got := invoke(t.Context(), m, fmt.Sprint(frame), []uint64{1<<32 - 1, 0}, garbage)
				if !strings.Contains(got.err, "stack overflow") {
					t.Errorf("%s: frame %d: %v, want a stack overflow", p.engines[i+1].name, frame, got)
				}
			}
			p.call(t, fmt.Sprint(frame), 100, 0)
		}
	}
}
