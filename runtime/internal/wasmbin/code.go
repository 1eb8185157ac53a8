package wasmbin

// coder rewrites function bodies in one pass each: it inserts fuel checks, applies the plan of the
// coalescer, and replaces indirect calls.
type coder struct {
	m     *module
	fuel  fuel
	calls *dispatchers
	stats *Stats
	spare *sparePage
	body  []byte // output for the current body, without its local variables
	strip strip
	plan  plan

	remainders *remainders // nil if remainders stay
}

// code appends the rewritten bodies of the module to out and returns it.
func (c *coder) code(out []byte) ([]byte, error) {
	r := c.m.raw[secCode]
	imported := c.m.imported[KindFunc]
	for i := range c.m.items[secCode] {
		w := c.m.walk(r.part())
		from := w.p
		free := w.locals() + uint32(len(c.m.signature(uint32(imported+i)).params))
		locals := w.b[from:w.p]
		leaves := c.leafLoops(w)
		if len(leaves) > 0 {
			locals = addLocal(locals)
		}
		c.plan = c.coalesced(w, free, uint32(min(1, len(leaves))))
		if c.plan.usesZero {
			locals = addLocal(locals)
		}
		if c.plan.analyzed {
			c.stats.Analyzed++
			c.stats.Checks += len(c.plan.before)
		}
		calls := c.rewrite(&w, leaves, free)
		if err := w.failure(imported + i); err != nil {
			return nil, err
		}
		out = c.appendBody(out, locals, calls)
	}
	return out, r.done()
}

// leafLoops returns the positions of the loops to strip-mine. Without fuel there are none.
func (c *coder) leafLoops(body walker) map[int]bool {
	if len(c.fuel.check) == 0 {
		return nil
	}
	return c.m.leafLoops(body)
}

// coalesced returns the plan for the memory accesses of a body. Without a spare page it is empty.
func (c *coder) coalesced(body walker, variables, skip uint32) plan {
	if c.spare == nil {
		return plan{}
	}
	return c.m.coalesce(body, variables, skip)
}

// addLocal returns the declarations of local variables with an additional i32 at the end.
func addLocal(locals []byte) []byte {
	r := reader{b: locals, end: len(locals)}
	n := r.u32()
	out := append(appendU32(nil, n+1), locals[r.p:]...)
	return append(out, 1, typeI32)
}

// rewrite sets c.body to the rewritten code of a body. It reports whether that code contains calls.
// The argument free is the index of the first unused local variable.
func (c *coder) rewrite(w *walker, leaves map[int]bool, free uint32) (calls bool) {
	c.body = c.body[:0]
	copied := w.p
	for w.next() {
		copied = c.applyPlan(w, copied)
		switch w.op {
		case opLoop:
			if leaves[w.at] {
				c.body = append(c.body, w.b[copied:w.at]...)
				c.openStrip(w, free)
			} else {
				c.body = append(c.body, w.b[copied:w.p]...)
				c.body = append(c.body, c.fuel.check...)
			}
			copied = w.p
			c.stats.Loops++
		case opBr, opBrIf, opBrTable:
			if c.strip.depth > 0 {
				c.body = append(c.body, w.b[copied:w.at]...)
				c.stripBranch(w)
				copied = w.p
			}
		case opEnd:
			if c.strip.depth > 0 && w.depth < c.strip.depth {
				c.body = append(append(c.body, w.b[copied:w.p]...), opEnd)
				copied = w.p
				c.strip = strip{}
			}
		case opCall, opReturnCall:
			calls = true
		case opCallIndirect, opReturnCallIndirect:
			c.body = append(c.body, w.b[copied:w.at]...)
			c.direct(w.op, c.calls.dispatcherFor(w.index))
			copied = w.p
			calls = true
			c.stats.IndirectCalls++
		case opBulk:
			if f, ok := c.fuel.bulk(w.sub); ok {
				c.body = append(c.body, w.b[copied:w.at]...)
				c.body = appendU32(append(c.body, opCall), f)
				copied = w.p
			}
		case opMemorySize, opMemoryGrow:
			if c.spare != nil {
				c.body = append(append(c.body, w.b[copied:w.at]...), c.spare.replacement(w.op)...)
				copied = w.p
			}
		default:
			if f, ok := c.remainders.function(w.op); ok {
				c.body = append(c.body, w.b[copied:w.at]...)
				c.body = appendU32(append(c.body, opCall), f)
				copied = w.p
				c.stats.Remainders++
			}
		}
	}
	c.body = append(c.body, w.b[copied:w.p]...)
	return calls
}

// applyPlan writes the code that the plan has for the current instruction. The argument copied is
// the position up to which the original code has been written; applyPlan returns its new value.
func (c *coder) applyPlan(w *walker, copied int) int {
	if b, ok := c.plan.before[w.at]; ok {
		c.body = append(append(c.body, w.b[copied:w.at]...), b...)
		copied = w.at
	}
	if b, ok := c.plan.swap[w.at]; ok {
		c.body = append(append(c.body, w.b[copied:w.at]...), b...)
		copied = w.p
	}
	return copied
}

// direct writes a direct call that replaces an indirect one.
func (c *coder) direct(op byte, f uint32) {
	if op == opCallIndirect {
		op = opCall
	} else {
		op = opReturnCall
	}
	c.body = appendU32(append(c.body, op), f)
}

// appendBody appends the encoded body to out. A function without calls cannot recurse, so it needs
// no check at its entry; its loops have checks.
func (c *coder) appendBody(out, locals []byte, calls bool) []byte {
	var check []byte
	if calls {
		check = c.fuel.check
	}
	out = appendU32(out, uint32(len(locals)+len(check)+len(c.body)))
	out = append(out, locals...)
	out = append(out, check...)
	return append(out, c.body...)
}
