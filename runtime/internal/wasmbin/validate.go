package wasmbin

import "fmt"

// unsupportedNames has the names of some unsupported instructions, for error messages only: an
// instruction is unsupported if opcodes.go does not list it. For an opcode of two parts, the first
// part is shifted left by 16 bits.
var unsupportedNames = map[int]string{
	0x06: "try (exceptions)", 0x07: "catch (exceptions)", 0x08: "throw (exceptions)", 0x09: "rethrow (exceptions)",
	0x0a: "throw_ref (exceptions)", 0x18: "delegate (exceptions)", 0x19: "catch_all (exceptions)", 0x1f: "try_table (exceptions)",
	0x14: "call_ref", 0x15: "return_call_ref", 0x25: "table.get", 0x26: "table.set",
	0xd0: "ref.null", 0xd1: "ref.is_null", 0xd2: "ref.func", 0xd3: "ref.eq", 0xd4: "ref.as_non_null", 0xd5: "br_on_null", 0xd6: "br_on_non_null",
	0xfb: "garbage collection", 0xfe: "an atomic operation",
	0xfc0008: "memory.init", 0xfc0009: "data.drop", 0xfc000c: "table.init", 0xfc000d: "elem.drop", 0xfc000e: "table.copy", 0xfc000f: "table.grow",
	0xfc0010: "table.size", 0xfc0011: "table.fill",
}

func (w *walker) unsupported(op int) {
	w.p = w.at // so that the message has the position of the instruction
	name, ok := unsupportedNames[op]
	switch {
	case ok:
		w.fail("%s is not allowed", name)
	case op>>8 == opVector<<8|1:
		w.fail("relaxed SIMD is not allowed")
	default:
		w.fail("opcode %#x is unknown", op)
	}
}

// validate returns an error for the first declaration because of which the rewrite could not prove
// that memory and mutable globals are the whole state of an instance, and that its table is
// constant and private.
func (m *module) validate() error {
	for _, check := range []func(*module) error{
		(*module).validateTypes, (*module).validateImports, (*module).validateTables, (*module).validateMemories, (*module).validateGlobals,
	} {
		if err := check(m); err != nil {
			return err
		}
	}
	if m.start {
		return fmt.Errorf("a start function is not allowed")
	}
	return nil
}

func (m *module) validateTypes() error {
	for i, s := range m.types {
		for _, t := range []byte(s.params + s.results) {
			if isReference(t) {
				return fmt.Errorf("type %d uses references (%s), which are not allowed", i, typeNames[t])
			}
		}
	}
	return nil
}

func (m *module) validateImports() error {
	for _, d := range m.imports {
		switch {
		case d.kind == KindTable || d.kind == KindMemory:
			return fmt.Errorf("%s %q.%q is imported, which is not allowed", d.kind, d.module, d.name)
		case d.kind == KindGlobal && m.globals[d.index].mutable:
			return fmt.Errorf("mutable global %q.%q is imported, which is not allowed", d.module, d.name)
		case d.module == stageModule:
			return fmt.Errorf("import %q.%q: the module name %q is reserved", d.module, d.name, stageModule)
		}
	}
	return nil
}

func (m *module) validateTables() error {
	if n := len(m.tables); n > 1 {
		return fmt.Errorf("%d tables, at most one is allowed", n)
	}
	for _, t := range m.tables {
		if t.elem != typeFuncref {
			return fmt.Errorf("tables of %s are not allowed", typeNames[t.elem])
		}
	}
	for _, d := range m.exports {
		if d.kind == KindTable {
			return fmt.Errorf("the table is exported as %q, which is not allowed", d.name)
		}
	}
	return nil
}

func (m *module) validateMemories() error {
	if n := len(m.memories); n > 1 {
		return fmt.Errorf("%d memories, at most one is allowed", n)
	}
	return nil
}

// validateGlobals accepts only types that the host can get and set as 64 bits.
func (m *module) validateGlobals() error {
	for i, g := range m.globals {
		if isReference(g.typ) || g.mutable && !isNumber(g.typ) {
			return fmt.Errorf("global %d has type %s, which is not allowed", i, m.describe(KindGlobal, uint32(i)))
		}
	}
	return nil
}
