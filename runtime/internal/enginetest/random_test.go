package enginetest

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// TestRandomModules compares the results, the traps, the memories and the globals of random
// modules. TABCELL_ENGINE_SEED is the first seed, TABCELL_ENGINE_FOR a duration such as 1h; without
// it, the number of modules is fixed.
func TestRandomModules(t *testing.T) {
	first, _ := strconv.ParseUint(os.Getenv("TABCELL_ENGINE_SEED"), 10, 64)
	duration, _ := time.ParseDuration(os.Getenv("TABCELL_ENGINE_FOR"))
	count, end := uint64(150), time.Now().Add(duration)
	all := engines(t)
	var c counts
	for seed := first; seed < first+count || time.Now().Before(end); seed++ {
		compareRandom(t, all, seed, seed%2 == 0, &c)
		if t.Failed() {
			t.Fatalf("the seed of the module is %d", seed)
		}
	}
	t.Logf("%+v", c)
	if c.Returned < c.Calls/3 || c.Trapped == 0 {
		t.Errorf("%d of %d calls returned and %d trapped; the modules test too little", c.Returned, c.Calls, c.Trapped)
	}
}

// TestFoundModules compares the modules that have found defects of the released engine, which patches
// correct.
func TestFoundModules(t *testing.T) {
	if !patched() {
		t.Skip("the released engine has these defects")
	}
	all := engines(t)
	for patch, seed := range map[string]uint64{"16-temporaries": 1817, "17-band-flags": 104990} {
		t.Run(patch, func(t *testing.T) { compareRandom(t, all, seed, false, new(counts)) })
	}
}

type counts struct{ Modules, Calls, Returned, Trapped int }

// compareRandom makes the module of a seed and calls its functions with random arguments.
func compareRandom(t *testing.T, all []engine, seed uint64, ticking bool, c *counts) {
	m, functions := generate(seed, ticking)
	program := compile(t, all, m)
	defer program.close(t.Context())
	r := rand.New(rand.NewPCG(seed, 8))
	g := &generator{r: r}
	c.Modules++
	for i, s := range functions {
		p := program.instantiate(t)
		for range 3 {
			args := make([]uint64, len(s.params))
			for j, typ := range s.params {
				args[j] = g.number(typ)
				if typ == i32 {
					args[j] &= 1<<32 - 1
				}
			}
			c.Calls++
			if o := p.call(t, m.funcs[i].export, args...); o.err == "" {
				c.Returned++
			} else {
				c.Trapped++
			}
		}
		p.compareState(t, len(m.globals))
		p.close(t.Context())
	}
}
