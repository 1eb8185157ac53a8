package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// TestStateOfPandas3 imports a state folder of TabPy 2.16 whose models close over objects of pandas
// 3, which were pickled with pyarrow, and compares the responses to queries with TabPy's. The second
// import changes nothing.
func TestStateOfPandas3(t *testing.T) {
	const folder = "testdata/state-pandas3"
	text, err := os.ReadFile(folder + "/want.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]struct{ Data, Response json.RawMessage }
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	s := harness.StartServer(t, "[TabPy]\nTABPY_PORT = ${PORT}\nTABPY_STATE_PATH = ${STATE_PATH}\n")
	for _, result := range []string{"(version 1)", "is the same already (version 1)"} {
		var out bytes.Buffer
		importer := &cli.App{Args: []string{"tabcell", "endpoint", "import", folder, "--url", s.URL}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out}
		if code := importer.Run(); code != 0 || strings.Count(out.String(), result) != len(want) {
			t.Fatalf("exit code %d, want %d times %q\n%s", code, len(want), result, &out)
		}
	}
	for name, c := range want {
		got, err := response(s.URL+"/query/"+name, fmt.Sprintf(`{"data": %s}`, c.Data))
		if err != nil || !reflect.DeepEqual(got, decoded(c.Response)) {
			t.Errorf("%s: %v, want %s (%v)", name, got, c.Response, err)
		}
	}
}

// response posts a query and returns the decoded response of the model.
func response(url, body string) (any, error) {
	r, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d: %s %v", r.StatusCode, text, err)
	}
	var reply struct{ Response json.RawMessage }
	if err := json.Unmarshal(text, &reply); err != nil {
		return nil, err
	}
	return decoded(reply.Response), nil
}

// decoded returns a JSON value in which numbers keep their text, so that 1 and 1.0 differ.
func decoded(text json.RawMessage) any {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return err
	}
	return value
}
