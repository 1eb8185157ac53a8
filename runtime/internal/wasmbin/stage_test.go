package wasmbin

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

func setGlobal(t *testing.T, mod api.Module, name string, v uint64) {
	t.Helper()
	g, ok := mod.ExportedGlobal(name).(api.MutableGlobal)
	if !ok {
		t.Fatalf("global %q is missing or not mutable", name)
	}
	g.Set(v)
}

// buildEntries defines a counter in memory, and entries with 0, 1 and 4 parameters.
func buildEntries() *builder {
	b := &builder{}
	b.importFunc("tabcell", "tick", b.typ("", ""))
	b.memory(0, 1)
	b.data(0, "\x05")
	b.export("memory", KindMemory, 0)
	add := code(constant(0), constant(0), op(0x28, 0, 0), get(0), op(0x6a, 0x36, 0, 0))
	load := code(constant(0), op(0x28, 0, 0))
	b.export("read", KindFunc, b.function(b.typ("", i32), 0, load))
	b.export("add", KindFunc, b.function(b.typ(i32, i32), 0, add, load))
	b.export("last", KindFunc, b.function(b.typ(i32+i32+i32+i32, i32), 0, get(3), get(2), op(opI32Sub)))
	b.export("none", KindFunc, b.function(b.typ(i32, ""), 0))
	b.export("wide", KindFunc, b.function(b.typ(i64, i32), 0, constant(0)))
	return b
}

func TestStage(t *testing.T) {
	p := prepareOrFail(t, buildEntries().bytes(), Options{Entries: []string{"add", "read", "last"}})
	if !slices.Equal(p.Params, []int{1, 0, 4}) {
		t.Fatalf("the numbers of parameters are %d", p.Params)
	}
	m := newMachine(t)
	stage := m.instantiate(StageModule(p.Params), "", nil)
	if _, err := stage.ExportedFunction("call1").Call(context.Background()); err == nil {
		t.Error("a call of the empty stage succeeded")
	}
	for range 3 {
		cell := m.instantiate(p.Code, "", stage)
		cell.Memory().Write(p.Data[0].Offset, p.Data[0].Bytes)
		for _, c := range []struct {
			invocation
			want uint64
		}{
			{invoke("call1"), 5}, {invoke("call0", 7), 12}, {invoke("call0", 1), 13}, {invoke("call1"), 13}, {invoke("call2", 1, 2, 3, 10), 7},
		} {
			got, err := stage.ExportedFunction(c.name).Call(context.Background(), c.args...)
			if err != nil || got[0] != c.want {
				t.Errorf("%s(%d) = %d, %v, want %d", c.name, c.args, got, err, c.want)
			}
		}
		cell.Close(context.Background())
	}
}

func TestStageSizes(t *testing.T) {
	m := newMachine(t)
	for _, n := range []int{0, 1, maxEntries} {
		params := make([]int, n)
		for i := range params {
			params[i] = i
		}
		stage := m.instantiate(StageModule(params), "", nil)
		for i, p := range params {
			f := stage.ExportedFunction(fmt.Sprintf("call%d", i))
			if f == nil || len(f.Definition().ParamTypes()) != p || len(f.Definition().ResultTypes()) != 1 {
				t.Fatalf("the stage has no function call%d with %d parameters", i, p)
			}
		}
	}
}

func TestInvalidEntries(t *testing.T) {
	bin := buildEntries().bytes()
	for entry, want := range map[string]string{
		"none":   "(i32) -> ()",
		"wide":   "(i64) -> (i32)",
		"memory": "not an exported function",
		"absent": "not an exported function",
	} {
		wantError(t, bin, Options{Entries: []string{"add", entry}}, `entry "`+entry+`"`, want)
	}
	wantError(t, bin, Options{Entries: make([]string, maxEntries+1)}, "256 entries")
	prepareOrFail(t, bin, Options{Entries: slices.Repeat([]string{"add"}, maxEntries)})
}
