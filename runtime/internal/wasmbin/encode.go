package wasmbin

import "slices"

const header = "\x00asm\x01\x00\x00\x00"

// section appends a section whose content is appended by write. The length is encoded in five
// bytes, so that it can be set afterwards.
func section(b []byte, id byte, write func([]byte) []byte) []byte {
	b = append(b, id, 0, 0, 0, 0, 0)
	from := len(b)
	b = write(b)
	setLength(b[from-5:from], len(b)-from)
	return b
}

// setLength encodes an integer as LEB128 with exactly five bytes.
func setLength(b []byte, n int) {
	for i := range 5 {
		b[i] = byte(n>>(7*i))&0x7f | 0x80
	}
	b[4] &= 0x7f
}

func (f addedFunc) append(b []byte) []byte {
	b = append(appendU32(b, uint32(len(f.body)+1)), 0) // no local variables
	return append(b, f.body...)
}

func (d exportDecl) append(b []byte) []byte {
	return appendU32(append(appendName(b, d.name), byte(d.kind)), d.index)
}

func (g globalDecl) append(b []byte) []byte {
	mutable := byte(0)
	if g.mutable {
		mutable = 1
	}
	return append(append(b, g.typ, mutable), g.init...)
}

func appendTable(b []byte, min uint32) []byte { return appendU32(append(b, typeFuncref, 0), min) }

// output has the parts of the prepared module except its code.
type output struct {
	*additions
	entries []uint32
	memory  []limits
	spare   *sparePage
}

// encode returns the encoded module. The argument has the rewritten bodies of the original
// functions; its buffer is reused.
func (o output) encode(bodies []byte) []byte {
	for _, f := range o.funcs {
		bodies = f.append(bodies)
	}
	b := []byte(header)
	b = section(b, secType, o.typeSection)
	b = section(b, secImport, o.importSection)
	b = section(b, secFunction, o.functionSection)
	b = section(b, secMemory, o.memorySection)
	b = section(b, secGlobal, o.globalSection)
	b = section(b, secExport, o.exportSection)
	if len(o.entries) > 0 {
		b = section(b, secElement, o.elementSection)
	}
	count := appendU32(nil, uint32(o.m.items[secCode]+len(o.funcs)))
	b = append(b, secCode, 0, 0, 0, 0, 0)
	setLength(b[len(b)-5:], len(count)+len(bodies))
	return slices.Insert(bodies, 0, append(b, count...)...)
}

func (o output) typeSection(b []byte) []byte {
	b = appendU32(b, uint32(len(o.types)))
	for _, s := range o.types {
		b = s.append(b)
	}
	return b
}

// importSection includes the table of the stage, unless there are no entries.
func (o output) importSection(b []byte) []byte {
	n, entries := len(o.m.imports), len(o.entries)
	if entries > 0 {
		n++
	}
	b = appendU32(b, uint32(n))
	for _, d := range o.m.imports {
		b = append(b, d.raw...)
	}
	if entries > 0 {
		b = append(appendName(appendName(b, stageModule), stageTable), byte(KindTable))
		b = appendTable(b, uint32(entries))
	}
	return b
}

func (o output) functionSection(b []byte) []byte {
	own := o.m.funcs[o.m.imported[KindFunc]:]
	b = appendU32(b, uint32(len(own)+len(o.funcs)))
	for _, typ := range own {
		b = appendU32(b, typ)
	}
	for _, f := range o.funcs {
		b = appendU32(b, f.typ)
	}
	return b
}

func (o output) memorySection(b []byte) []byte {
	b = appendU32(b, uint32(len(o.memory)))
	for _, l := range o.memory {
		b = appendU32(appendU32(append(b, 1), l.min), l.max)
	}
	return b
}

func (o output) globalSection(b []byte) []byte {
	own := o.m.globals[o.m.imported[KindGlobal]:]
	b = appendU32(b, uint32(len(own)+len(o.globals)))
	for _, g := range slices.Concat(own, o.globals) {
		b = g.append(b)
	}
	return b
}

func (o output) exportSection(b []byte) []byte {
	b = appendU32(b, uint32(len(o.m.exports)+len(o.exports)))
	for _, d := range slices.Concat(o.m.exports, o.exports) {
		b = d.append(b)
	}
	return b
}

// elementSection puts the entries into the table of the stage, from index 0.
func (o output) elementSection(b []byte) []byte {
	b = append(b, 1, 0, opI32Const, 0, opEnd)
	b = appendU32(b, uint32(len(o.entries)))
	for _, f := range o.entries {
		b = appendU32(b, f)
	}
	return b
}
