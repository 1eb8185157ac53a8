package manual

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// compileScript compiles the text in _arg1 as the body of a function, as a server does with a
// script.
const compileScript = `
import textwrap
compile('def script():\n' + textwrap.indent(_arg1, '    '), 'manual', 'exec')
return 'compiled'`

// TestPythonBlocks checks that the guest compiles each Python block.
func TestPythonBlocks(t *testing.T) {
	engine := harness.Core(t)
	compiled := func(source string) error {
		data, _ := json.Marshal(map[string]string{"_arg1": source}) // cannot fail for strings
		_, err := engine.Evaluate(context.Background(), runtime.Call{Body: harness.ScriptRequest(compileScript, string(data))})
		return err
	}
	count := 0
	for _, d := range documents(t) {
		for _, b := range d.blocks() {
			if !b.is("python") {
				continue
			}
			count++
			if err := compiled(strings.Join(b.lines, "\n")); err != nil {
				t.Errorf("%s:%d: %v", d.name, b.line, err)
			}
		}
	}
	if count == 0 || compiled("def f(:") == nil {
		t.Errorf("%d blocks were checked, or an invalid one compiles", count)
	}
}
