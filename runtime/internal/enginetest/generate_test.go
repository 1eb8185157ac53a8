package enginetest

import (
	"math"
	"math/rand/v2"
)

// generator makes random functions. They are valid, use no number of which the compiler and the
// interpreter may disagree on the bits (NaN), and end after a bounded number of steps.
type generator struct {
	r        *rand.Rand
	m        *module
	self     int            // index of the current function in the plan
	plan     []signature    // of all functions; each calls only later ones
	locals   map[byte][]int // local variables that expressions use, by type
	scratch  map[byte]int   // local variable for canonical NaNs, by type
	counters []int          // unused counters of loops
	labels   []bool         // enclosing blocks, the outermost first; true if a branch to it may be made
	budget   int            // number of expressions that the current function may still have
	burn     []byte         // check of a counter at each step; empty for none
}

type signature struct{ params, results []byte }

// numbers are the types of parameters, results and globals. values are those of local variables and
// expressions, too.
var (
	numbers = []byte{i32, i64, f32, f64}
	values  = append(numbers[:4:4], v128)
)

// The globals of generated modules: the remaining steps, and one of each type.
const (
	stepsGlobal = 0
	maxSteps    = 3000
)

const (
	functionCount    = 7
	loopsPerFunction = 4
	generatedPages   = 2
	maxGenerated     = 4
	tickAmount       = 2 // steps between two ticks, less one
)

// generate makes a module from a seed, with or without calls of the host function tick. Its exported
// functions are f0, f1 and so on.
func generate(seed uint64, ticking bool) (*module, []signature) {
	g := &generator{r: rand.New(rand.NewPCG(seed, 7)), m: &module{minPages: generatedPages, maxPages: maxGenerated}}
	g.m.globals = [][]byte{cat([]byte{i32, 1}, constant(i32, maxSteps), []byte{0x0b})}
	for _, t := range numbers {
		g.m.globals = append(g.m.globals, cat([]byte{t, 1}, constant(t, g.number(t)), []byte{0x0b}))
	}
	if ticking {
		g.burn = burn(uint32(len(g.m.globals)), hostFunctions+functionCount, 1)
		g.m.globals = append(g.m.globals, cat([]byte{i32, 1}, constant(i32, tickAmount), []byte{0x0b}))
	}
	for range functionCount {
		g.plan = append(g.plan, signature{g.types(9), g.types(3)})
	}
	for i := range functionCount {
		g.m.table = append(g.m.table, uint32(hostFunctions+i))
	}
	for g.self = range g.plan {
		g.function()
	}
	if ticking {
		g.m.function("", nil, nil, nil, refill(uint32(len(g.m.globals)-1), tickAmount))
	}
	return g.m, g.plan
}

// types returns up to n random types.
func (g *generator) types(n int) (all []byte) {
	for range g.r.IntN(n + 1) {
		all = append(all, g.typ())
	}
	return all
}

func (g *generator) typ() byte { return numbers[g.r.IntN(len(numbers))] }

// function adds the function with the index g.self.
func (g *generator) function() {
	s := g.plan[g.self]
	g.locals, g.scratch, g.counters, g.labels = map[byte][]int{}, map[byte]int{}, nil, nil
	g.budget = 150 + g.r.IntN(250)
	for i, t := range s.params {
		g.locals[t] = append(g.locals[t], i)
	}
	var locals []byte
	add := func(t byte) int {
		locals = append(locals, t)
		return len(s.params) + len(locals) - 1
	}
	for _, t := range values {
		for range 1 + g.r.IntN(10) {
			g.locals[t] = append(g.locals[t], add(t))
		}
	}
	for _, t := range []byte{f32, f64, v128} {
		g.scratch[t] = add(t)
	}
	for range loopsPerFunction {
		g.counters = append(g.counters, add(i32))
	}
	body := cat(g.step(), g.statements(12, 3))
	for _, t := range s.results {
		body = append(body, g.expression(t, 4)...)
	}
	g.m.function("f"+string(rune('0'+g.self)), s.params, s.results, locals, body)
}

// step returns code that counts a step, and traps when all are used up.
func (g *generator) step() []byte {
	global := leb(stepsGlobal)
	return cat([]byte{0x23}, global, constant(i32, 1), []byte{0x6b, 0x24}, global,
		[]byte{0x23}, global, []byte{0x45, 0x04, 0x40, 0x00, 0x0b}, g.burn)
}

// number returns random bits for a constant, often of a number at some limit. It is not NaN.
func (g *generator) number(t byte) uint64 {
	integers := []uint64{0, 1, 2, 3, 7, 8, 31, 32, 63, 64, 127, 128, 255, 256, page - 8, page - 1, page, generatedPages*page - 8, generatedPages * page,
		1<<31 - 1, 1 << 31, 1<<31 + 1, 1<<32 - 8, 1<<32 - 1, 1 << 32, 1<<63 - 1, 1 << 63, 1<<64 - 1, 1<<64 - 128}
	floats := []float64{0, math.Copysign(0, -1), 1, -1, 0.5, 1.5, -2.5, 1e10, -1e10, 2147483647, 2147483648, -2147483649, 4294967295, 9223372036854775807, 1e300, 1e-300,
		math.Inf(1), math.Inf(-1), math.MaxFloat32, math.SmallestNonzeroFloat64}
	if g.r.IntN(3) == 0 {
		floats = []float64{g.r.NormFloat64() * math.Pow(2, float64(g.r.IntN(70)-10))}
		integers = []uint64{g.r.Uint64() >> g.r.IntN(64)}
	}
	v := floats[g.r.IntN(len(floats))]
	switch t {
	case f32:
		return uint64(math.Float32bits(float32(v)))
	case f64:
		return math.Float64bits(v)
	}
	return integers[g.r.IntN(len(integers))]
}

// local returns a random local variable of a type.
func (g *generator) local(t byte) int { return g.locals[t][g.r.IntN(len(g.locals[t]))] }
