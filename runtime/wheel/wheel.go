// Package wheel reads pure-Python wheels as resources of a guest. Administrators add wheels to
// extend the modules that scripts can import. The package runs no code; the guest compiles the
// sources when it starts.
//
// Vocabulary:
//   - wheel: a zip file according to PEP 427, whose name ends in .whl.
//   - distribution: the content of a wheel: a name, a version, and modules.
//   - record: the list of the files in a wheel, with their digests.
//   - top-level module: the first part of the name in an import statement.
//   - namespace package: a folder of modules without __init__.py, to which several wheels may add.
//   - library: the modules and distributions of the guests.
//   - resource: see runtime.Guest.
package wheel

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"tabcell/runtime/osfile"
	"tabcell/runtime/wheel/requirement"
)

// The limits of one wheel, far above the size of pure-Python packages.
const (
	maxBytes = 256 << 20 // unpacked
	maxFiles = 20_000
)

// Wheel is a package in the form of a guest's resources.
type Wheel struct {
	File    string   // file name without the folder
	Name    string   // of the distribution
	Version string   // of the distribution
	Licence string   // as METADATA has it, or ""
	Sha256  string   // of the file, in hexadecimal
	Modules []string // top-level modules, sorted
	// Resources has sources under "m:dotted.name", as "p" (package) or "m" (module) followed by
	// the text, and data files under "f:/lib/path".
	Resources map[string][]byte

	infoDir string // folder with the metadata, such as "thing-1.2.dist-info"
	meta    metadata
	version requirement.Version
}

// errNative is part of the errors about wheels with compiled code.
var errNative = errors.New("a cell runs only pure Python")

// Read reads one wheel for a version of Python, such as 3.13.15. It returns an error if the wheel
// is malformed, contains native code, does not fit the version, or exceeds a limit. The result has
// then the parts that could be read.
func Read(file, python string) (Wheel, error) {
	w := Wheel{File: filepath.Base(file), Resources: map[string][]byte{}}
	w.Name, w.Version = fileNameParts(w.File)
	raw, err := os.ReadFile(file)
	if err != nil {
		return w, err
	}
	w.Sha256 = osfile.Digest(raw)
	files, err := unzip(raw)
	if err != nil {
		return w, err
	}
	w.Modules = topLevel(files)
	if w.infoDir, err = findInfoDir(files); err != nil {
		return w, err
	}
	if err := w.readMetadata(files, python); err != nil {
		return w, err
	}
	if err := checkRecord(files, w.infoDir); err != nil {
		return w, err
	}
	return w, w.addResources(files)
}

// fileNameParts returns the name and the version in the file name of a wheel or of another
// archive.
func fileNameParts(file string) (name, version string) {
	if stem, isWheel := strings.CutSuffix(file, ".whl"); isWheel {
		name, rest, _ := strings.Cut(stem, "-")
		version, _, _ = strings.Cut(rest, "-")
		return name, version
	}
	for _, suffix := range notWheels {
		file = strings.TrimSuffix(file, suffix)
	}
	if i := strings.LastIndexByte(file, '-'); i >= 0 {
		return file[:i], file[i+1:]
	}
	return file, ""
}

// unzip returns the content of all files by name. It returns an error if the wheel exceeds a
// limit.
func unzip(raw []byte) (map[string][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("not a wheel: %w; copy the file again", err)
	}
	if len(z.File) > maxFiles {
		return nil, fmt.Errorf("the wheel has %d files, the limit is %d", len(z.File), maxFiles)
	}
	files, left := map[string][]byte{}, int64(maxBytes)
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if !isLocal(f.Name) {
			return nil, fmt.Errorf("the file name %q leads out of the wheel", f.Name)
		}
		b, err := readFile(f, left)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		left -= int64(len(b))
		files[f.Name] = b
	}
	return files, nil
}

// isLocal reports whether a file name stays inside the folder into which the wheel is unpacked.
func isLocal(name string) bool {
	return name == path.Clean(name) && !path.IsAbs(name) && !strings.HasPrefix(name, "..") && !strings.ContainsAny(name, "\\\x00:")
}

func readFile(f *zip.File, limit int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("the wheel has more than %d bytes unpacked, which is the limit", maxBytes)
	}
	return b, err
}

// findInfoDir returns the name of the .dist-info folder, of which there must be exactly one.
func findInfoDir(files map[string][]byte) (string, error) {
	var dirs []string
	for name := range files {
		if dir, rest, ok := strings.Cut(name, "/"); ok && rest == "METADATA" && strings.HasSuffix(dir, ".dist-info") {
			dirs = append(dirs, dir)
		}
	}
	if len(dirs) != 1 {
		return "", fmt.Errorf("not a wheel: %d .dist-info folders with METADATA, want one", len(dirs))
	}
	return dirs[0], nil
}
