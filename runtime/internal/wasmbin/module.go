package wasmbin

import (
	"errors"
	"fmt"
)

// The ids of sections.
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

// order has the position of each section among the others. Only custom sections (position 0) may
// occur more than once.
var order = [...]int{secType: 1, secImport: 2, secFunction: 3, secTable: 4, secMemory: 5, secTag: 6, secGlobal: 7, secExport: 8,
	secStart: 9, secElement: 10, secDataCount: 11, secCode: 12, secData: 13}

// module is a decoded binary. Declarations are decoded at once. Elements, code and data are decoded
// from raw by the pass that needs them.
type module struct {
	types     []signature
	imports   []importDecl
	funcs     []uint32 // types of all functions, imported ones first
	tables    []tableDecl
	memories  []limits
	globals   []globalDecl
	exports   []exportDecl
	imported  [4]int // numbers of imported functions, tables, memories and globals, by Kind
	dataCount int    // from the data count section; -1 if there is none
	start     bool   // whether there is a start function
	// items of the sections that are not decoded, by id; empty for a missing section
	raw   [secTag]reader
	items [secTag]int // number of these items
}

func decode(bin []byte) (*module, error) {
	if len(bin) < 8 || string(bin[:8]) != header {
		return nil, errors.New("not a WebAssembly module of version 1")
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
			return nil, fmt.Errorf("byte %#x: unknown section %d", body.p, id)
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

// section decodes the declarations of a section, or stores the section in raw.
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

// vector reads a vector of items that take at least size bytes each.
func vector[T any](r *reader, size int, item func() T) []T {
	items := make([]T, 0, r.count(size))
	for i := cap(items); i > 0 && r.err == nil; i-- {
		items = append(items, item())
	}
	return items
}

// signature returns the signature of a function.
func (m *module) signature(function uint32) signature { return m.types[m.funcs[function]] }

// checkCounts compares the lengths of vectors that must be equally long.
func (m *module) checkCounts() error {
	if own, bodies := len(m.funcs)-m.imported[KindFunc], m.items[secCode]; own != bodies {
		return fmt.Errorf("%d functions are declared, %d have code", own, bodies)
	}
	if m.dataCount >= 0 && m.dataCount != m.items[secData] {
		return fmt.Errorf("%d data segments are declared, there are %d", m.dataCount, m.items[secData])
	}
	return nil
}
