package wasmbin

// coder rewrites function bodies, one walk each: fuel checks go in, indirect calls become direct ones.
type coder struct {
	m     *module
	fuel  fuel
	calls *dispatchers
	stats *Stats
	body  []byte // the body being written, without its local variables
}

// code appends the rewritten bodies of the module to out, which becomes part of a code section.
func (c *coder) code(out []byte) ([]byte, error) {
	r := c.m.raw[secCode]
	imported := c.m.imported[KindFunc]
	for i := range c.m.items[secCode] {
		w := c.m.walk(r.part())
		from := w.p
		w.locals()
		locals := w.b[from:w.p]
		calls := c.rewrite(&w)
		if err := w.failure(imported + i); err != nil {
			return nil, err
		}
		out = c.appendBody(out, locals, calls)
	}
	return out, r.done()
}

// rewrite fills c.body with the code of a walk, and says whether it calls anything.
func (c *coder) rewrite(w *walker) (calls bool) {
	c.body = c.body[:0]
	copied := w.p
	for w.next() {
		switch w.op {
		case opLoop:
			c.body = append(c.body, w.b[copied:w.p]...)
			c.body = append(c.body, c.fuel.check...)
			copied = w.p
			c.stats.Loops++
		case opCall, opReturnCall:
			calls = true
		case opCallIndirect, opReturnCallIndirect:
			c.body = append(c.body, w.b[copied:w.at]...)
			c.direct(w.op, c.calls.function(w.index))
			copied = w.p
			calls = true
			c.stats.IndirectCalls++
		case opBulk:
			if f, ok := c.fuel.bulk(w.sub); ok {
				c.body = append(c.body, w.b[copied:w.at]...)
				c.body = appendU32(append(c.body, opCall), f)
				copied = w.p
			}
		}
	}
	c.body = append(c.body, w.b[copied:w.p]...)
	return calls
}

func (c *coder) direct(op byte, f uint32) {
	if op == opCallIndirect {
		op = opCall
	} else {
		op = opReturnCall
	}
	c.body = appendU32(append(c.body, op), f)
}

// appendBody puts a body together. A function that calls nothing cannot recurse, so it needs no check of its own: its loops have theirs.
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
