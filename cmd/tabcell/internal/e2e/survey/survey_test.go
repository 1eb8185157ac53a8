package survey

import (
	"context"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

const runScript = `
failed = []
for name, work in operations.items():
    try:
        work()
    except Exception as error:
        failed.append(f"{name}: {type(error).__name__}: {error}")
return failed
`

// TestOperations runs each operation once in a cell.
func TestOperations(t *testing.T) {
	for _, f := range families(t) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			e, err := harness.EngineWith(f.library())
			if err != nil {
				t.Fatal(err)
			}
			r, err := e.Evaluate(context.Background(), runtime.Call{Body: harness.ScriptRequest(f.script(runScript), "{}")})
			if err != nil {
				t.Fatal(err)
			}
			if string(r.Body) != "[]" {
				t.Errorf("operations that fail: %s", r.Body)
			}
		})
	}
}

func TestParseFamily(t *testing.T) {
	f, err := parseFamily("x = 1\n---\nadd: x + 1\ntext: \"a: b\"\n")
	if err != nil || len(f.operations) != 2 || f.operations[1] != (operation{"text", `"a: b"`}) {
		t.Fatal(f, err)
	}
	const want = "x = 1\noperations = {\n    \"add\": lambda: (x + 1),\n    \"text\": lambda: (\"a: b\"),\n}\nreturn 0"
	if got := f.script("return 0"); got != want {
		t.Errorf("got %q", got)
	}
	for _, text := range []string{"", "x = 1\nadd: x + 1\n", "x = 1\n---\nadd x + 1\n"} {
		if _, err := parseFamily(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}
