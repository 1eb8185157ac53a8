package guest

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// TestImageIsReproducible boots the core guest twice, with the code that all tests share. The
// images have the same bytes, so that a release can be built again. The digest of the program is
// another one in each start, because a start uses the image of the same program.
func TestImageIsReproducible(t *testing.T) {
	harness.Core(t) // compiles the guest if necessary
	core, err := assets.Core()
	if err != nil {
		t.Fatal(err)
	}
	guest := runtime.Guest(core)
	dir, folder := t.TempDir(), runtime.CodeFolder(guest)
	if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS(filepath.Join(testenv.CacheDir(), folder))); err != nil {
		t.Fatal(err)
	}
	boot := func(digit string) []byte {
		program := func() runtime.Program { return runtime.Program{Digest: strings.Repeat(digit, 64)} }
		e, err := runtime.New(t.Context(), runtime.Config{Guest: guest, CacheDir: dir, Program: program})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(dir, folder, "image-*"))
		if err != nil || len(files) != 1 {
			t.Fatalf("images %v, error %v; want one", files, err)
		}
		image, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		return image
	}
	if first, second := boot("a"), boot("b"); !bytes.Equal(first, second) {
		t.Errorf("two boots gave images of %d and %d bytes that differ", len(first), len(second))
	}
}
