package wasmbin

// A fuel check in a loop costs more than its instructions. The mere presence of a call, even if it
// is rarely made, causes the engine to keep the loop's variables on the native stack. Innermost
// loops without calls are therefore strip-mined: the loop counts up to the length of a strip, then pays
// for it, checks the fuel, and begins the next strip through an added outer loop.
//
//	burn entryPrice
//	loop                       ;; added
//	  local.set count 0
//	  loop                     ;; original
//	    if ++count == stripLength { burn stripLength; br 2 }
//	    ...                    ;; labels outside of the loop are incremented
//	  end
//	end
//
// The prices are constants, because the patched engine makes such checks out of line.

const (
	// stripLength is the number of iterations between two checks.
	stripLength = 256
	// entryPrice is paid in advance for the first strip, regardless of its length, so that a loop
	// pays at least an eighth of its price.
	entryPrice = 32
)

// leafLoops returns the positions of the loops that can be strip-mined: those without parameters
// that contain no loop and no call.
func (m *module) leafLoops(body walker) map[int]bool {
	leaves := map[int]bool{}
	candidate, depth := -1, 0 // position and depth of the latest loop, if it may be a leaf
	for body.next() {
		switch body.op {
		case opLoop:
			candidate, depth = -1, body.depth
			if body.b[body.at+1]&0xc0 == noResult { // one negative byte: no result or one, and no parameters
				candidate = body.at
			}
		case opCall, opReturnCall, opCallIndirect, opReturnCallIndirect, opMemoryGrow, opBulk:
			candidate = -1
		case opEnd:
			if candidate >= 0 && body.depth < depth {
				leaves[candidate] = true
				candidate = -1
			}
		}
	}
	return leaves
}

// strip is the loop that is being strip-mined. There is one at a time, because it contains no other
// loop.
type strip struct {
	depth int    // of the loop; 0 if there is none
	count uint32 // local variable that counts iterations
}

// openStrip writes the beginning of both loops.
func (c *coder) openStrip(w *walker, count uint32) {
	blockType := w.b[w.at+1]
	c.strip = strip{w.depth, count}
	price := func(n int32) []byte { return appendI32([]byte{opI32Const}, n) }
	b := append(c.body, c.fuel.burn(price(entryPrice))...)
	b = append(b, opLoop, blockType, opI32Const, 0, opLocalSet)
	b = append(appendU32(b, count), opLoop, blockType, opLocalGet)
	b = append(appendU32(b, count), opI32Const, 1, opI32Add, opLocalTee)
	b = append(appendI32(append(appendU32(b, count), opI32Const), stripLength), opI32Eq, opIf, noResult)
	b = append(b, c.fuel.burn(price(stripLength))...)
	c.body = append(b, opBr, 2, opEnd)
}

// stripBranch writes a branch inside a strip. Labels outside of the loop are incremented, because
// of the added loop.
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
