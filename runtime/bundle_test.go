package runtime

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tabcell/runtime/osfile"

	"github.com/rs/zerolog"
)

var testProgram = Program{Digest: strings.Repeat("ab", 32)}

func runningProgram() Program { return testProgram }

// makeBundle returns a code bundle with the test guest.
func makeBundle(t *testing.T) string {
	dir := filepath.Join(t.TempDir(), "code")
	startWith(t, Config{CacheDir: dir, Program: runningProgram})
	if err := WriteBundle(dir, "v1.2.3", testProgram); err != nil {
		t.Fatal(err)
	}
	return dir
}

// startWith starts the test guest and runs a script. It reports whether the start was warm, and
// returns the log.
func startWith(t *testing.T, cfg Config) (warm bool, log string) {
	t.Helper()
	cfg.Guest = bareGuest("test", testGuest)
	return start(t, cfg)
}

// start is like startWith, for the guest of cfg.
func start(t *testing.T, cfg Config) (warm bool, log string) {
	t.Helper()
	var lines bytes.Buffer
	ctx := zerolog.New(&lines).WithContext(t.Context())
	cfg.Progress = func(p Progress) { warm = warm || p.Code != "" && p.Code != CodeCompiled }
	e, err := New(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := evaluate(e, "eyes"); err != nil || string(r.Body) != "yes" {
		t.Fatalf("the script returned %q, error %v", r.Body, err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return warm, lines.String()
}

// contents returns the content of all files below a folder by path.
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

func TestBundle(t *testing.T) {
	dir := makeBundle(t)
	before := contents(t, dir)
	// The guest's code, the mark of its stub, the stage's code, the rewritten guest, the manifest.
	if len(before) != 5 {
		t.Errorf("the bundle has %d files, want 5", len(before))
	}
	cache := filepath.Join(t.TempDir(), "cache")
	for _, cfg := range []Config{{BundleDir: dir, CacheDir: cache, Program: runningProgram}, {BundleDir: dir, Program: runningProgram}} {
		if warm, log := startWith(t, cfg); !warm || log != "" {
			t.Errorf("with a cache folder %q: warm %v, log %s", cfg.CacheDir, warm, log)
		}
	}
	if _, err := os.Stat(cache); err == nil {
		t.Error("the cache folder was created")
	}
	after := contents(t, dir)
	for path, text := range before {
		if after[path] != text {
			t.Errorf("%s was changed", path)
		}
	}
	if len(after) != len(before) {
		t.Errorf("the bundle has %d files, before the starts it had %d", len(after), len(before))
	}
}

// TestUnusableBundle checks that a bundle with any defect is not used, that the reason is logged,
// and that the start continues without it.
func TestUnusableBundle(t *testing.T) {
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
		name, reason string
		damage       func(*testing.T, string)
	}{
		{"another build", "made by another build (v1.2.3)", change(func(s *CodeBundle) { s.Program = strings.Repeat("cd", 32) })},
		{"another platform", "made for plan9/mips", change(func(s *CodeBundle) { s.Platform = "plan9/mips" })},
		{"another processor", "processor with [AVX1024]", change(func(s *CodeBundle) { s.Processor = []string{"AVX1024"} })},
		{"a missing manifest", "no such file", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "MANIFEST")) }},
		{"an invalid manifest", "invalid character", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "MANIFEST"), []byte("ELF")) }},
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
		{"an additional file", "not in the manifest", func(t *testing.T, dir string) { write(t, code(t, dir)+"0", []byte("?")) }},
	} {
		t.Run(c.name, func(t *testing.T) { testUnusable(t, c.reason, c.damage) })
	}
}

func testUnusable(t *testing.T, reason string, damage func(*testing.T, string)) {
	t.Helper()
	dir := makeBundle(t)
	damage(t, dir)
	warm, log := startWith(t, Config{BundleDir: dir, CacheDir: filepath.Join(t.TempDir(), "cache"), Program: runningProgram})
	if warm || !strings.Contains(log, reason) || !strings.Contains(log, "warm --into") {
		t.Errorf("warm %v, log %s; want the reason %q", warm, log, reason)
	}
}

func TestBundleWithoutGuest(t *testing.T) {
	dir := makeBundle(t)
	cfg := Config{BundleDir: dir, Program: runningProgram, Guest: bareGuest("other", testGuest)}
	if warm, log := start(t, cfg); warm || log != "" {
		t.Errorf("warm %v, log %s", warm, log)
	}
	if err := WriteBundle(t.TempDir(), "v1", Program{}); err == nil {
		t.Error("WriteBundle accepted a program without a digest")
	}
}

// TestBundleWithWrongContent changes files and the manifest together, so that the digests are right
// but the engine cannot use the files. It must start without them.
func TestBundleWithWrongContent(t *testing.T) {
	dir := makeBundle(t)
	path := oneOf(t, filepath.Join(dir, "test-*", "rewritten-*"))
	write(t, path, []byte("not a guest"))
	s, err := ReadBundle(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name := range s.Files { // files of compiled code become empty
		if !strings.Contains(name, "rewritten-") {
			write(t, filepath.Join(dir, filepath.FromSlash(name)), nil)
		}
		if s.Files[name], err = osfile.DigestFile(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
	text, _ := json.Marshal(s)
	write(t, filepath.Join(dir, "MANIFEST"), text)
	if warm, log := startWith(t, Config{BundleDir: dir, Program: runningProgram}); warm || !strings.Contains(log, "warm --into") {
		t.Errorf("warm %v, log %s", warm, log)
	}
}

// oneOf returns the largest file that matches the pattern. Of compiled code, that is the code of
// the guest, and not that of the stage.
func oneOf(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no file matches %s, error %v", pattern, err)
	}
	size := func(file string) int64 {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	return slices.MaxFunc(files, func(a, b string) int { return cmp.Compare(size(a), size(b)) })
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
