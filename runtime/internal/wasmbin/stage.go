package wasmbin

import "fmt"

// The prepared module imports its table from the stage under these names.
const (
	stageModule = "stage"
	stageTable  = "t"
	maxEntries  = 255
)

// entries returns the indices and the numbers of parameters of the functions that the stage calls.
func (m *module) entries(names []string) (functions []uint32, params []int, err error) {
	if len(names) > maxEntries {
		return nil, nil, fmt.Errorf("%d entries, the limit is %d", len(names), maxEntries)
	}
	for _, name := range names {
		f, err := m.entry(name)
		if err != nil {
			return nil, nil, err
		}
		functions = append(functions, f)
		params = append(params, len(m.signature(f).params))
	}
	return functions, params, nil
}

func (m *module) entry(name string) (uint32, error) {
	for _, d := range m.exports {
		if d.name != name || d.kind != KindFunc {
			continue
		}
		if s := m.signature(d.index); s != i32Signature(len(s.params)) {
			return 0, fmt.Errorf("entry %q has type %s, want i32 parameters and one i32 result", name, s)
		}
		return d.index, nil
	}
	return 0, fmt.Errorf("entry %q is not an exported function", name)
}

// i32Signature returns the signature with n i32 parameters and one i32 result.
func i32Signature(n int) signature {
	types := make([]byte, n+1)
	for i := range types {
		types[i] = typeI32
	}
	return signature{string(types[:n]), string(types[:1])}
}

// StageModule returns a module for stages. Entry i has params[i] parameters of type i32 and one i32
// result (see Prepared.Params). The stage exports the table "t", which a prepared module imports as
// "stage"."t" and fills when it is instantiated. It also exports functions "call0", "call1" and so
// on: function call i passes its parameters to the entry at index i of the table. It traps if no
// module has been instantiated yet.
func StageModule(params []int) []byte {
	n := uint32(len(params))
	b := []byte(header)
	b = section(b, secType, func(b []byte) []byte {
		b = appendU32(b, n)
		for _, p := range params {
			b = i32Signature(p).append(b)
		}
		return b
	})
	b = section(b, secFunction, func(b []byte) []byte {
		b = appendU32(b, n)
		for i := range n {
			b = appendU32(b, i)
		}
		return b
	})
	b = section(b, secTable, func(b []byte) []byte { return appendTable(append(b, 1), n) })
	b = section(b, secExport, func(b []byte) []byte {
		b = exportDecl{stageTable, KindTable, 0}.append(appendU32(b, n+1))
		for i := range n {
			b = exportDecl{fmt.Sprintf("call%d", i), KindFunc, i}.append(b)
		}
		return b
	})
	return section(b, secCode, func(b []byte) []byte {
		b = appendU32(b, n)
		for i, p := range params {
			body := appendI32(append(arguments(i32Signature(p)), opI32Const), int32(i))
			body = appendU32(append(body, opCallIndirect), uint32(i))
			b = addedFunc{body: append(body, 0, opEnd)}.append(b)
		}
		return b
	})
}
