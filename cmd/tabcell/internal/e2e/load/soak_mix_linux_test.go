package load

import (
	"testing"

	"tabcell/cmd/tabcell/internal/bench"
)

// soakKind is one kind of request of the mix.
type soakKind struct {
	share  float64 // of all requests
	body   []byte
	status int
	first  []byte // the first response; of errors, only the status is compared
	leave  bool   // the client closes the connection before the response
}

// soakMix is a mix of requests whose shares add up to 1.
type soakMix []*soakKind

// newSoakMix returns a mix in which most requests are small, some are large, some fail, and some
// clients leave early.
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

// pick returns the kind at a position from 0 to 1 in the mix.
func (m soakMix) pick(position float64) *soakKind {
	for _, k := range m {
		if position -= k.share; position < 0 {
			return k
		}
	}
	return m[0]
}

func TestSoakMix(t *testing.T) {
	mix := newSoakMix()
	count := map[*soakKind]int{}
	for i := range 1000 {
		count[mix.pick((float64(i)+0.5)/1000)]++
	}
	if n := count[mix[0]]; n != 600 || len(count) != len(mix) {
		t.Errorf("%d of %d kinds were picked, the first %d times instead of 600", len(count), len(mix), n)
	}
}
