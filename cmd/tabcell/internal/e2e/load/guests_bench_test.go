package load

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/assets"
)

// BenchmarkGuests prints a table of the guests' sizes and starts (task bench:guests). Each guest is
// compiled in an empty cache and then started from it. The private memory is that of this process
// with the started engine, less that without it.
func BenchmarkGuests(b *testing.B) {
	for b.Loop() {
		fmt.Println("| guest | wasm: raw, compressed MB | library: raw, compressed MB | compiled code MB | image MB | " +
			"first answer, compiling s | first answer, compiled ms | private memory MB |\n|---|--:|--:|--:|--:|--:|--:|--:|")
		benchGuest(b, "core", assets.Core)
		benchGuest(b, "full", assets.Full)
	}
}

func benchGuest(b *testing.B, name string, load func() (assets.Guest, error)) {
	dir := b.TempDir()
	cold, e := timedStart(b, load, dir)
	if err := e.Close(); err != nil {
		b.Fatal(err)
	}
	before := privateMemory()
	warm, e := timedStart(b, load, dir)
	memory := (privateMemory() - before) * 1.048576
	if err := e.Close(); err != nil {
		b.Fatal(err)
	}
	for _, g := range assets.Manifest().Guests {
		if g.Name == name {
			code, image := cachedSizes(b, dir)
			fmt.Printf("| %s | %.1f, %.1f | %.1f, %.1f | %.0f | %.0f | %.1f | %d | %.0f |\n", name,
				megabytes(g.Wasm.RawSize), megabytes(g.Wasm.Size), megabytes(g.Resources.RawSize), megabytes(g.Resources.Size),
				megabytes(code), megabytes(image), cold.Seconds(), warm.Milliseconds(), memory)
		}
	}
}

// cachedSizes returns the sizes in bytes of the compiled code and of the image in a cache folder.
func cachedSizes(b *testing.B, dir string) (code, image int) {
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		switch {
		case err != nil:
		case strings.HasPrefix(filepath.Base(path), "image-"):
			image += int(info.Size())
		case strings.HasPrefix(filepath.Base(filepath.Dir(path)), "wazero-"):
			code += int(info.Size())
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return code, image
}
