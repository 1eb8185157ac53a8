package guest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// TestStandardLibrary compares the values of expressions that use compiled modules of the standard
// library with those of a native Python on 64-bit Linux.
func TestStandardLibrary(t *testing.T) {
	read := func(name string) []byte {
		raw, err := os.ReadFile(filepath.Join("testdata", "stdlib", name))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	var want, got map[string]string
	if err := json.Unmarshal(read("recorded.json"), &want); err != nil {
		t.Fatal(err)
	}
	result, err := harness.Core(t).Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(string(read("cases.py"))+"\n\nreturn results()", "{}")})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(result.Body, &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) || len(got) < 100 {
		t.Errorf("%d expressions in the cell, %d recorded", len(got), len(want))
	}
	for expression, value := range want {
		if got[expression] != value {
			t.Errorf("%s\n got %.300s\nwant %.300s", expression, got[expression], value)
		}
	}
}
