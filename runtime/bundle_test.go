package runtime

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

var thisProgram = Program{Digest: strings.Repeat("ab", 32)}

func theProgram() Program { return thisProgram }

// shipTestGuest makes a shipped folder with the test guest.
func shipTestGuest(t *testing.T) string {
	dir := filepath.Join(t.TempDir(), "code")
	startWith(t, Config{CacheDir: dir, Program: theProgram})
	if err := WriteBundle(dir, "v1.2.3", thisProgram); err != nil {
		t.Fatal(err)
	}
	return dir
}

// startWith starts the test guest, lets it answer, and tells whether nothing was compiled, and what
// was logged.
func startWith(t *testing.T, cfg Config) (warm bool, log string) {
	t.Helper()
	cfg.Guest = bareGuest("test", testGuest)
	return start(t, cfg)
}

func start(t *testing.T, cfg Config) (warm bool, log string) {
	t.Helper()
	var lines bytes.Buffer
	ctx := zerolog.New(&lines).WithContext(t.Context())
	cfg.Progress = func(p Progress) { warm = warm || p.Done && p.Warm }
	e, err := New(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := ask(e, "eyes"); err != nil || string(r.Body) != "yes" {
		t.Fatalf("%q %v", r.Body, err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return warm, lines.String()
}

// contents are all files below a folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestShippedCode(t *testing.T) {
	dir := shipTestGuest(t)
	before := contents(t, dir)
	if len(before) != 5 { // the guest's code and the mark of its stand-in, the stage's code, the rewritten guest, the manifest
		t.Errorf("%d files are shipped", len(before))
	}
	cache := filepath.Join(t.TempDir(), "cache")
	for _, cfg := range []Config{{BundleDir: dir, CacheDir: cache, Program: theProgram}, {BundleDir: dir, Program: theProgram}} {
		if warm, log := startWith(t, cfg); !warm || log != "" {
			t.Errorf("with a cache folder %q: warm %v, log %s", cfg.CacheDir, warm, log)
		}
	}
	if _, err := os.Stat(cache); err == nil {
		t.Error("the cache was touched")
	}
	after := contents(t, dir)
	for path, text := range before {
		if after[path] != text {
			t.Errorf("%s was changed", path)
		}
	}
	if len(after) != len(before) {
		t.Errorf("%d files became %d", len(before), len(after))
	}
}

// TestShippedCodeIsRefused: whatever is wrong with a shipped folder, it is told, nothing of it is
// used, and the start goes on without.
func TestShippedCodeIsRefused(t *testing.T) {
	change := func(edit func(*CodeBundle)) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			s, err := ReadBundle(dir)
			if err != nil {
				t.Fatal(err)
			}
			edit(&s)
			text, _ := json.Marshal(s)
			write(t, filepath.Join(dir, "MANIFEST"), text)
		}
	}
	code := func(t *testing.T, dir string) string { return oneOf(t, filepath.Join(dir, "test-*", "wazero-*", "*")) }
	for _, c := range []struct {
		name, says string
		damage     func(*testing.T, string)
	}{
		{"another build", "made by another build (v1.2.3)", change(func(s *CodeBundle) { s.Program = strings.Repeat("cd", 32) })},
		{"another platform", "made for plan9/mips", change(func(s *CodeBundle) { s.Platform = "plan9/mips" })},
		{"another processor", "processor with [AVX1024]", change(func(s *CodeBundle) { s.Processor = []string{"AVX1024"} })},
		{"no manifest", "no such file", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "MANIFEST")) }},
		{"an odd manifest", "invalid character", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "MANIFEST"), []byte("ELF")) }},
		{"damaged code", "missing or damaged", func(t *testing.T, dir string) {
			path := code(t, dir)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			b[len(b)/2] ^= 1
			write(t, path, b)
		}},
		{"missing code", "missing or damaged", func(t *testing.T, dir string) { remove(t, code(t, dir)) }},
		{"a damaged rewritten guest", "missing or damaged", func(t *testing.T, dir string) {
			write(t, oneOf(t, filepath.Join(dir, "test-*", "rewritten-*")), []byte("another guest"))
		}},
		{"a file too many", "not in the manifest", func(t *testing.T, dir string) { write(t, code(t, dir)+"0", []byte("?")) }},
	} {
		t.Run(c.name, func(t *testing.T) { refused(t, c.says, c.damage) })
	}
}

func refused(t *testing.T, says string, damage func(*testing.T, string)) {
	t.Helper()
	dir := shipTestGuest(t)
	damage(t, dir)
	warm, log := startWith(t, Config{BundleDir: dir, CacheDir: filepath.Join(t.TempDir(), "cache"), Program: theProgram})
	if warm || !strings.Contains(log, says) || !strings.Contains(log, "warm --into") {
		t.Errorf("warm %v, log %s; want %q", warm, log, says)
	}
}

func TestNothingShippedForThisGuest(t *testing.T) {
	dir := shipTestGuest(t)
	cfg := Config{BundleDir: dir, Program: theProgram, Guest: bareGuest("other", testGuest)}
	if warm, log := start(t, cfg); warm || log != "" {
		t.Errorf("warm %v, log %s", warm, log)
	}
	if err := WriteBundle(t.TempDir(), "v1", Program{}); err == nil {
		t.Error("a program that does not know its digest ships")
	}
}

// TestShippedCodeThatFails: should the engine fail with what was proven all the same, it starts
// without.
func TestShippedCodeThatFails(t *testing.T) {
	dir := shipTestGuest(t)
	path := oneOf(t, filepath.Join(dir, "test-*", "rewritten-*"))
	write(t, path, []byte("no module"))
	s, err := ReadBundle(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name := range s.Files { // of the code, too: the engine finds an empty file in its place
		if !strings.Contains(name, "rewritten-") {
			write(t, filepath.Join(dir, filepath.FromSlash(name)), nil)
		}
		s.Files[name] = digest(t, filepath.Join(dir, filepath.FromSlash(name)))
	}
	text, _ := json.Marshal(s)
	write(t, filepath.Join(dir, "MANIFEST"), text)
	if warm, log := startWith(t, Config{BundleDir: dir, Program: theProgram}); warm || !strings.Contains(log, "warm --into") {
		t.Errorf("warm %v, log %s", warm, log)
	}
}

func digest(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func oneOf(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: nothing, %v", pattern, err)
	}
	return found[0]
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}
