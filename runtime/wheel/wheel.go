// Package wheel reads pure-Python wheels as resources of a guest. Administrators add wheels to
// extend the modules that scripts can import. The package runs no code; the guest compiles the
// sources when it starts.
//
// Vocabulary:
//   - wheel: a zip file according to PEP 427, whose name ends in .whl.
//   - record: the list of the files in a wheel, with their digests.
//   - top-level module: the first part of the name in an import statement.
//   - resource: see runtime.Guest.
package wheel

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"tabcell/runtime/osfile"
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
	Sha256  string   // of the file, in hexadecimal
	Modules []string // top-level modules, sorted
	// Resources has sources under "m:dotted.name", as "p" (package) or "m" (module) followed by the
	// text, and data files under "f:/lib/path".
	Resources map[string][]byte

	infoDir string // folder with the metadata, such as "thing-1.2.dist-info"
}

// errNative is part of the errors about wheels with compiled code.
var errNative = errors.New("use a pure-Python wheel")

// ReadFolder reads all wheels in a folder, in the order of their names. builtIn has the names of
// the distributions that guests have: their wheels with compiled code are skipped, because pip
// downloads them as dependencies of others, and skipped has a note about each. If some wheels
// cannot be read, ReadFolder returns the others, and an error for each file that failed.
func ReadFolder(dir string, builtIn []string) (wheels []Wheel, skipped []string, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.whl"))
	if err != nil {
		return nil, nil, err
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, nil, err
	}
	var errs []error
	for _, name := range names {
		w, err := Read(name)
		file := filepath.Base(name)
		distribution, _, _ := strings.Cut(file, "-")
		switch {
		case err == nil:
			wheels = append(wheels, w)
		case errors.Is(err, errNative) && slices.ContainsFunc(builtIn, func(n string) bool { return normalized(n) == normalized(distribution) }):
			skipped = append(skipped, fmt.Sprintf("%s is not used: tabcell contains %s", file, distribution))
		default:
			errs = append(errs, fmt.Errorf("%s: %w", file, err))
		}
	}
	return wheels, skipped, errors.Join(errs...)
}

// normalized returns the name of a distribution in the form in which equal names are equal texts
// (PEP 503).
func normalized(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(name))
}

// Read reads one wheel. It returns an error if the wheel is malformed, contains native code, or
// exceeds a limit.
func Read(file string) (Wheel, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return Wheel{}, err
	}
	w := Wheel{File: filepath.Base(file), Sha256: osfile.Digest(raw), Resources: map[string][]byte{}}
	files, err := unzip(raw)
	if err != nil {
		return Wheel{}, err
	}
	if w.infoDir, err = findInfoDir(files); err != nil {
		return Wheel{}, err
	}
	if err := errors.Join(w.readMetadata(files), checkRecord(files, w.infoDir)); err != nil {
		return Wheel{}, err
	}
	return w, w.addResources(files)
}

// unzip returns the content of all files by name. It returns an error if the wheel exceeds a limit.
func unzip(raw []byte) (map[string][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("not a wheel: %w", err)
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

// readMetadata reads the name and the version. It returns an error if the wheel is not pure Python.
func (w *Wheel) readMetadata(files map[string][]byte) error {
	meta := headers(files[w.infoDir+"/METADATA"])
	w.Name, w.Version = first(meta["Name"]), first(meta["Version"])
	if w.Name == "" || w.Version == "" || strings.ContainsAny(w.infoDir, " \n") {
		return errors.New("METADATA has no name or no version, or the name of its folder contains white space")
	}
	tags := headers(files[w.infoDir+"/WHEEL"])
	if pure := first(tags["Root-Is-Purelib"]); !strings.EqualFold(pure, "true") {
		return fmt.Errorf("it contains native code (Root-Is-Purelib: %s); %w", pure, errNative)
	}
	if !slices.ContainsFunc(tags["Tag"], func(t string) bool { return strings.HasSuffix(t, "-none-any") && strings.Contains(t, "py3") }) {
		return fmt.Errorf("its tags (%s) are not those of a pure-Python wheel for Python 3 (py3-none-any)", strings.Join(tags["Tag"], ", "))
	}
	return nil
}

// headers returns the values of the "Name: value" lines up to the first empty line.
func headers(b []byte) map[string][]string {
	values := map[string][]string{}
	for scan := bufio.NewScanner(bytes.NewReader(b)); scan.Scan() && scan.Text() != ""; {
		if name, value, ok := strings.Cut(scan.Text(), ":"); ok {
			values[name] = append(values[name], strings.TrimSpace(value))
		}
	}
	return values
}

// first returns the first value, or "" if there is none.
func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
