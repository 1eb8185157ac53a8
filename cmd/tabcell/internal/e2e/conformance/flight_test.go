package conformance

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/httpapi/flight/flighttest"
	"tabcell/runtime"
)

// flightServer is a server with the Flight service, for the cases of one kind.
type flightServer struct {
	*harness.Server
	kind    string
	address string // of the Flight service
}

// startFlight starts a server as it was when the cases of a kind were recorded.
func startFlight(t *testing.T, kind string) flightServer {
	t.Helper()
	address := fmt.Sprintf("127.0.0.1:%d", testenv.FreePort(t))
	_, port, _ := strings.Cut(address, ":")
	config := "[TabPy]\nTABPY_PORT = ${PORT}\nTABPY_STATE_PATH = ${STATE_PATH}\nTABPY_ARROW_ENABLE = true\nTABPY_ARROWFLIGHT_PORT = " + port + "\n" +
		"TABCELL_HOST = 127.0.0.1\n"
	scheme := "http"
	switch kind {
	case "auth":
		config += "TABPY_PWD_FILE = " + passwordFile(t) + "\n"
	case "tls":
		scheme = "https"
		cert, key := certtest.Issue(t, "localhost", nil, certtest.ForHosts("127.0.0.1")).WriteFiles(t, t.TempDir())
		config += "TABPY_TRANSFER_PROTOCOL = https\nTABPY_CERTIFICATE_FILE = " + cert + "\nTABPY_KEY_FILE = " + key + "\n"
	}
	config, httpPort := harness.Configuration(t, config)
	s := harness.NewServer(t, fmt.Sprintf("%s://127.0.0.1:%d", scheme, httpPort))
	s.Run(s.App(harness.Router, s.Log, testenv.WriteConfig(t, config)))
	t.Cleanup(s.Stop)
	return flightServer{s, kind, address}
}

// passwordFile returns a file with the accounts of the recordings.
func passwordFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "passwords")
	for name, password := range map[string]string{"user1": "P@ss:w0rd", "user2": "second"} {
		add := exec.Command("tabcell", "user", "add", name, "-f", file)
		add.Stdin = strings.NewReader(password + "\n")
		if out, err := add.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return file
}

// target returns the server as package flighttest uses it.
func (s flightServer) target(t *testing.T) flighttest.Target {
	var config *tls.Config
	if s.kind == "tls" {
		config = &tls.Config{InsecureSkipVerify: true}
	}
	return flighttest.Target{
		Dir: flightRecordings, URL: s.URL, HTTP: &http.Client{Transport: testenv.AnyCertificate.Transport},
		Flight: flighttest.Dial(t, s.address, config), Describe: describer(t),
	}
}

// describer returns a function that describes the columns and values of a table as a script finds
// them.
func describer(t *testing.T) func([]byte) (string, error) {
	script := testenv.ReadFile(t, testenv.File("cmd/tabcell/internal/e2e/guest/testdata/tables/describe.py"))
	body, _ := json.Marshal(map[string]string{"script": script, "dataPath": "x"}) // cannot fail
	engine := harness.Core(t)
	return func(table []byte) (string, error) {
		_, err := engine.Evaluate(t.Context(), runtime.Call{Body: body, Table: [][]byte{table}})
		failed, ok := errors.AsType[*runtime.ScriptError](err)
		if ok && failed.Class == "ValueError" && strings.HasPrefix(failed.Text, "[") {
			return failed.Text, nil
		}
		if ok && failed.Text == "unhashable type: 'dict'" { // a dictionary of structs, as from an IntervalIndex
			return failed.Text, nil
		}
		return "", fmt.Errorf("the table was not described: %w", err)
	}
}

var flightRecordings = testenv.File("httpapi/flight/testdata")

// TestFlight replays the recorded exchanges with TabPy's Flight service. Task test:flight replays
// them with pyarrow's client, which compares the types of the columns as well.
func TestFlight(t *testing.T) {
	cases, err := flighttest.Load(flightRecordings)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"noauth", "auth", "tls"} {
		target := startFlight(t, kind).target(t)
		for _, c := range cases {
			_, gap := flighttest.Gaps[c.Name]
			if c.Kind != kind || gap || c.Generated() {
				continue
			}
			t.Run(c.Name, func(t *testing.T) { flighttest.Replay(t, target, c) })
		}
	}
}
