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

// loadTime is how long a model may be loaded.
const loadTime = 60 * time.Second

// setUp does what was done before a case. Each answer must have the recorded status.
func (r *running) setUp(steps []Step) error {
	for i, step := range steps {
		exchanges, headers := step.Wire, step.sentHeaders()
		if step.Op == "" {
			exchanges, headers = []Exchange{step.Exchange}, nil
		}
		for j, e := range exchanges {
			if err := r.repeat(e, headers); err != nil {
				return fmt.Errorf("setup %d, request %d (%s %s): %w", i, j, e.Request.Method, e.Request.Path, err)
			}
		}
	}
	return nil
}

// sentHeaders are the headers of the client's requests.
func (s Step) sentHeaders() map[string]string {
	headers := map[string]string{"Content-Type": "application/json"}
	if len(s.Credentials) == 2 {
		headers["Authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte(strings.Join(s.Credentials, ":")))
	}
	maps.Copy(headers, s.Headers)
	return headers
}

// repeat sends one request of a client's operation, with headers unless they are nil.
func (r *running) repeat(e Exchange, headers map[string]string) error {
	if headers != nil {
		e.Request.Headers = headers
	}
	if e.Request.Body != nil && *e.Request.Body == "" {
		e.Request.Body = nil
	}
	if err := r.copyArchive(e); err != nil {
		return err
	}
	for deadline := time.Now().Add(loadTime); ; time.Sleep(50 * time.Millisecond) {
		answer, err := r.send(e.Request, loadTime)
		if err != nil {
			return err
		}
		if answer.status != e.Response.Status {
			return fmt.Errorf("status %d, want %d: %s", answer.status, e.Response.Status, short(answer.body))
		}
		if e.Request.Method != "GET" || !strings.Contains(answer.body, `"LoadInProgress"`) {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("still being loaded after %v: %s", loadTime, short(answer.body))
		}
	}
}

// copyArchive puts a model where the request says that it is. Nothing outside of the state folder is ever written.
func (r *running) copyArchive(e Exchange) error {
	if e.PickleArchive == "" {
		return nil
	}
	var told struct {
		Path string `json:"src_path"`
	}
	if err := json.Unmarshal(e.Request.bytes(r.server), &told); err != nil {
		return err
	}
	below, err := filepath.Rel(r.server.StatePath, told.Path)
	if err != nil || !filepath.IsLocal(below) {
		return fmt.Errorf("src_path %q is not below the state folder", told.Path)
	}
	archive, err := recordings.ReadFile("testdata/" + e.PickleArchive)
	if err == nil {
		err = os.MkdirAll(told.Path, 0o700)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(told.Path, "pickle_archive"), archive, 0o600)
}
