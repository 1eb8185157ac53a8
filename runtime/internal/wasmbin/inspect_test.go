package wasmbin

import (
	"reflect"
	"testing"
)

func TestInspect(t *testing.T) {
	b := complete()
	b.add(secImport, text("env"), text("t"), op(1, 0x6f, 0, 1))
	b.sections[secTable] = nil
	b.export("memory", KindMemory, 0)
	b.export("double", KindFunc, b.function(b.typ(i32+i64, f32+f64+v128), 0))
	b.export("g", KindGlobal, 1)
	b.export("", KindTable, 0)
	got, err := Inspect(b.bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := &Info{
		Imports: []Import{
			{"tabcell", "tick", KindFunc, "() -> ()"}, {"host", "double", KindFunc, "(i32) -> (i32)"}, {"constants", "seven", KindGlobal, "i32"},
			{"env", "t", KindTable, "externref"},
		},
		Exports: []Export{
			{"memory", KindMemory, ""}, {"double", KindFunc, "(i32, i64) -> (f32, f64, v128)"}, {"g", KindGlobal, "mut i32"},
			{"", KindTable, "externref"},
		},
		MinPages: 1, MaxPages: 65536,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestInspectPrepared(t *testing.T) {
	p := prepareOrFail(t, buildEntries().bytes(), Options{Entries: []string{"add"}, MaxPages: 9, Fuel: 3, TickModule: "tabcell", TickName: "tick"})
	info, err := Inspect(p.Code)
	if err != nil {
		t.Fatal(err)
	}
	want := []Import{{"tabcell", "tick", KindFunc, "() -> ()"}, {"stage", "t", KindTable, "funcref"}}
	if !reflect.DeepEqual(info.Imports, want) || info.MaxPages != 9 {
		t.Errorf("Inspect returned %+v", info)
	}
	if last := info.Exports[len(info.Exports)-1]; last != (Export{p.FuelGlobal, KindGlobal, "mut i32"}) {
		t.Errorf("the last export is %+v, want the fuel counter", last)
	}
	stage, err := Inspect(StageModule([]int{2}))
	if err != nil || !reflect.DeepEqual(stage.Exports, []Export{{"t", KindTable, "funcref"}, {"call0", KindFunc, "(i32, i32) -> (i32)"}}) {
		t.Errorf("Inspect of a stage returned %+v, error %v", stage, err)
	}
}
