package wasmbin

import (
	"errors"
	"fmt"
)

// Sections, by number.
const (
	secCustom = iota
	secType
	secImport
	secFunction
	secTable
	secMemory
	secGlobal
	secExport
	secStart
	secElement
	secCode
	secData
	secDataCount
	secTag
)

var sectionNames = [...]string{"custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code",
	"data", "data count", "tag"}

// order is the place of each section among the others; none but custom ones (place 0) may occur twice.
var order = [...]int{secType: 1, secImport: 2, secFunction: 3, secTable: 4, secMemory: 5, secTag: 6, secGlobal: 7, secExport: 8,
	secStart: 9, secElement: 10, secDataCount: 11, secCode: 12, secData: 13}

// module is a decoded binary. Declarations are decoded at once; elements, code and data by the pass that needs them, from raw.
type module struct {
	types     []signature
	imports   []importDecl
	funcs     []uint32 // type of every function, the imported first
	tables    []tableDecl
	memories  []limits
	globals   []globalDecl
	exports   []exportDecl
	imported  [4]int // how many of the functions, tables, memories, globals are imported, by Kind
	dataCount int    // -1 if the binary does not say
	start     bool
	raw       [secTag]reader // the items of the sections that are not decoded, by number; an absent section is empty
	items     [secTag]int    // and how many of them there are
}

func decode(bin []byte) (*module, error) {
	if len(bin) < 8 || string(bin[:8]) != header {
		return nil, errors.New("no WebAssembly module of version 1")
	}
	m := &module{dataCount: -1}
	r := reader{b: bin, p: 8, end: len(bin)}
	for last := 0; r.more(); {
		id := r.u8()
		body := r.part()
		if r.err != nil {
			return nil, r.err
		}
		if id == secCustom {
			continue
		}
		if int(id) >= len(order) {
			return nil, fmt.Errorf("byte %#x: section %d is unknown", body.p, id)
		}
		if order[id] <= last {
			return nil, fmt.Errorf("byte %#x: the %s section is out of order", body.p, sectionNames[id])
		}
		last = order[id]
		if err := m.section(id, body); err != nil {
			return nil, fmt.Errorf("%s section: %w", sectionNames[id], err)
		}
	}
	return m, m.checkCounts()
}

// section decodes the declarations of a section, or keeps it for the pass that needs it.
func (m *module) section(id byte, body reader) error {
	r := &body
	switch id {
	case secType:
		m.types = vector(r, 3, r.signature)
	case secImport:
		m.imports = vector(r, 4, func() importDecl { return m.importDecl(r) })
	case secFunction:
		m.funcs = append(m.funcs, vector(r, 1, func() uint32 { return m.typeIndex(r) })...)
	case secTable:
		m.tables = append(m.tables, vector(r, 3, r.table)...)
	case secMemory:
		m.memories = append(m.memories, vector(r, 2, r.memory)...)
	case secGlobal:
		m.globals = append(m.globals, vector(r, 4, func() globalDecl { return m.global(r) })...)
	case secExport:
		m.exports = vector(r, 3, func() exportDecl { return m.exportDecl(r) })
	case secStart:
		m.start = true
		r.u32()
	case secDataCount:
		m.dataCount = int(r.u32())
	case secTag:
		r.fail("exceptions are not allowed")
	default:
		m.items[id] = r.count(2)
		m.raw[id] = body
		return body.err
	}
	return r.done()
}

// vector reads as many items as its length says; an item takes at least size bytes.
func vector[T any](r *reader, size int, item func() T) []T {
	items := make([]T, 0, r.count(size))
	for i := cap(items); i > 0 && r.err == nil; i-- {
		items = append(items, item())
	}
	return items
}

// done is the error of a stretch that must have been read to its end.
func (r *reader) done() error {
	if r.err == nil && r.p != r.end {
		r.fail("%d bytes too many", r.end-r.p)
	}
	return r.err
}

// checkCounts compares the vectors that must be of equal length.
func (m *module) checkCounts() error {
	if own, bodies := len(m.funcs)-m.imported[KindFunc], m.items[secCode]; own != bodies {
		return fmt.Errorf("%d functions are declared, %d have code", own, bodies)
	}
	if m.dataCount >= 0 && m.dataCount != m.items[secData] {
		return fmt.Errorf("%d data segments are announced, %d are there", m.dataCount, m.items[secData])
	}
	return nil
}
