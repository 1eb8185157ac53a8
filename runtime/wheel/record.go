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

// checkRecord compares the digest of every file with the one in RECORD (PEP 376). It returns an
// error if they differ, or if a file is not recorded.
func checkRecord(files map[string][]byte, infoDir string) error {
	rows, err := csv.NewReader(bytes.NewReader(files[infoDir+"/RECORD"])).ReadAll()
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
		if name == infoDir+"/RECORD" || strings.HasPrefix(name, infoDir+"/RECORD.") {
			continue // RECORD itself and its signatures
		}
		sum := sha256.Sum256(b)
		if want := recorded[name]; want != "sha256="+base64.RawURLEncoding.EncodeToString(sum[:]) {
			errs = append(errs, fmt.Errorf("the digest of %s is not the one in RECORD (%q)", name, want))
		}
	}
	return errors.Join(errs...)
}

// nativeExtensions are the file name extensions of compiled code.
var nativeExtensions = []string{".so", ".pyd", ".dll", ".dylib", ".a", ".exe"}

// addResources adds the files to the resources. It returns an error if one contains native code.
func (w *Wheel) addResources(files map[string][]byte) error {
	for name, b := range files {
		extension := path.Ext(name)
		switch {
		case slices.Contains(nativeExtensions, extension):
			return fmt.Errorf("it contains native code (%s); %w", name, errNative)
		case name == w.infoDir+"/METADATA", name == w.infoDir+"/entry_points.txt", name == w.infoDir+"/top_level.txt":
			w.Resources["f:/lib/"+name] = b // for importlib.metadata
		case strings.HasPrefix(name, w.infoDir+"/"), strings.Contains(strings.SplitN(name, "/", 2)[0], ".data"):
			continue // descriptions, scripts, headers
		case extension == ".py":
			w.addModule(name, b)
		default:
			w.Resources["f:/lib/"+name] = b
		}
	}
	if len(w.Modules) == 0 {
		return errors.New("it contains no module")
	}
	slices.Sort(w.Modules)
	w.Modules = slices.Compact(w.Modules)
	return nil
}

// addModule adds a source file. Its folders become packages, even without __init__.py.
func (w *Wheel) addModule(name string, source []byte) {
	parts := strings.Split(strings.TrimSuffix(name, ".py"), "/")
	kind := "m"
	if last := len(parts) - 1; parts[last] == "__init__" && last > 0 {
		parts, kind = parts[:last], "p"
	}
	for i, part := range parts {
		if !isIdentifier(part) {
			return // a script or a template, which no import statement can name
		}
		if parent := "m:" + strings.Join(parts[:i], "."); i > 0 && w.Resources[parent] == nil {
			w.Resources[parent] = []byte("p")
		}
	}
	w.Resources["m:"+strings.Join(parts, ".")] = append([]byte(kind), source...)
	w.Modules = append(w.Modules, parts[0])
}

func isIdentifier(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}

// Add adds wheels to a guest's resources, and returns those that it has added. A wheel must not
// replace the guest's own libraries: one with a top-level module that the guest has already, as has
// reports, is left out, and skipped has a note about it. Add returns an error if two wheels contain
// the same module.
func Add(resources map[string][]byte, has func(module string) bool, wheels []Wheel) (added []Wheel, skipped []string, err error) {
	for _, w := range wheels {
		repeated := slices.IndexFunc(w.Modules, has)
		if repeated >= 0 {
			skipped = append(skipped, fmt.Sprintf("%s is not used: the guest already has its module %s", w.File, w.Modules[repeated]))
			continue
		}
		added = append(added, w)
	}
	return added, skipped, add(resources, added)
}

func add(resources map[string][]byte, wheels []Wheel) error {
	owner := map[string]string{}
	var errs []error
	for _, w := range wheels {
		for _, module := range w.Modules {
			if other, taken := owner[module]; taken {
				errs = append(errs, fmt.Errorf("%s contains the module %s, which %s already has", w.File, module, other))
			}
			owner[module] = w.File
		}
		for name, b := range w.Resources {
			resources[name] = b
		}
	}
	return errors.Join(errs...)
}
