package wasmbin

const (
	maxCompares   = 3  // number of slots that are compared one by one
	maxSpread     = 40 // a jump table may have this many entries for each used slot, plus minSpread
	minSpread     = 16
	maxIndexBytes = 5
)

// branches generates the body of a dispatcher: code that selects a slot by the last parameter and
// calls its function.
type branches struct {
	code      []byte
	args      []byte // code that pushes the arguments of the call
	params    uint32 // number of arguments, which is also the index of the last parameter
	jumpSlots int
}

// branch generates code that tail-calls the function of the selected slot. The slots are sorted.
// The code traps if the selected slot is not among them.
func (b *branches) branch(slots []slot) {
	switch {
	case len(slots) <= maxCompares:
		b.compare(slots)
	case span(slots) <= maxSpread*len(slots)+minSpread:
		b.jump(slots)
	default:
		b.split(slots)
	}
}

// span returns the number of indices from the first slot to the last.
func span(slots []slot) int { return int(slots[len(slots)-1].index-slots[0].index) + 1 }

func (b *branches) compare(slots []slot) {
	for _, s := range slots {
		b.selected()
		b.constant(s.index)
		b.code = append(b.code, opI32Eq, opIf, noResult)
		b.call(s)
		b.code = append(b.code, opEnd)
	}
	b.code = append(b.code, opUnreachable)
}

// jump generates a jump table in nested blocks, one for each slot. The outermost block is the
// target for gaps and for indices outside of the table.
func (b *branches) jump(slots []slot) {
	for range len(slots) + 1 {
		b.code = append(b.code, opBlock, noResult)
	}
	b.selected()
	if first := slots[0].index; first != 0 {
		b.constant(first)
		b.code = append(b.code, opI32Sub)
	}
	b.labels(slots)
	for _, s := range slots {
		b.code = append(b.code, opEnd)
		b.call(s)
	}
	b.code = append(b.code, opEnd, opUnreachable)
}

func (b *branches) labels(slots []slot) {
	n := span(slots)
	b.jumpSlots += n
	b.code = appendU32(append(b.code, opBrTable), uint32(n))
	none := uint32(len(slots))
	for label, s := range slots {
		b.code = appendU32(b.code, uint32(label))
		if label+1 < len(slots) {
			for gap := slots[label+1].index - s.index - 1; gap > 0; gap-- {
				b.code = appendU32(b.code, none)
			}
		}
	}
	b.code = appendU32(b.code, none)
}

// split divides the slots at the widest gap in their middle half.
func (b *branches) split(slots []slot) {
	at, widest := len(slots)/2, uint32(0)
	for i := len(slots)/4 + 1; i <= len(slots)*3/4; i++ {
		if gap := slots[i].index - slots[i-1].index; gap > widest {
			at, widest = i, gap
		}
	}
	b.selected()
	b.constant(slots[at].index)
	b.code = append(b.code, opI32LtU, opIf, noResult)
	b.branch(slots[:at])
	b.code = append(b.code, opEnd)
	b.branch(slots[at:])
}

func (b *branches) selected() { b.code = appendU32(append(b.code, opLocalGet), b.params) }

func (b *branches) constant(v uint32) { b.code = appendI32(append(b.code, opI32Const), int32(v)) }

func (b *branches) call(s slot) {
	b.code = append(b.code, b.args...)
	b.code = appendU32(append(b.code, opReturnCall), s.function)
}
