package console

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestOpenAPIHasAllRoutes compares the operations of openapi.json with the routes of the API, and
// their parameters with those of the paths.
func TestOpenAPIHasAllRoutes(t *testing.T) {
	var document struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal(openAPIDocument, &document); err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	for path, operations := range document.Paths {
		for method, operation := range operations {
			described[strings.ToUpper(method)+" "+path] = true
			for _, parameter := range operation.Parameters {
				if parameter.In == "path" && !strings.Contains(path, "{"+parameter.Name+"}") {
					t.Errorf("%s %s has no parameter %s", method, path, parameter.Name)
				}
			}
		}
	}
	served := map[string]bool{}
	for _, r := range newFakeServer(t, true).routes {
		if path, isAPI := strings.CutPrefix(r.path, apiPath); isAPI {
			served[r.method+" "+path] = true
		}
	}
	if got, want := slices.Sorted(maps.Keys(described)), slices.Sorted(maps.Keys(served)); !slices.Equal(got, want) || len(want) < 20 {
		t.Errorf("openapi.json has\n%q\nbut the routes are\n%q", got, want)
	}
}
