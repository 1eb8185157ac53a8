package snapshot

import (
	"math"
	"sync"
	"time"
)

// The work of a start that compiles the guest, in seconds of one processor for each MB of rewritten
// code. RATIONALE.md has the measurements. Only the ratios matter, because the speed of the machine
// is measured on the way.
const (
	rewriteWork = 0.042 // reading and rewriting
	compileWork = 0.47  // decoding, validating and compiling functions
	storeWork   = 0.03  // linking and storing the code
	bootWork    = 0.03
)

// meter estimates how far a start is that compiles the guest, and how much time is left.
//
// The stages of the start have known amounts of work. The longest by far is the compilation of the
// functions. The patched engine counts the bytes of their bodies (engine/patches, 14), so that this
// stage gives its own progress and speed. The released engine reports nothing. Its progress is that
// of the time: the rewriting of the same code, on the same machine and under the same load, has
// shown how long a unit of work takes. The other stages, which are short, are estimated in this
// way, too.
type meter struct {
	workers float64 // processors that compile

	mu    sync.Mutex
	size  float64       // MB of rewritten code
	total float64       // work of all stages
	done  float64       // work of the finished stages
	unit  time.Duration // of the last measured stage: the time for a unit of work
	stage stage
}

// stage is a part of a start. The zero value is no stage.
type stage struct {
	work    float64
	begun   time.Time
	counted float64 // part of the work that was counted, from 0 to 1; 0 if nothing counts it
}

// newMeter returns a meter for a start whose code is compiled by workers goroutines on a machine
// with the given number of processors.
func newMeter(workers, processors int) *meter {
	return &meter{workers: float64(max(1, min(workers, processors)))}
}

// rewritten sets the size of the code in bytes, and measures the speed by the time of its
// rewriting.
func (m *meter) rewritten(size int, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.size = float64(size) / 1e6
	m.done = rewriteWork * m.size
	m.total = m.done + m.size*(compileWork/m.workers+storeWork+bootWork)
	m.unit = perUnit(took, m.done)
}

func perUnit(took time.Duration, work float64) time.Duration {
	return time.Duration(float64(took) / max(work, 1e-9))
}

// compiling begins the stage of the compilation.
func (m *meter) compiling() {
	m.begin(func() (work, after float64) { return m.size * compileWork / m.workers, m.size * (storeWork + bootWork) })
}

// compiled counts compiled functions by the bytes of their bodies.
func (m *meter) compiled(done, total int) {
	if done == total {
		m.begin(func() (work, after float64) { return m.size * storeWork, m.size * bootWork })
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stage.counted = float64(done) / float64(total)
}

// booting begins the last stage.
func (m *meter) booting() {
	m.begin(func() (work, after float64) { return m.size * bootWork, 0 })
}

// begin ends the present stage and begins one with the given work, after which that of later stages
// is left. It does nothing if the code was not rewritten.
func (m *meter) begin(stageOf func() (work, after float64)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.total == 0 {
		return
	}
	if m.stage.work > 0 {
		m.unit = perUnit(time.Since(m.stage.begun), m.stage.work)
	}
	work, after := stageOf()
	m.done = m.total - work - after
	m.stage = stage{work: work, begun: time.Now()}
}

// estimate returns the part of the work that is done, below 1, and the time that is left. ok is
// false before code is compiled.
func (m *meter) estimate() (fraction float64, left time.Duration, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stage.work == 0 {
		return 0, 0, false
	}
	took := time.Since(m.stage.begun)
	part, unit := m.stage.counted, m.unit
	switch {
	case part > minCounted: // enough for a speed
		unit = perUnit(took, part*m.stage.work)
	case part == 0:
		part = asymptote(float64(took) / (float64(unit) * m.stage.work))
	}
	done := m.done + part*m.stage.work
	left = time.Duration((m.total - done) * float64(unit))
	return min(done/m.total, 0.99), max(left, time.Second), true
}

// minCounted is the part of a stage from which its speed is measured.
const minCounted = 0.03

// asymptote returns the part of a stage that is done after x times its expected time: x at first,
// and for larger x a value that approaches 1 but does not reach it.
func asymptote(x float64) float64 {
	const linear = 0.8
	if x <= linear {
		return x
	}
	return 1 - (1-linear)*math.Exp(-(x-linear)/(1-linear))
}
