package codecache

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	goruntime "runtime"
	"slices"

	"golang.org/x/sys/cpu"
)

// manifestName is the file that makes a folder a code bundle.
const manifestName = "MANIFEST"

// CodeBundle is the manifest of a code bundle. Only the program that made the bundle can use it, on
// processors with the same features.
type CodeBundle struct {
	Version   string            `json:"tabcell"`   // of the program, for messages
	Program   string            `json:"program"`   // Program.Digest
	Engine    string            `json:"engine"`    // Key.Engine
	Platform  string            `json:"platform"`  // such as linux/amd64
	Processor []string          `json:"processor"` // the features that the compiler uses
	Guests    map[string]string `json:"guests"`    // name -> folder
	Files     map[string]string `json:"files"`     // path below the bundle -> SHA-256
	Blocks    map[string]string `json:"blocks"`    // path of compiled code -> digest by blocks
}

// processor lists the features of this processor that the engine's choice of instructions depends on,
// and by which wazero separates compiled code.
func processor() []string {
	features := []string{}
	for _, f := range []struct {
		present bool
		name    string
	}{
		{cpu.X86.HasSSE41, "SSE4.1"}, {cpu.X86.HasBMI1, "BMI1"}, {cpu.X86.HasBMI2, "BMI2"},
		{cpu.X86.HasPOPCNT, "POPCNT"}, {cpu.X86.HasAVX, "AVX"}, {cpu.ARM64.HasATOMICS, "ATOMICS"},
	} {
		if f.present {
			features = append(features, f.name)
		}
	}
	return features
}

func platform() string { return goruntime.GOOS + "/" + goruntime.GOARCH }

// WriteBundle turns dir, a cache folder in which this program has started guests with an engine
// (Key.Engine), into a code bundle: it writes the manifest and makes all files readable for all
// users.
func WriteBundle(dir, version string, program Program, engine string) error {
	if program.Digest == "" {
		return errors.New("a code bundle cannot be made, because the program cannot read its own file")
	}
	guests, err := takeGuests(dir)
	if err != nil {
		return err
	}
	c := Cache{dir: dir}
	files, err := c.files()
	if err != nil {
		return err
	}
	digests, blocks, err := c.allDigests(files)
	if err != nil {
		return err
	}
	b := CodeBundle{
		Version: version, Program: program.Digest, Engine: engine, Platform: platform(), Processor: processor(),
		Guests: guests, Files: digests, Blocks: blocks,
	}
	text, _ := json.MarshalIndent(b, "", "  ") // strings always marshal
	if err := c.replace(manifestName, append(text, '\n')); err != nil {
		return err
	}
	return makeReadable(dir)
}

// takeGuests returns the guests of a cache folder and removes the files that a bundle does not
// have.
func takeGuests(dir string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", digestsName))
	if err != nil {
		return nil, err
	}
	guests := map[string]string{}
	for _, file := range files {
		folder := filepath.Base(filepath.Dir(file))
		guests[guestOf(folder)] = folder
		if err := os.Remove(file); err != nil {
			return nil, err
		}
		// Systems without file locks do not have this file.
		_ = os.Remove(filepath.Join(dir, folder, lockName))
	}
	return guests, nil
}

func makeReadable(dir string) error {
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

// ReadBundle reads the manifest of the code bundle in dir. Returns fs.ErrNotExist if there is none.
func ReadBundle(dir string) (b CodeBundle, err error) {
	raw, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err == nil {
		err = json.Unmarshal(raw, &b)
	}
	return b, err
}

// fits returns the reason why this program, with this engine, cannot use the bundle on this
// machine, or nil.
func (b CodeBundle) fits(program Program, engine string) error {
	switch {
	case b.Engine != engine:
		return fmt.Errorf("it was made with an engine that has %s, but that of this program has %s", patches(b.Engine), patches(engine))
	case program.Digest == "":
		return errors.New("the program cannot read its own file, so it cannot verify that it made the code")
	case b.Program != program.Digest:
		return fmt.Errorf("it was made by another build (%s) than the one that runs", b.Version)
	case b.Platform != platform():
		return fmt.Errorf("it was made for %s, but this is %s", b.Platform, platform())
	case !slices.Equal(b.Processor, processor()):
		return fmt.Errorf("it was made for a processor with %v, but this one has %v", b.Processor, processor())
	}
	return nil
}

// patches describes the patches on an engine.
func patches(engine string) string {
	if engine == "" {
		return "no patches"
	}
	return fmt.Sprintf("the patches %.12s", engine)
}

// filesIn returns the part of b.Files or b.Blocks for one folder of the bundle.
func filesIn(folder string, all map[string]string) map[string]string {
	digests := map[string]string{}
	for path, digest := range all {
		rest, err := filepath.Rel(folder, filepath.FromSlash(path))
		if err == nil && filepath.IsLocal(rest) {
			digests[filepath.ToSlash(rest)] = digest
		}
	}
	return digests
}
