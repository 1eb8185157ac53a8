package wasmbin

import "fmt"

// prefix is the prefix of the export names that the rewrite adds.
const prefix = "tabcell."

// additions has the declarations that the passes append to a module. Since nothing is inserted
// before an existing declaration, all indices stay valid.
type additions struct {
	m       *module
	types   []signature // those of the module, then added ones
	typeOf  map[signature]uint32
	funcs   []addedFunc
	globals []globalDecl
	exports []exportDecl
}

type addedFunc struct {
	typ  uint32
	body []byte // without local variables, including its end
}

func newAdditions(m *module) *additions {
	a := &additions{m: m, types: m.types, typeOf: map[signature]uint32{}}
	for i, s := range m.types {
		if _, ok := a.typeOf[s]; !ok {
			a.typeOf[s] = uint32(i)
		}
	}
	return a
}

// function adds a function and returns its index. The body may be set later.
func (a *additions) function(s signature, body []byte) uint32 {
	typ, ok := a.typeOf[s]
	if !ok {
		typ = uint32(len(a.types))
		a.types = append(a.types[:typ:typ], s)
		a.typeOf[s] = typ
	}
	a.funcs = append(a.funcs, addedFunc{typ, body})
	return uint32(len(a.m.funcs) + len(a.funcs) - 1)
}

func (a *additions) setBody(f uint32, body []byte) { a.funcs[int(f)-len(a.m.funcs)].body = body }

// counter adds a mutable global of type i32 and returns its index.
func (a *additions) counter(v int32) uint32 {
	init := append(appendI32([]byte{opI32Const}, v), opEnd)
	a.globals = append(a.globals, globalDecl{typeI32, true, init})
	return uint32(len(a.m.globals) + len(a.globals) - 1)
}

// export exports a declaration under a private name, which it returns.
func (a *additions) export(name string, k Kind, index uint32) (string, error) {
	name = prefix + name
	for _, d := range a.m.exports {
		if d.name == name {
			return "", fmt.Errorf("the module exports %q, which is a reserved name", name)
		}
	}
	a.exports = append(a.exports, exportDecl{name, k, index})
	return name, nil
}
