package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// eventually asks until the answer holds the part.
func (r *testServer) eventually(t *testing.T, path, part string) {
	t.Helper()
	var last string
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if _, last = r.request("GET", path, ""); strings.Contains(last, part) {
			return
		}
	}
	t.Errorf("%s never has %s: %s\n%s", path, part, last, r.stderr)
}

// TestDeployedModelsSurviveRestart: they are known and queried before and after the guest is there, and loaded behind.
func TestDeployedModelsSurviveRestart(t *testing.T) {
	state := t.TempDir()
	environ := []string{"TABPY_STATE_PATH=" + state}
	ready := make(chan struct{})
	r := startServerWhen(t, ready, environ...)
	close(ready)
	if status, body := r.request("PUT", "/endpoints/m/source", `answer 7`); status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	real, err := filepath.EvalSymlinks(state)
	if err != nil {
		t.Fatal(err)
	}
	if _, body := r.request("GET", "/configurations/endpoint_upload_destination", ""); !strings.Contains(body, filepath.ToSlash(filepath.Join(real, "staging"))) && filepath.Separator == '/' {
		t.Errorf("the staging folder is told as %s", body)
	}
	r.signals <- os.Interrupt
	r.wait(t, 0)

	ready = make(chan struct{})
	r = startServerWhen(t, ready, environ...)
	if _, body := r.request("GET", "/status", ""); !strings.Contains(body, `"LoadInProgress"`) {
		t.Errorf("before the guest is there: %s", body)
	}
	close(ready)
	r.eventually(t, "/status", `"LoadSuccessful"`)
	if status, body := r.request("POST", "/query/m", `{"data": []}`); status != 200 || !strings.HasPrefix(body, `{"response": 7, `) {
		t.Errorf("%d %s", status, body)
	}

	// A second server over the same folder serves, and says that it cannot deploy.
	second := startServer(t, environ...)
	second.stderr.Find(t, `another process has the models folder open`)
	if status, _ := second.request("POST", "/query/m", `{"data": []}`); status != 200 {
		t.Errorf("the second server answers %d", status)
	}
	if status, body := second.request("PUT", "/endpoints/n/source", `answer 8`); status != 409 {
		t.Errorf("the second server deploys: %d %s", status, body)
	}
	for _, one := range []*testServer{second, r} {
		one.signals <- os.Interrupt
		one.wait(t, 0)
	}
}

// TestUnusableModelsFolder: one that was asked for by name ends the start, another one does not.
func TestUnusableModelsFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	testenv.WriteFile(t, file, "")
	state := t.TempDir()
	testenv.WriteFile(t, filepath.Join(state, "tabcell-models"), "")

	r := startServer(t, "TABPY_STATE_PATH="+state)
	r.stderr.Find(t, `no endpoints can be deployed; set TABCELL_MODELS_PATH`)
	if status, _ := r.request("PUT", "/endpoints/n/source", `answer 8`); status != 501 {
		t.Errorf("it deploys: %d", status)
	}
	r.signals <- os.Interrupt
	r.wait(t, 0)

	s := newEndpointTest(t)
	s.environ = []string{"TABCELL_MODELS_PATH=" + file}
	s.expect(1, `the models' folder .* cannot be used`, "--port", "0")
}

// TestServeReportsTabPyEndpoints that nobody imported yet.
func TestServeReportsTabPyEndpoints(t *testing.T) {
	r := startServer(t, "TABPY_STATE_PATH="+writeTabPyState(t))
	r.stderr.Find(t, `tabcell endpoint import`)
	r.signals <- os.Interrupt
	r.wait(t, 0)
}
