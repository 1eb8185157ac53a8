package wheel

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
)

// checkRecord compares every file with the digest that RECORD has for it (PEP 376). A file that is not recorded is refused.
func checkRecord(files map[string][]byte, info string) error {
	rows, err := csv.NewReader(bytes.NewReader(files[info+"/RECORD"])).ReadAll()
	if err != nil {
		return fmt.Errorf("RECORD: %w", err)
	}
	recorded := map[string]string{}
	for _, row := range rows {
		if len(row) == 3 {
			recorded[row[0]] = row[1]
		}
	}
	var errs []error
	for name, b := range files {
		if name == info+"/RECORD" || strings.HasPrefix(name, info+"/RECORD.") {
			continue
		}
		sum := sha256.Sum256(b)
		if want := recorded[name]; want != "sha256="+base64.RawURLEncoding.EncodeToString(sum[:]) {
			errs = append(errs, fmt.Errorf("%s is not what RECORD says (%q)", name, want))
		}
	}
	return errors.Join(errs...)
}

// native are the endings of compiled code.
var native = []string{".so", ".pyd", ".dll", ".dylib", ".a", ".exe"}

// take turns the files into resources.
func (w *Wheel) take(files map[string][]byte, info string) error {
	for name, b := range files {
		ending := path.Ext(name)
		switch {
		case slices.Contains(native, ending):
			return fmt.Errorf("it has native code (%s): only pure-Python wheels can be added", name)
		case name == info+"/METADATA", name == info+"/entry_points.txt":
			w.Resources["f:/lib/"+name] = b // for importlib.metadata
		case strings.HasPrefix(name, info+"/"), strings.Contains(strings.SplitN(name, "/", 2)[0], ".data"):
			continue // descriptions, scripts, headers
		case ending == ".py":
			if err := w.module(name, b); err != nil {
				return err
			}
		default:
			w.Resources["f:/lib/"+name] = b
		}
	}
	if len(w.Modules) == 0 {
		return errors.New("it has no module")
	}
	slices.Sort(w.Modules)
	w.Modules = slices.Compact(w.Modules)
	return nil
}

// module adds a source file. Its folders become packages, also those without __init__.py.
func (w *Wheel) module(name string, source []byte) error {
	parts := strings.Split(strings.TrimSuffix(name, ".py"), "/")
	kind := "m"
	if last := len(parts) - 1; parts[last] == "__init__" && last > 0 {
		parts, kind = parts[:last], "p"
	}
	for i, part := range parts {
		if !identifier(part) {
			return nil // scripts and templates beside the package: no import statement can name them
		}
		if parent := "m:" + strings.Join(parts[:i], "."); i > 0 && w.Resources[parent] == nil {
			w.Resources[parent] = []byte("p")
		}
	}
	w.Resources["m:"+strings.Join(parts, ".")] = append([]byte(kind), source...)
	w.Modules = append(w.Modules, parts[0])
	return nil
}

func identifier(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}

// Add merges wheels into a guest's resources. A module that the guest has already, or that two wheels bring, is refused: nobody shall
// replace the libraries that come with the guest.
func Add(resources map[string][]byte, wheels []Wheel) error {
	owner := map[string]string{}
	for name := range resources {
		if module, ok := strings.CutPrefix(name, "m:"); ok && !strings.Contains(module, ".") {
			owner[module] = "the guest"
		}
	}
	var errs []error
	var distributions strings.Builder // for the guest: "name folder" lines
	for _, w := range wheels {
		fmt.Fprintf(&distributions, "%s %s\n", strings.ReplaceAll(w.Name, " ", "-"), w.folder)
		for _, module := range w.Modules {
			if has, taken := owner[module]; taken {
				errs = append(errs, fmt.Errorf("%s brings the module %s, which %s has already", w.File, module, has))
			}
			owner[module] = w.File
		}
		for name, b := range w.Resources {
			resources[name] = b
		}
	}
	resources["distributions"] = []byte(distributions.String())
	return errors.Join(errs...)
}
