package wasmbin

// The engine checks the end address of each memory access against the end of the memory, unless it
// has already checked a higher end address through the same value. Compilers access the fields of a
// structure in any order, so several checks with increasing end addresses are common. If the first
// access dominates the others, a check of the highest end address is inserted before it: a load
// whose result is dropped, of which the engine keeps only the check.
//
//	local.get p; i32.load8_u offset=11; drop     ;; added
//	... i32.load offset=0 ...                    ;; first access through p
//	... i32.load offset=8 ...                    ;; needs no check any more
//
// For the engine, each constant address is a different value, which is checked each time. Constant
// addresses are therefore replaced by a variable that is always zero, with the address as offset.
//
// The check may precede a branch that avoids the higher access, so it may reach beyond an object at
// the end of the memory. For this reason the memory has one more page than the guest sees
// (sparepage.go). No pointer of the guest refers to that page.

// maxReach limits the distance in bytes between a pointer and the end of a check. It is less than a
// page.
const maxReach = 4096

// plan has the changes to a body, by the positions of instructions.
type plan struct {
	before   map[int][]byte // code to insert before the instruction
	swap     map[int][]byte // code that replaces the instruction
	usesZero bool           // whether the variable that is always zero is needed
	analyzed bool           // whether the analysis succeeded
}

// anchor is the first memory access through a value. Its distances are in bytes from the value.
type anchor struct {
	at     int      // position of the instruction
	local  uint32   // local variable that holds the value there
	own    uint64   // end of this access
	reach  uint64   // highest end of this access and of later ones
	others int      // number of later accesses
	moves  []func() // each adds the replacement of a constant address to the plan
}

// coalescer makes the plan for one body.
type coalescer struct {
	tracker
	plan    plan
	zero    uint32          // local variable that is always zero
	static  uint64          // minimum size of the memory in bytes
	anchors map[int]*anchor // by value; those that dominate the current instruction
	all     []*anchor
}

// coalesce returns the plan for a body with the given number of local variables. The variable that
// is always zero comes after them and after skip others.
func (m *module) coalesce(body walker, variables, skip uint32) plan {
	if len(m.memories) == 0 {
		return plan{}
	}
	c := &coalescer{zero: variables + skip, static: uint64(m.memories[0].min) << 16, anchors: map[int]*anchor{}}
	c.plan = plan{before: map[int][]byte{}, swap: map[int][]byte{}}
	locals := make([]int, variables+1) // the last one is the zero
	c.tracker = tracker{w: &body, ok: true, locals: locals}
	c.tracker.leave = c.dropAnchors
	for i := range c.locals {
		c.locals[i] = c.fresh()
	}
	c.open(opBlock, 0, false)
	for body.next() && c.ok {
		if e := body.effect(); e.reach > 0 && !c.top().dead {
			c.access(e)
		}
		c.step()
		if len(c.scopes) == 0 {
			break
		}
	}
	if !c.ok {
		return plan{}
	}
	c.plan.analyzed = true
	c.finishPlan()
	return c.plan
}

// access handles a load or a store. Its operands are still on the stack.
func (c *coalescer) access(e effect) {
	above := int(e.pops) - 1 // number of operands above the address
	if len(c.stack)-1-above < c.top().height {
		return
	}
	address := c.stack[len(c.stack)-1-above]
	operand := c.w.memory()
	offset := operand.offset
	local, ok := c.localHolding(address.id)
	var move func()
	if reach := uint64(address.number) + offset + uint64(e.reach); address.constant && reach <= c.static {
		local, ok = c.zero, true
		address.id = c.locals[len(c.locals)-1]
		offset += uint64(address.number)
		at, constantAt := c.w.at, address.at
		move = func() {
			c.plan.swap[constantAt] = appendU32([]byte{opLocalGet}, c.zero)
			c.plan.swap[at] = operand.with(offset)
		}
	}
	c.record(address.id, local, ok, offset+uint64(e.reach), move)
}

// record adds an access to the anchor of its value. If the value has none and a local variable
// holds it, the access becomes the anchor.
func (c *coalescer) record(id int, local uint32, held bool, reach uint64, move func()) {
	a := c.anchors[id]
	switch {
	case a != nil:
		a.others++
		if a.local == c.zero || reach <= maxReach {
			a.reach = max(a.reach, reach)
		}
	case held:
		a = &anchor{at: c.w.at, local: local, own: reach, reach: reach}
		c.anchors[id] = a
		c.all = append(c.all, a)
		c.top().pointers = append(c.top().pointers, id)
	default:
		return
	}
	if move != nil {
		a.moves = append(a.moves, move)
	}
}

// localHolding returns a local variable that holds the value.
func (c *coalescer) localHolding(id int) (uint32, bool) {
	for i, v := range c.locals[:len(c.locals)-1] {
		if v == id {
			return uint32(i), true
		}
	}
	return 0, false
}

// dropAnchors removes the anchors of a scope that do not dominate the code after it. The others
// become anchors of the enclosing scope. The argument certain reports whether all paths to that
// code pass through the scope.
func (c *coalescer) dropAnchors(s *scope, certain bool) {
	for _, id := range s.pointers {
		a := c.anchors[id]
		switch {
		case a == nil:
		case !certain, s.joined != 0 && a.at > s.joined:
			delete(c.anchors, id)
		case len(c.scopes) > 1:
			outer := c.scopes[len(c.scopes)-2]
			outer.pointers = append(outer.pointers, id)
		}
	}
	s.pointers = nil
}

// finishPlan adds the changes to the plan. Constant addresses are replaced if there are two or more
// accesses through the zero. Checks are inserted before anchors with later accesses that reach
// further.
func (c *coalescer) finishPlan() {
	for _, a := range c.all {
		if a.local == c.zero && a.others == 0 {
			continue
		}
		for _, move := range a.moves {
			move()
			c.plan.usesZero = true
		}
		if a.reach > a.own {
			b := append(appendU32([]byte{opLocalGet}, a.local), opI32Load8U, 0)
			c.plan.before[a.at] = append(appendU32(b, uint32(a.reach-1)), opDrop)
		}
	}
}
