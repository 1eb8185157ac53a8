package wasmbin

// value is the value of an operand or a local variable. Equal ids mean equal values. A value gets a
// new id when it is computed. Where control paths join, every local variable that may have changed
// gets a new id.
type value struct {
	id       int
	constant bool
	number   uint32 // of a constant: its number
	at       int    // of a constant: the position of its instruction
}

// scope is a block, a loop, a branch of an if, or the body of a function.
type scope struct {
	op       byte
	height   int // height of the operand stack at the beginning of the scope
	results  int
	joined   int             // position of the first branch to the scope; 0 if there is none
	dead     bool            // whether the rest of the scope is unreachable
	saved    []int           // of an if: the local variables at its beginning
	changed  map[uint32]bool // local variables that were set in the scope
	all      bool            // whether any local variable may have been set in the scope
	pointers []int           // values whose first use as an address is in this scope
}

// tracker tracks the values in one body. It gives up, and sets ok to false, at code that compilers
// do not generate, such as blocks with parameters.
type tracker struct {
	w      *walker
	lastID int
	locals []int // id of the value of each local variable
	stack  []value
	scopes []*scope
	ok     bool

	// leave is called at the end of a scope. The argument certain reports whether all paths to the
	// code after the scope pass through the scope.
	leave func(s *scope, certain bool)
}

func (t *tracker) fresh() int { t.lastID++; return t.lastID }

func (t *tracker) top() *scope { return t.scopes[len(t.scopes)-1] }

func (t *tracker) push() { t.stack = append(t.stack, value{id: t.fresh()}) }

func (t *tracker) pop() value {
	if s := t.top(); len(t.stack) <= s.height {
		t.ok = t.ok && s.dead
		return value{id: t.fresh()}
	}
	v := t.stack[len(t.stack)-1]
	t.stack = t.stack[:len(t.stack)-1]
	return v
}

func (t *tracker) take(pops, pushes int) {
	for range pops {
		t.pop()
	}
	for range pushes {
		t.push()
	}
}

// get returns the value of a local variable. The index may be out of range, because the engine has
// not validated the module yet.
func (t *tracker) get(local uint32) int {
	if int64(local) >= int64(len(t.locals)) {
		t.ok = false
		return 0
	}
	return t.locals[local]
}

func (t *tracker) set(local uint32, id int) {
	if int64(local) >= int64(len(t.locals)) {
		t.ok = false
		return
	}
	t.locals[local] = id
	s := t.top()
	if s.changed == nil {
		s.changed = map[uint32]bool{}
	}
	s.changed[local] = true
}

func (t *tracker) open(op byte, results int, dead bool) {
	s := &scope{op: op, height: len(t.stack), results: results, dead: dead}
	if op == opIf {
		s.saved = append(s.saved, t.locals...)
	}
	t.scopes = append(t.scopes, s)
}

// markDead marks the rest of the current scope as unreachable.
func (t *tracker) markDead() {
	s := t.top()
	s.dead = true
	t.stack = t.stack[:min(len(t.stack), s.height)]
}

func (t *tracker) branch(label uint32) {
	if int64(label) >= int64(len(t.scopes)) {
		t.ok = false
		return
	}
	if s := t.scopes[len(t.scopes)-1-int(label)]; s.joined == 0 {
		s.joined = t.w.at
	}
}

// step applies the effect of the current instruction.
func (t *tracker) step() {
	r := reader{b: t.w.b, p: t.w.at + 1, end: t.w.p}
	switch t.w.op {
	case opBlock, opLoop, opIf:
		t.beginScope(&r)
	case opElse:
		t.elseBranch()
	case opEnd:
		t.endScope()
	case opBr:
		t.branch(r.u32())
		t.markDead()
	case opBrIf:
		t.pop()
		t.branch(r.u32())
	case opBrTable:
		t.pop()
		for n := r.u32() + 1; n > 0 && r.err == nil; n-- {
			t.branch(r.u32())
		}
		t.markDead()
	case opReturn, opUnreachable:
		t.markDead()
	case opCall, opReturnCall, opCallIndirect, opReturnCallIndirect:
		t.call()
	case opLocalGet:
		t.stack = append(t.stack, value{id: t.get(r.u32())})
	case opLocalSet:
		t.set(r.u32(), t.pop().id)
	case opLocalTee:
		v := t.pop()
		t.set(r.u32(), v.id)
		t.stack = append(t.stack, value{id: v.id})
	case opI32Const:
		t.stack = append(t.stack, value{t.fresh(), true, uint32(r.signed(32)), t.w.at})
	default:
		e := t.w.effect()
		t.ok = t.ok && e.known
		t.take(int(e.pops), int(e.pushes))
	}
}

// beginScope opens the scope of a block, a loop or an if. At the head of a loop, every local
// variable may have changed.
func (t *tracker) beginScope(r *reader) {
	if t.w.op == opIf {
		t.pop()
	}
	results := 0
	switch kind := t.w.b[r.p]; {
	case kind == noResult:
	case kind&0xc0 == noResult: // a value type, which is a negative number
		results = 1
	default:
		s := t.w.m.types[r.signed(33)]
		results = len(s.results)
		t.ok = t.ok && len(s.params) == 0
	}
	if t.w.op == opLoop {
		t.renewAll()
	}
	t.open(t.w.op, results, t.top().dead)
}

func (t *tracker) elseBranch() {
	s := t.top()
	if s.op != opIf {
		t.ok = false
		return
	}
	t.leave(s, false)
	t.stack = t.stack[:min(len(t.stack), s.height)]
	copy(t.locals, s.saved)
	s.op = opElse
	s.dead = t.scopes[len(t.scopes)-2].dead
}

func (t *tracker) endScope() {
	s := t.top()
	t.leave(s, s.op == opBlock || s.op == opLoop)
	t.stack = t.stack[:min(len(t.stack), s.height)]
	t.scopes = t.scopes[:len(t.scopes)-1]
	if len(t.scopes) == 0 {
		return
	}
	t.merge(s)
	for range s.results {
		t.push()
	}
	if s.op == opBlock && s.dead && s.joined == 0 {
		t.markDead()
	}
}

// merge gives a new value to each local variable that was set in a scope that has ended.
func (t *tracker) merge(s *scope) {
	if s.all {
		t.renewAll()
		return
	}
	for local := range s.changed {
		t.set(local, t.fresh())
	}
}

// renewAll gives a new value to every local variable.
func (t *tracker) renewAll() {
	for i := range t.locals {
		t.locals[i] = t.fresh()
	}
	t.top().all = true
}

func (t *tracker) call() {
	m := t.w.m
	var s signature
	if t.w.op == opCall || t.w.op == opReturnCall {
		s = m.signature(t.w.index)
	} else {
		t.pop() // the slot
		s = m.types[t.w.index]
	}
	t.take(len(s.params), len(s.results))
	if t.w.op == opReturnCall || t.w.op == opReturnCallIndirect {
		t.markDead()
	}
}
