package cli

import (
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/manual"
)

func TestHasColors(t *testing.T) {
	if goruntime.GOOS == "windows" {
		t.Skip("only Windows Terminal counts there")
	}
	for environ, want := range map[string]bool{"TERM=xterm": true, "TERM=dumb": false, "NO_COLOR=1": false, "": true} {
		if got := (&App{Environ: []string{environ}}).hasColors(); got != want {
			t.Errorf("%s: %v", environ, got)
		}
	}
}

// A page in a file has no escape sequences, whatever the terminal is.
func TestDocsInFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "page")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	a := &App{Args: []string{"tabcell", "docs", "install"}, Stdout: file, Stderr: os.Stderr, Environ: []string{"TERM=xterm"}}
	if code := a.Run(); code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	text, err := os.ReadFile(name)
	if err != nil || !strings.HasPrefix(string(text), "Install\n=======\n") || strings.Contains(string(text), "\x1b") {
		t.Errorf("got %.80q, %v", text, err)
	}
}

func TestSimilarTopics(t *testing.T) {
	pages := []manual.Page{{Topic: "settings"}, {Topic: "security"}, {Topic: "scripts"}}
	for topic, want := range map[string]string{"seting": "settings", "s": "scripts security settings", "xyz": ""} {
		if got := strings.Join(similarTopics(pages, topic), " "); got != want {
			t.Errorf("%s: got %q, want %q", topic, got, want)
		}
	}
}
