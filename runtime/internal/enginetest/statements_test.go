package enginetest

import "slices"

// statements returns up to n statements, nested up to a depth. They leave the operand stack as it
// was.
func (g *generator) statements(n, depth int) (b []byte) {
	for range 1 + g.r.IntN(n) {
		if g.budget < 0 {
			return b
		}
		b = append(b, g.statement(depth)...)
	}
	return b
}

func (g *generator) statement(depth int) []byte {
	const expressionDepth = 4
	choice := g.r.IntN(16)
	if depth <= 0 {
		choice %= 8
	}
	switch choice {
	case 0, 1:
		return g.store(expressionDepth)
	case 2:
		i := g.r.IntN(len(numbers))
		return cat(g.expression(numbers[i], expressionDepth), []byte{0x24}, leb(uint64(i+1)))
	case 3:
		return g.bulk()
	case 4:
		return g.branch()
	case 8, 9:
		return g.conditional(depth)
	case 10, 11:
		return g.loop(depth)
	case 12:
		return g.table(depth)
	case 13, 14:
		return g.call()
	}
	t := values[g.r.IntN(len(values))]
	return cat(g.expression(t, expressionDepth), set(g.local(t)))
}

// inBlock returns the code of a block: its first instruction, the body, and its end.
func (g *generator) inBlock(op byte, branches bool, body func() []byte) []byte {
	g.labels = append(g.labels, branches)
	b := cat([]byte{op, 0x40}, body(), []byte{0x0b})
	g.labels = g.labels[:len(g.labels)-1]
	return b
}

func (g *generator) conditional(depth int) []byte {
	condition := g.expression(i32, 3)
	return cat(condition, g.inBlock(0x04, true, func() []byte {
		b := g.statements(5, depth-1)
		if g.r.IntN(2) == 0 {
			b = append(append(b, 0x05), g.statements(5, depth-1)...)
		}
		return b
	}))
}

// loop returns a loop with a few iterations in a block, each of which is a step.
func (g *generator) loop(depth int) []byte {
	if len(g.counters) == 0 {
		return nil
	}
	counter := g.counters[0]
	g.counters = g.counters[1:]
	start := cat(constant(i32, uint64(1+g.r.IntN(9))), set(counter))
	return cat(start, g.inBlock(0x02, true, func() []byte {
		return g.inBlock(0x03, false, func() []byte {
			return cat(g.step(), g.statements(6, depth-1), get(counter), constant(i32, 1), []byte{0x6b}, tee(counter), []byte{0x0d, 0})
		})
	}))
}

// table returns nested blocks with a br_table to their ends. The index is arbitrary, masked, or a
// narrow load.
func (g *generator) table(depth int) []byte {
	n := 1 + g.r.IntN(6)
	var index []byte
	switch g.r.IntN(3) {
	case 0:
		index = g.expression(i32, 3)
	case 1:
		index = cat(g.expression(i32, 3), constant(i32, uint64(g.r.IntN(9))), []byte{0x71})
	default:
		index = cat(constant(i32, uint64(g.r.IntN(page))), access([]byte{0x2d}, 0))
	}
	branch := append([]byte{0x0e}, leb(uint64(n-1))...)
	for range n {
		branch = append(branch, leb(uint64(g.r.IntN(n)))...)
	}
	b := cat(index, branch)
	for range n {
		b = cat([]byte{0x02, 0x40}, b, []byte{0x0b})
		g.labels = append(g.labels, false) // the number of blocks around the code changes below
		b = append(b, g.outside(func() []byte { return g.statements(2, depth-1) })...)
		g.labels = g.labels[:len(g.labels)-1]
	}
	return g.wrap(b)
}

// outside generates code without branches.
func (g *generator) outside(body func() []byte) []byte {
	saved := g.labels
	g.labels = nil
	b := body()
	g.labels = saved
	return b
}

// wrap puts code into a block.
func (g *generator) wrap(b []byte) []byte { return cat([]byte{0x02, 0x40}, b, []byte{0x0b}) }

// branch returns a conditional branch to the end of an enclosing block, if there is one.
func (g *generator) branch() []byte {
	var targets []int
	for i, ok := range g.labels {
		if ok {
			targets = append(targets, len(g.labels)-1-i)
		}
	}
	if len(targets) == 0 {
		return nil
	}
	return cat(g.expression(i32, 3), []byte{0x0d}, leb(uint64(targets[g.r.IntN(len(targets))])))
}

// call returns a call of a later function, directly or through the table. A call through the table
// traps in rare cases, because the slot or the type is wrong.
func (g *generator) call() []byte {
	later := g.plan[g.self+1:]
	if len(later) == 0 {
		return nil
	}
	i := g.r.IntN(len(later))
	s := later[i]
	var b []byte
	for _, t := range s.params {
		b = append(b, g.expression(t, 3)...)
	}
	f := uint32(hostFunctions + g.self + 1 + i)
	if g.r.IntN(3) > 0 {
		b = append(b, call(f)...)
	} else {
		slot := uint64(f - hostFunctions)
		if g.r.IntN(30) == 0 {
			slot = uint64(g.self + g.r.IntN(2*functionCount))
		}
		b = cat(b, constant(i32, slot), []byte{0x11}, leb(uint64(g.m.typ(s.params, s.results))), []byte{0})
	}
	for _, t := range slices.Backward(s.results) {
		b = append(b, set(g.local(t))...)
	}
	return b
}

// afterCall returns code that leaves the value of a local variable after a call. What is on the
// operand stack outlives the call.
func (g *generator) afterCall(t byte) []byte { return cat(g.call(), get(g.local(t))) }

// bulk returns a fill, a copy, or a memory.grow.
func (g *generator) bulk() []byte {
	at := func() []byte { return cat(g.expression(i32, 2), constant(i32, page-1), []byte{0x71}) }
	length := cat(g.expression(i32, 2), constant(i32, 1023), []byte{0x71})
	switch g.r.IntN(3) {
	case 0:
		return cat(at(), g.expression(i32, 2), length, []byte{0xfc, 11, 0})
	case 1:
		return cat(at(), at(), length, []byte{0xfc, 10, 0, 0})
	}
	return cat(g.expression(i32, 2), constant(i32, 3), []byte{0x71, 0x40, 0}, set(g.local(i32)))
}
