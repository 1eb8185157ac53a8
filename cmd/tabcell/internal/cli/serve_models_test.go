package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// eventually repeats a GET request until the body contains part.
func (r *testServer) eventually(t *testing.T, path, part string) {
	t.Helper()
	var last string
	for deadline := time.Now().Add(testenv.Scaled(30 * time.Second)); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if _, last = r.request("GET", path, ""); strings.Contains(last, part) {
			return
		}
	}
	t.Errorf("%s does not contain %s: %s\n%s", path, part, last, r.stderr)
}

// After a restart, deployed models are listed at once and loaded in the background.
func TestDeployedModelsSurviveRestart(t *testing.T) {
	state := t.TempDir()
	environ := []string{"TABPY_STATE_PATH=" + state}
	ready := make(chan struct{})
	r := startServerWhen(t, ready, environ...)
	close(ready)
	if status, body := r.request("PUT", "/endpoints/m/source", `answer 7`); status != 201 {
		t.Fatalf("deployment: %d %s", status, body)
	}
	real, err := filepath.EvalSymlinks(state)
	if err != nil {
		t.Fatal(err)
	}
	if _, body := r.request("GET", "/configurations/endpoint_upload_destination", ""); !strings.Contains(body, filepath.ToSlash(filepath.Join(real, "staging"))) && filepath.Separator == '/' {
		t.Errorf("the staging folder is missing in %s", body)
	}
	r.signals <- os.Interrupt
	r.wait(t, 0)

	ready = make(chan struct{})
	r = startServerWhen(t, ready, environ...)
	if _, body := r.request("GET", "/status", ""); !strings.Contains(body, `"LoadInProgress"`) {
		t.Errorf("before the guest is ready: %s", body)
	}
	close(ready)
	r.eventually(t, "/status", `"LoadSuccessful"`)
	if status, body := r.request("POST", "/query/m", `{"data": []}`); status != 200 || !strings.HasPrefix(body, `{"response": 7, `) {
		t.Errorf("query: %d %s", status, body)
	}

	// A second server with the same folder answers queries, but cannot deploy.
	second := startServer(t, environ...)
	second.stderr.Find(t, `another process has the models folder open`)
	if status, _ := second.request("POST", "/query/m", `{"data": []}`); status != 200 {
		t.Errorf("query to the second server: status %d", status)
	}
	if status, body := second.request("PUT", "/endpoints/n/source", `answer 8`); status != 409 {
		t.Errorf("deployment to the second server: %d %s", status, body)
	}
	for _, server := range []*testServer{second, r} {
		server.signals <- os.Interrupt
		server.wait(t, 0)
	}
}

// An unusable folder prevents the start if TABCELL_MODELS_PATH names it. Otherwise the server
// starts without deployments.
func TestUnusableModelsFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	testenv.WriteFile(t, file, "")
	state := t.TempDir()
	testenv.WriteFile(t, filepath.Join(state, "tabcell-models"), "")

	r := startServer(t, "TABPY_STATE_PATH="+state)
	r.stderr.Find(t, `no endpoints can be deployed; set TABCELL_MODELS_PATH`)
	if status, _ := r.request("PUT", "/endpoints/n/source", `answer 8`); status != 501 {
		t.Errorf("deployment: status %d", status)
	}
	r.signals <- os.Interrupt
	r.wait(t, 0)

	s := newEndpointTest(t)
	s.environ = []string{"TABCELL_MODELS_PATH=" + file}
	s.expect(1, `the models' folder .* cannot be used`, "--port", "0")
}

// At the start, the server reports endpoints of TabPy that have not been imported.
func TestServeReportsTabPyEndpoints(t *testing.T) {
	r := startServer(t, "TABPY_STATE_PATH="+writeTabPyState(t))
	r.stderr.Find(t, `tabcell endpoint import`)
	r.signals <- os.Interrupt
	r.wait(t, 0)
}
