package tck

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// loadTimeout is the time within which a deployed model must be loaded.
const loadTimeout = 60 * time.Second

// setUp replays the setup of a case. Each response must have the recorded status.
func (r *runningServer) setUp(steps []Step) error {
	for i, step := range steps {
		exchanges, headers := step.Wire, step.clientHeaders()
		if step.Op == "" {
			exchanges, headers = []Exchange{step.Exchange}, nil
		}
		for j, e := range exchanges {
			if err := r.replaySetup(e, headers); err != nil {
				return fmt.Errorf("setup %d, request %d (%s %s): %w", i, j, e.Request.Method, e.Request.Path, err)
			}
		}
	}
	return nil
}

// clientHeaders returns the headers that TabPy's client sent with each request of the step.
func (s Step) clientHeaders() map[string]string {
	headers := map[string]string{"Content-Type": "application/json"}
	if len(s.Credentials) == 2 {
		headers["Authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte(strings.Join(s.Credentials, ":")))
	}
	maps.Copy(headers, s.Headers)
	return headers
}

// replaySetup sends one request of a setup step. The headers replace those of the request unless
// they are nil. A GET request is repeated while it reports that a model is being loaded.
func (r *runningServer) replaySetup(e Exchange, headers map[string]string) error {
	if headers != nil {
		e.Request.Headers = headers
	}
	if e.Request.Body != nil && *e.Request.Body == "" {
		e.Request.Body = nil
	}
	if err := r.copyModelArchive(e); err != nil {
		return err
	}
	for deadline := time.Now().Add(loadTimeout); ; time.Sleep(50 * time.Millisecond) {
		response, err := r.send(e.Request, loadTimeout)
		if err != nil {
			return err
		}
		if response.status != e.Response.Status {
			return fmt.Errorf("status %d, want %d: %s", response.status, e.Response.Status, truncate(response.body))
		}
		if e.Request.Method != "GET" || !strings.Contains(response.body, `"LoadInProgress"`) {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the model is still loading after %v: %s", loadTimeout, truncate(response.body))
		}
	}
}

// copyModelArchive copies a recorded model to the src_path of the request. It returns an error if
// that is not inside the state directory.
func (r *runningServer) copyModelArchive(e Exchange) error {
	if e.PickleArchive == "" {
		return nil
	}
	var deployment struct {
		Path string `json:"src_path"`
	}
	if err := json.Unmarshal(e.Request.bytes(r.server), &deployment); err != nil {
		return err
	}
	below, err := filepath.Rel(r.server.StatePath, deployment.Path)
	if err != nil || !filepath.IsLocal(below) {
		return fmt.Errorf("src_path %q is not inside the state directory", deployment.Path)
	}
	archive, err := recordings.ReadFile("testdata/" + e.PickleArchive)
	if err == nil {
		err = os.MkdirAll(deployment.Path, 0o700)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(deployment.Path, "pickle_archive"), archive, 0o600)
}
