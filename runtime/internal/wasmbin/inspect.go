package wasmbin

import "fmt"

// Kind is what an import or an export is.
type Kind byte

// The kinds, numbered as in the binary format.
const (
	KindFunc Kind = iota
	KindTable
	KindMemory
	KindGlobal
)

func (k Kind) String() string { return [...]string{"function", "table", "memory", "global"}[k] }

// Info lists what a module wants and what it offers.
type Info struct {
	Imports []Import
	Exports []Export
	// MinPages and MaxPages are the limits of the first memory, in pages of 64 KiB; without a declared maximum MaxPages is 65536, without
	// a memory both are 0.
	MinPages, MaxPages uint32
}

// Import is a thing that the host must supply. Signature is that of Export.
type Import struct {
	Module, Name string
	Kind         Kind
	Signature    string
}

// Export is a thing that the host can reach. Signature is written "(i32, i64) -> (i32)" for functions, "i32" or "mut i32" for globals,
// "funcref" for tables, and is empty for memories.
type Export struct {
	Name      string
	Kind      Kind
	Signature string
}

// Inspect reads the declarations of a module, not its code. It takes prepared modules and any other that has no more than
// WebAssembly 2.0 in its declarations, and fails on what is no module.
func Inspect(bin []byte) (*Info, error) {
	m, err := decode(bin)
	if err != nil {
		return nil, fmt.Errorf("wasmbin: %w", err)
	}
	info := &Info{}
	for _, d := range m.imports {
		info.Imports = append(info.Imports, Import{d.module, d.name, d.kind, m.describe(d.kind, d.index)})
	}
	for _, d := range m.exports {
		info.Exports = append(info.Exports, Export{d.name, d.kind, m.describe(d.kind, d.index)})
	}
	if len(m.memories) > 0 {
		info.MinPages, info.MaxPages = m.memories[0].min, m.memories[0].maximum()
	}
	return info, nil
}

// most is the maximum of a memory.
func (l limits) maximum() uint32 {
	if l.hasMax {
		return l.max
	}
	return maxPages
}

func (m *module) describe(k Kind, index uint32) string {
	switch k {
	case KindFunc:
		return m.signature(index).String()
	case KindTable:
		return typeNames[m.tables[index].elem]
	case KindGlobal:
		if g := m.globals[index]; g.mutable {
			return "mut " + typeNames[g.typ]
		}
		return typeNames[m.globals[index].typ]
	}
	return ""
}

// signature is that of a function.
func (m *module) signature(f uint32) signature { return m.types[m.funcs[f]] }
