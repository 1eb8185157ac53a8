package grants

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// endpointSource is an endpoint that reads a file when it is loaded, keeps another one open, and
// uses the web and an environment variable in queries.
const endpointSource = `import os, urllib.request
table = open('/models/table.txt').read()
kept = open('/models/table.txt')
at_load = os.environ.get('API_KEY')
def lookup(what):
    if what == 'table':
        return [table, kept.read(), open('/models/table.txt').read()]
    if what == 'environment':
        return [at_load, os.environ.get('API_KEY')]
    return urllib.request.urlopen('http://localhost:PORT/hello').read().decode()
`

// query returns the response of a query, or the text of its error.
func query(t *testing.T, m runtime.Model, what string) string {
	t.Helper()
	body := []byte(`{"data": {"what": "` + what + `"}}`)
	result, err := harness.Must(t, coreEngine).QueryModel(t.Context(), m, runtime.Call{Body: body})
	if failed, ok := errors.AsType[*runtime.ScriptError](err); ok {
		return failed.Error()
	}
	if err != nil {
		return err.Error()
	}
	return string(result.Body)
}

// TestEndpoint checks the grants of the code of an endpoint, and that it is loaded again when its
// files change.
func TestEndpoint(t *testing.T) {
	dir, port := t.TempDir(), startWeb(t)
	table := filepath.Join(dir, "table.txt")
	testenv.WriteFile(t, table, "first")
	g := connections(t, nil, "http://localhost:"+port)
	g.Folders = []runtime.GrantFolder{{Host: dir, Guest: "/models"}}
	g.Env = map[string]string{"API_KEY": "s3cret"}
	source := strings.ReplaceAll(endpointSource, "PORT", port)
	m := runtime.Model{
		Name: "lookup", Version: 1, Kind: runtime.ModelSource, Function: "lookup", Digest: source, Grants: grantsOf(g),
		Content: func(context.Context) ([]byte, error) { return []byte(source), nil },
	}
	for what, want := range map[string]string{
		"table": `["first", "first", "first"]`, "environment": `[null, "s3cret"]`, "web": `"hello localhost:` + port + `"`,
	} {
		if got := query(t, m, what); got != want {
			t.Errorf("query %s responds %s, want %s", what, got, want)
		}
	}
	testenv.WriteFile(t, table, "second")
	if err := os.Chtimes(table, time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got, want := query(t, m, "table"), `["second", "second", "second"]`; got != want {
		t.Errorf("after the file has changed, the response is %s, want %s", got, want)
	}
	m.Grants, m.Digest = nil, m.Digest+" without a grant"
	if got := query(t, m, "table"); !strings.Contains(got, "no grant of this server allows reading") {
		t.Errorf("without a grant, the endpoint responds %s", got)
	}
}
