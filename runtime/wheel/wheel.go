// Package wheel reads pure-Python wheels, which administrators add to what scripts can import, into resources of a guest. It runs nothing: the
// guest compiles the sources when it starts.
//
// Vocabulary: wheel (a zip file by PEP 427 whose name ends in .whl), record (the wheel's own list of its files with their digests), top-level
// module (what an import statement names first), resource (see runtime.Guest).
package wheel

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Bounds of one wheel, far above what pure-Python packages have.
const (
	mostBytes = 256 << 20 // unpacked
	mostFiles = 20_000
)

// Wheel is a package as a guest can have it.
type Wheel struct {
	File      string            // name in the folder
	Name      string            // of the distribution
	Version   string            //
	Sha256    string            // of the file, hexadecimal
	Modules   []string          // top-level modules, sorted
	folder    string            // of its description, such as "thing-1.2.dist-info"
	Resources map[string][]byte // b"p" or b"m" and source text under "m:dotted.name", data files under "f:/lib/path"
}

// ReadFolder reads all wheels of a folder, in the order of their names. Every problem is reported, each with the file it is in.
func ReadFolder(dir string) ([]Wheel, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.whl"))
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	var wheels []Wheel
	var errs []error
	for _, name := range names {
		w, err := Read(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", filepath.Base(name), err))
			continue
		}
		wheels = append(wheels, w)
	}
	return wheels, errors.Join(errs...)
}

// Read reads one wheel.
func Read(file string) (Wheel, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return Wheel{}, err
	}
	sum := sha256.Sum256(raw)
	w := Wheel{File: filepath.Base(file), Sha256: hex.EncodeToString(sum[:]), Resources: map[string][]byte{}}
	files, err := unzip(raw)
	if err != nil {
		return Wheel{}, err
	}
	info, err := infoFolder(files)
	if err != nil {
		return Wheel{}, err
	}
	w.folder = info
	if err := errors.Join(w.identify(files, info), checkRecord(files, info)); err != nil {
		return Wheel{}, err
	}
	return w, w.take(files, info)
}

// unzip reads all files, within the bounds.
func unzip(raw []byte) (map[string][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("not a wheel: %w", err)
	}
	if len(z.File) > mostFiles {
		return nil, fmt.Errorf("%d files, at most %d are allowed", len(z.File), mostFiles)
	}
	files, left := map[string][]byte{}, int64(mostBytes)
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if !inside(f.Name) {
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

func inside(name string) bool {
	return name == path.Clean(name) && !path.IsAbs(name) && !strings.HasPrefix(name, "..") && !strings.ContainsAny(name, "\\\x00:")
}

func readFile(f *zip.File, most int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("the wheel has more than %d bytes unpacked", mostBytes)
	}
	return b, err
}

// infoFolder is the one folder that describes the distribution.
func infoFolder(files map[string][]byte) (string, error) {
	var found []string
	for name := range files {
		if dir, rest, ok := strings.Cut(name, "/"); ok && rest == "METADATA" && strings.HasSuffix(dir, ".dist-info") {
			found = append(found, dir)
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("not a wheel: %d .dist-info folders with METADATA, want one", len(found))
	}
	return found[0], nil
}

// identify reads name and version, and refuses what is not pure Python.
func (w *Wheel) identify(files map[string][]byte, info string) error {
	meta := headers(files[info+"/METADATA"])
	w.Name, w.Version = first(meta["Name"]), first(meta["Version"])
	if w.Name == "" || w.Version == "" || strings.ContainsAny(info, " \n") {
		return errors.New("METADATA has no name or no version, or its folder has white space")
	}
	tags := headers(files[info+"/WHEEL"])
	if pure := first(tags["Root-Is-Purelib"]); !strings.EqualFold(pure, "true") {
		return fmt.Errorf("it has native code (Root-Is-Purelib: %s): only pure-Python wheels can be added", pure)
	}
	if !slices.ContainsFunc(tags["Tag"], func(t string) bool { return strings.HasSuffix(t, "-none-any") && strings.Contains(t, "py3") }) {
		return fmt.Errorf("its tags (%s) are not those of a pure-Python wheel for Python 3 (py3-none-any)", strings.Join(tags["Tag"], ", "))
	}
	return nil
}

// headers reads "Name: value" lines up to the first empty one.
func headers(b []byte) map[string][]string {
	found := map[string][]string{}
	for scan := bufio.NewScanner(bytes.NewReader(b)); scan.Scan() && scan.Text() != ""; {
		if name, value, ok := strings.Cut(scan.Text(), ":"); ok {
			found[name] = append(found[name], strings.TrimSpace(value))
		}
	}
	return found
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}
