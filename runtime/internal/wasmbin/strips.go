package wasmbin

// A check in a loop costs more than its instructions: the mere presence of a call, however rarely it is made, has the engine keep what the
// loop works with on the native stack. Innermost loops that call nothing are therefore cut into strips: an outer loop pays for the strip
// that was run and checks, an inner one, the original, only counts up to the strip's length.
//
//	local.set count entryPrice
//	loop                       ;; ours
//	  burn count               ;; entryPrice at first, stripLength afterwards
//	  local.set count 0
//	  loop                     ;; the original
//	    if ++count == stripLength { br 1 }
//	    ...                    ;; labels of what lies outside are one further away
//	  end
//	end

const (
	// stripLength is how often a loop begins between two checks.
	stripLength = 256
	// entryPrice is paid in advance, whatever becomes of the first strip: so nothing runs at less than an eighth of its price.
	entryPrice = 32
)

// leaves finds the loops of a body that can be cut, by the place of their opcode: no loop and no call inside, no parameters.
func (m *module) leafLoops(body walker) map[int]bool {
	found := map[int]bool{}
	candidate, depth := -1, 0 // the loop that may be a leaf, and how deep it is
	for body.next() {
		switch body.op {
		case opLoop:
			candidate, depth = -1, body.depth
			if body.b[body.at+1]&0xc0 == noResult { // one byte, negative: nothing or a value, and no type with parameters
				candidate = body.at
			}
		case opCall, opReturnCall, opCallIndirect, opReturnCallIndirect, opMemoryGrow, opBulk:
			candidate = -1
		case opEnd:
			if candidate >= 0 && body.depth < depth {
				found[candidate] = true
				candidate = -1
			}
		}
	}
	return found
}

// strip is the loop that is being cut; there is one at a time, since no other lies inside.
type strip struct {
	depth int    // of the loop; 0 when there is none
	count uint32 // the local variable
}

// openStrip writes the beginning of both loops. result is the block type.
func (c *coder) openStrip(w *walker, count uint32) {
	result := w.b[w.at+1]
	c.strip = strip{w.depth, count}
	b := append(c.body, opI32Const, entryPrice, opLocalSet)
	b = append(appendU32(b, count), opLoop, result)
	b = append(b, c.fuel.burn(appendU32([]byte{opLocalGet}, count))...)
	b = append(b, opI32Const, 0, opLocalSet)
	b = append(appendU32(b, count), opLoop, result, opLocalGet)
	b = append(appendU32(b, count), opI32Const, 1, opI32Add, opLocalTee)
	b = append(appendI32(append(appendU32(b, count), opI32Const), stripLength), opI32Eq)
	c.body = append(b, opBrIf, 1)
}

// branch writes a branch from inside a strip: labels beyond the loop count ours as well.
func (c *coder) stripBranch(w *walker) {
	r := reader{b: w.b, p: w.at + 1, end: w.p}
	c.body = append(c.body, w.op)
	n := uint32(1)
	if w.op == opBrTable {
		n = r.u32()
		c.body = appendU32(c.body, n)
		n++
	}
	for ; n > 0; n-- {
		label := r.u32()
		if int64(label) > int64(w.depth-c.strip.depth) {
			label++
		}
		c.body = appendU32(c.body, label)
	}
}
