package manual

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPip replays the session that downloads a wheel with pip, from a package index in this process.
// The index has newer files of the package too, which tabcell cannot use.
func TestPip(t *testing.T) {
	needs(t, "sh", "pip")
	s := newSession(t)
	usable := s.writeWheels("index")
	files := filepath.Dir(usable)
	for name, python := range map[string]string{"sqlalchemy-2.2.0-py3-none-any.whl": ">=3.14", "sqlalchemy-2.3.0-cp313-cp313-win_amd64.whl": ">=3.7"} {
		writeWheel(t, filepath.Join(files, name), strings.Split(name, "-")[1], python)
	}
	index := httptest.NewServer(packageIndex(t, files))
	t.Cleanup(index.Close)
	s.env = append(s.env, "PIP_INDEX_URL="+index.URL+"/simple", "PIP_EXTRA_INDEX_URL=", "PIP_FIND_LINKS=", "PIP_NO_INDEX=", "PIP_CONFIG_FILE="+os.DevNull)
	for _, c := range hostCommands(t) {
		s.run(c)
	}
	got, err := os.ReadDir(filepath.Join(s.dir, "wheels"))
	if err != nil || len(got) != 1 || got[0].Name() != filepath.Base(usable) {
		t.Errorf("pip has downloaded %v, want %s (%v)", got, filepath.Base(usable), err)
	}
}

// packageIndex returns a package index in the format of PyPI (PEP 503) with the wheels in a folder, of
// one package.
func packageIndex(t *testing.T, dir string) http.Handler {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	page := "<!DOCTYPE html><html><body>\n"
	for _, e := range entries {
		python := "&gt;=3.7"
		if strings.HasPrefix(e.Name(), "sqlalchemy-2.2.0-") {
			python = "&gt;=3.14"
		}
		page += fmt.Sprintf("<a href=\"/files/%s\" data-requires-python=\"%s\">%[1]s</a>\n", e.Name(), python)
	}
	mux := http.NewServeMux()
	mux.Handle("/files/", http.StripPrefix("/files/", http.FileServer(http.Dir(dir))))
	mux.HandleFunc("/simple/sqlalchemy/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, page+"</body></html>\n") })
	return mux
}
