package wasmbin

// The engine checks each access to memory against the memory's end, unless it has checked a higher end through the same value before.
// Compilers write the fields of a structure in any order, so several checks of rising ends are usual. Where the first of them is on the
// way to all others, a check of the highest goes before it: a load that is dropped, of which the engine keeps only the check.
//
//	local.get p; i32.load8_u offset=11; drop     ;; ours
//	... i32.load offset=0 ...                    ;; p's first access
//	... i32.load offset=8 ...                    ;; needs no check of its own any more
//
// Addresses that are constant are each a value of its own to the engine, and checked each time; a variable that is always zero, with
// the address as offset, makes them one.
//
// The check may come before a branch that would have avoided the higher access, so it may look beyond an object that ends at the end of
// memory. Therefore memory gets one page more than the guest knows of (spare.go): no pointer of the guest lies there.

// maxReach bounds how far behind a pointer a check may look, in bytes; less than a page.
const maxReach = 4096

// plan says what coalescing changes in a body, by the places of instructions.
type plan struct {
	before   map[int][]byte // goes before the instruction
	swap     map[int][]byte // takes its place
	usesZero bool           // the variable that is always zero
	analyzed bool           // the body was understood
}

// anchor is the first access through a value.
type anchor struct {
	at     int    // its place
	local  uint32 // holds the value there
	own    uint64 // how far it reaches,
	reach  uint64 // and the maxReach access that it leads to
	others int
	moves  []func() // turn constant addresses into offsets
}

// coalescer plans one body.
type coalescer struct {
	tracker
	plan    plan
	zero    uint32          // the variable that is always zero
	static  uint64          // end of the memory that is always there, bytes
	anchors map[int]*anchor // by value, those that are on the way to here
	made    []*anchor
}

// coalesce plans the accesses of a body with that many variables; the variable after them, and after skip more, is zero.
func (m *module) coalesce(body walker, variables, skip uint32) plan {
	if len(m.memories) == 0 {
		return plan{}
	}
	c := &coalescer{zero: variables + skip, static: uint64(m.memories[0].min) << 16, anchors: map[int]*anchor{}}
	c.plan = plan{before: map[int][]byte{}, swap: map[int][]byte{}}
	c.tracker = tracker{w: &body, ok: true, locals: make([]int, variables+1)} // the last is always zero
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

// access looks at a load or a store, before its operands are taken.
func (c *coalescer) access(e effect) {
	below := int(e.pops) - 1 // operands above the address
	if len(c.stack)-1-below < c.top().height {
		return
	}
	address := c.stack[len(c.stack)-1-below]
	operand := c.w.memory()
	offset := operand.offset
	local, ok := c.localHolding(address.id)
	var move func()
	if reach := uint64(address.number) + offset + uint64(e.reach); address.constant && reach <= c.static {
		local, ok = c.zero, true
		address.id = c.locals[len(c.locals)-1]
		offset += uint64(address.number)
		at, by := c.w.at, address.at
		move = func() {
			c.plan.swap[by] = appendU32([]byte{opLocalGet}, c.zero)
			c.plan.swap[at] = operand.with(offset)
		}
	}
	c.record(address.id, local, ok, offset+uint64(e.reach), move)
}

// note adds an access to the anchor of its value, or makes it the anchor.
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
		c.made = append(c.made, a)
		c.top().pointers = append(c.top().pointers, id)
	default:
		return
	}
	if move != nil {
		a.moves = append(a.moves, move)
	}
}

// holder finds a variable with a value.
func (c *coalescer) localHolding(id int) (uint32, bool) {
	for i, v := range c.locals[:len(c.locals)-1] {
		if v == id {
			return uint32(i), true
		}
	}
	return 0, false
}

// forget drops the anchors that are not on every way to what follows a scope.
func (c *coalescer) dropAnchors(s *scope, certain bool) {
	for _, id := range s.pointers {
		a := c.anchors[id]
		switch {
		case a == nil:
		case !certain, s.joined != 0 && a.at > s.joined:
			delete(c.anchors, id)
		case len(c.scopes) > 1:
			up := c.scopes[len(c.scopes)-2]
			up.pointers = append(up.pointers, id)
		}
	}
	s.pointers = nil
}

// settle writes the plan: constant addresses move where two or more share the zero, checks go before anchors that lead farther.
func (c *coalescer) finishPlan() {
	for _, a := range c.made {
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
