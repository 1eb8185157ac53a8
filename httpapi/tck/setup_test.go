package tck

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// newRunningServer returns a server with the given handler.
func newRunningServer(t *testing.T, handler http.HandlerFunc) *runningServer {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &runningServer{server: ServerSpec{StatePath: t.TempDir(), Output: &Output{}}, url: server.URL, client: server.Client()}
}

const archivePath = "pickles/74fbc235b3db.pickle_archive"

func deployStep(path string) Step {
	body, empty := `{"src_path": "`+path+`"}`, ""
	return Step{Op: "deploy", Credentials: []string{"user1", "pass:word"}, Headers: map[string]string{"X-More": "1"}, Wire: []Exchange{
		{Request: Request{Method: "POST", Path: "/endpoints", Body: &body}, Response: Response{Status: 201}, PickleArchive: archivePath},
		{Request: Request{Method: "GET", Path: "/status", Body: &empty}, Response: Response{Status: 200}},
	}}
}

// A deployment step must copy the model, send the headers of the client, and wait until the model
// is loaded.
func TestSetUp(t *testing.T) {
	states := []string{"LoadInProgress", "LoadInProgress", "LoadSuccessful"}
	var modelDir string
	var requests []string
	r := newRunningServer(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		name, password, _ := r.BasicAuth()
		requests = append(requests, fmt.Sprintf("%s %s %s %s %s %d", r.Method, name, password, r.Header.Get("X-More"), r.Header.Get("Content-Type"), len(body)))
		if r.Method == "POST" {
			if _, err := os.Stat(filepath.Join(modelDir, "pickle_archive")); err != nil || !strings.Contains(string(body), modelDir) {
				t.Errorf("model archive: %v; body %s", err, body)
			}
			w.WriteHeader(http.StatusCreated)
			return
		}
		fmt.Fprintf(w, `{"twice": {"status": %q}}`, states[0])
		states = states[1:]
	})
	modelDir = filepath.Join(r.server.StatePath, "staging/twice/1")
	if err := r.setUp([]Step{deployStep("${STATE_PATH}/staging/twice/1")}); err != nil {
		t.Fatal(err)
	}
	if len(states) != 0 || len(requests) != 4 || !strings.HasPrefix(requests[0], "POST user1 pass:word 1 application/json ") ||
		requests[3] != "GET user1 pass:word 1 application/json 0" {
		t.Errorf("%d states not requested; requests %q", len(states), requests)
	}
}

func TestSetUpErrors(t *testing.T) {
	r := newRunningServer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusConflict) })
	plain := Step{Exchange: Exchange{Request: Request{Method: "GET", Path: "/x"}, Response: Response{Status: 200}}}
	for want, step := range map[string]Step{
		"status 409, want 200":             plain,
		"status 409, want 201":             deployStep("${STATE_PATH}/a"),
		"not inside the state directory":   deployStep("${STATE_PATH}/../a"),
		"\"/a\" is not inside":             deployStep("/a"),
		"\"\" is not inside":               deployStep(""),
		"invalid character":                deployStep(`"`),
		"setup 0, request 0 (GET /x)":      plain,
		"setup 0, request 0 (POST /endpoi": deployStep("${STATE_PATH}/a"),
	} {
		if got := r.replay(Case{Setup: []Step{step}}); len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("differences %q, want %q", got, want)
		}
	}
}
