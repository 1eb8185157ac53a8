package compare

import (
	"context"
	_ "embed" // for Described
	"encoding/json"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// Described is the Python code that turns results into JSON, natively and in the guest.
//
//go:embed described.py
var Described string

// Versions checks that results were recorded with the guest's versions of numpy and
// pandas.
func Versions(t *testing.T, native map[string]string) {
	t.Helper()
	const script = "import numpy, pandas\nreturn {m.__name__: m.__version__ for m in (numpy, pandas)}"
	r, err := harness.Core(t).Evaluate(context.Background(), runtime.Call{Body: harness.ScriptRequest(script, "{}")})
	if err != nil {
		t.Fatal(err)
	}
	var guest map[string]string
	if err := json.Unmarshal(r.Body, &guest); err != nil {
		t.Fatal(err)
	}
	for name, version := range guest {
		if native[name] != version {
			t.Errorf("%s: recorded with %s, but the guest has %s", name, native[name], version)
		}
	}
}
