package codecache

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	goruntime "runtime"
	"slices"

	"github.com/rs/zerolog"
	"github.com/tetratelabs/wazero"
	"golang.org/x/sys/cpu"
)

// Compiled code can be made ahead and shipped beside the program: a folder like the cache's, sealed by a manifest, and never written to. It is
// used where it lies, and not copied into the cache: nothing is there twice, and a host without a folder to write to can use it, too.

// manifestName is the file that says what a shipped folder is.
const manifestName = "MANIFEST"

// CodeBundle is what a folder of compiled code says about itself. It is used by the very program that made it, on processors of that kind.
type CodeBundle struct {
	Version   string            `json:"tabcell"`   // of the program, for people
	Program   string            `json:"program"`   // Program.Digest
	Platform  string            `json:"platform"`  // such as linux/amd64
	Processor []string          `json:"processor"` // what the compiler looks for, as far as the processor has it
	Guests    map[string]string `json:"guests"`    // names and the folders of what was made of them, which bear digests
	Files     map[string]string `json:"files"`     // path below the folder -> sha256
}

// processor lists the features by which wazero chooses instructions, and by which it keeps compiled code apart.
func processor() []string {
	has := []string{}
	for _, f := range []struct {
		there bool
		name  string
	}{
		{cpu.X86.HasSSE41, "SSE4.1"}, {cpu.X86.HasBMI1, "BMI1"}, {cpu.X86.HasBMI2, "BMI2"}, {cpu.X86.HasPOPCNT, "POPCNT"}, {cpu.ARM64.HasATOMICS, "ATOMICS"},
	} {
		if f.there {
			has = append(has, f.name)
		}
	}
	return has
}

func platform() string { return goruntime.GOOS + "/" + goruntime.GOARCH }

// WriteBundle makes the cache folder dir, in which guests were started by this program, one to be shipped: readable for everybody, with a manifest.
func WriteBundle(dir, version string, program Program) error {
	if program.Digest == "" {
		return errors.New("runtime: this program cannot read its own file, so that nothing could be made for it")
	}
	s := CodeBundle{Version: version, Program: program.Digest, Platform: platform(), Processor: processor(), Guests: map[string]string{}}
	seals, err := filepath.Glob(filepath.Join(dir, "*", sealName))
	if err != nil {
		return err
	}
	for _, seal := range seals {
		folder := filepath.Base(filepath.Dir(seal))
		s.Guests[guestOf(folder)] = folder
		if err := os.Remove(seal); err != nil {
			return err
		}
		_ = os.Remove(filepath.Join(dir, folder, lockName)) // there is none where locking is none
	}
	c := codeCache{dir: dir}
	files, err := c.files()
	if err != nil {
		return err
	}
	s.Files = c.digests(files)
	text, _ := json.MarshalIndent(s, "", "  ") // texts: nothing in it can fail
	if err := replaceFile(filepath.Join(dir, manifestName), append(text, '\n')); err != nil {
		return err
	}
	return openToAll(dir)
}

// guestOf is the name in a folder's name.
func guestOf(folder string) string {
	return folder[:max(0, len(folder)-1-hex.EncodedLen(16))]
}

func openToAll(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return os.Chmod(path, 0o755)
		}
		return os.Chmod(path, 0o644)
	})
}

// ReadBundle reads a shipped folder's manifest. fs.ErrNotExist: it has none.
func ReadBundle(dir string) (s CodeBundle, err error) {
	raw, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err == nil {
		err = json.Unmarshal(raw, &s)
	}
	return s, err
}

// CheckBundle tells why a shipped folder would not be used by a program. It believes the manifest: files are proven when a guest starts.
func CheckBundle(dir string, program Program) error {
	_, err := shipmentFor(dir, program)
	return err
}

func shipmentFor(dir string, program Program) (CodeBundle, error) {
	if err := checkOwned(dir, ownerOf(program.Path)); err != nil {
		return CodeBundle{}, err
	}
	s, err := ReadBundle(dir)
	if err == nil {
		err = s.fits(program)
	}
	return s, err
}

// openShipped opens the folder of a guest in a shipped folder, every file of which is proven before anything looks at it. nil without an error:
// nothing was shipped for this guest. An error says why what was shipped is not used.
func openShipped(dir, folder string, read func() Program) (*codeCache, error) {
	if dir == "" {
		return nil, nil
	}
	program := read()
	s, err := shipmentFor(dir, program)
	if err != nil || !slices.Contains(slices.Collect(maps.Values(s.Guests)), folder) {
		return nil, err
	}
	c := &codeCache{dir: filepath.Join(dir, folder), known: s.below(folder), shipped: true}
	if err := c.prove(ownerOf(program.Path)); err != nil {
		return nil, err
	}
	c.cache, err = wazero.NewCompilationCacheWithDir(c.dir)
	return c, err
}

// fits tells why a shipment is not for this program on this machine.
func (s CodeBundle) fits(program Program) error {
	switch {
	case program.Digest == "":
		return errors.New("the program that runs cannot read its own file, so nothing tells whether it was made by it")
	case s.Program != program.Digest:
		return fmt.Errorf("it was made by another build (%s) than the one that runs", s.Version)
	case s.Platform != platform():
		return fmt.Errorf("it was made for %s, this is %s", s.Platform, platform())
	case !slices.Equal(s.Processor, processor()):
		return fmt.Errorf("it was made for a processor with %v, this one has %v", s.Processor, processor())
	}
	return nil
}

// below are the digests of one folder's files.
func (s CodeBundle) below(folder string) map[string]string {
	known := map[string]string{}
	for path, digest := range s.Files {
		if rest, err := filepath.Rel(folder, filepath.FromSlash(path)); err == nil && filepath.IsLocal(rest) {
			known[filepath.ToSlash(rest)] = digest
		}
	}
	return known
}

// prove compares what is there with what should be: the same files, with the same digests, out of reach of others.
func (c *codeCache) prove(owner int) error {
	err := filepath.WalkDir(c.dir, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, checkOwned(path, owner))
	})
	if err != nil {
		return err
	}
	files, err := c.files()
	if err != nil {
		return err
	}
	digests := c.digests(files)
	for name, want := range c.known {
		if digests[name] != want {
			return fmt.Errorf("its file %s is missing or damaged: its digest is not the manifest's", c.path(name))
		}
	}
	if len(digests) != len(c.known) {
		return fmt.Errorf("there are files in %s that its manifest does not name", c.dir)
	}
	return nil
}

// openCode opens what was shipped for a guest if it can be used, and otherwise the cache.
func openCode(ctx context.Context, cfg Config) (*codeCache, error) {
	folder := cfg.Key.Folder()
	c, err := openShipped(cfg.BundleDir, folder, cfg.program)
	if err != nil {
		NotUsed(ctx, cfg, err)
	} else if c != nil {
		return c, nil
	}
	return openCache(ctx, cfg.CacheDir, folder)
}

// notUsed warns: a start that takes long, although code was shipped, needs an explanation.
func NotUsed(ctx context.Context, cfg Config, why error) {
	zerolog.Ctx(ctx).Warn().Err(why).Str("folder", cfg.BundleDir).Str("guest", cfg.Key.Guest).
		Msg("the compiled code beside the program is not used: make it anew with `tabcell warm --into`, or remove it")
}
