package wasmbin

import "fmt"

// Kind is the kind of an import or export.
type Kind byte

// The kinds, numbered as in the binary format.
const (
	KindFunc Kind = iota
	KindTable
	KindMemory
	KindGlobal
)

func (k Kind) String() string { return [...]string{"function", "table", "memory", "global"}[k] }

// Info has the imports, exports and memory limits of a module.
type Info struct {
	Imports []Import
	Exports []Export
	// MinPages and MaxPages are the limits of the first memory in pages of 64 KiB. If the module
	// declares no maximum, MaxPages is 65536. If it has no memory, both are 0.
	MinPages, MaxPages uint32
}

// Import is something that the host must provide. The format of Signature is that of Export.
type Import struct {
	Module, Name string
	Kind         Kind
	Signature    string
}

// Export is something that the host can access. The signature of a function has the form "(i32,
// i64) -> (i32)", that of a global "i32" or "mut i32", and that of a table "funcref". It is empty
// for a memory.
type Export struct {
	Name      string
	Kind      Kind
	Signature string
}

// Inspect reads the declarations of a module, but not its code. It accepts prepared modules and all
// others whose declarations use no features beyond WebAssembly 2.0.
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

// describe returns the Signature of an import or export.
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
