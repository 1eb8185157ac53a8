package load

import (
	"slices"
	"testing"

	"tabcell/cmd/tabcell/internal/bench"
)

// soakKind is one kind of request of the mix.
type soakKind struct {
	share  float64 // of the requests
	body   []byte
	status int
	answer []byte // the first one; of errors only the status counts
	leave  bool   // the client goes away before the answer
}

type soakMix []*soakKind

// newSoakMix: most requests are small, some are large, some fail, and some clients leave.
func newSoakMix() soakMix {
	return soakMix{
		{share: 0.60, body: bench.ScriptBody("return int(1)", bench.Column(4))(), status: 200},
		{share: 0.25, body: bench.AdditionBody(1000)(), status: 200},
		{share: 0.04, body: bench.AdditionBody(100_000)(), status: 200},
		{share: 0.04, body: bench.LazyBody(bench.RollingScript, func() []any { return []any{bench.Floats(1, 10_000)} })(), status: 200},
		{share: 0.02, body: bench.LazyBody("x = bytearray(100 << 20)\nreturn len(x)", func() []any { return nil })(), status: 200},
		{share: 0.02, body: bench.ScriptBody("return nothing")(), status: 500},
		{share: 0.01, body: bench.ScriptBody("print('x' * 100000)\nreturn 1")(), status: 200},
		{share: 0.01, body: []byte("no JSON"), status: 500},
		{share: 0.01, body: bench.ScriptBody("import time\ntime.sleep(0.2)\nreturn 1")(), leave: true},
	}
}

// pick takes a kind by a number from 0 to 1.
func (m soakMix) pick(at float64) *soakKind {
	for _, k := range m {
		if at -= k.share; at < 0 {
			return k
		}
	}
	return m[0]
}

func TestSoakMix(t *testing.T) {
	mix := newSoakMix()
	seen := map[*soakKind]int{}
	for i := range 1000 {
		seen[mix.pick((float64(i)+0.5)/1000)]++
	}
	if n := seen[mix[0]]; n != 600 || len(seen) != len(mix) || slices.ContainsFunc(mix, func(k *soakKind) bool { return seen[k] == 0 }) {
		t.Errorf("%d kinds, %d of the first", len(seen), n)
	}
}
