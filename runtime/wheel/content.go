package wheel

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"
)

// isNative reports whether a file is compiled code that Python would load. Programs, such as the
// launchers for Windows in setuptools, are only data here.
func isNative(name string) bool {
	return slices.Contains([]string{".so", ".pyd", ".dll", ".dylib"}, path.Ext(name)) || strings.Contains(path.Base(name), ".so.")
}

// installed returns the path that an installer gives to a file of a wheel, or "" if it is not part
// of the library: scripts, headers, and data for other folders.
func installed(name string) string {
	top, rest, inFolder := strings.Cut(name, "/")
	if !inFolder || !strings.HasSuffix(top, ".data") {
		return name
	}
	kind, file, _ := strings.Cut(rest, "/")
	if kind == "purelib" || kind == "platlib" {
		return file
	}
	return ""
}

// topLevel returns the names under which the files of a wheel can be imported, sorted.
func topLevel(files map[string][]byte) []string {
	found := map[string]bool{}
	for name := range files {
		name = installed(name)
		extension := path.Ext(name)
		module := strings.TrimSuffix(name, extension)
		if extension == ".py" && isImportable(strings.TrimSuffix(module, "/__init__")) {
			top, _, _ := strings.Cut(module, "/")
			found[top] = true
		}
		if isNative(name) { // thing/_native.cpython-313-x86_64-linux-gnu.so
			top, _, _ := strings.Cut(strings.SplitN(name, ".", 2)[0], "/")
			found[top] = isIdentifier(top)
		}
	}
	maps.DeleteFunc(found, func(_ string, ok bool) bool { return !ok })
	return slices.Sorted(maps.Keys(found))
}

// isImportable reports whether an import statement can name the module of a path.
func isImportable(module string) bool {
	return !slices.ContainsFunc(strings.Split(module, "/"), func(part string) bool { return !isIdentifier(part) })
}

// addResources adds the files to the resources. It returns an error if one contains native code.
func (w *Wheel) addResources(files map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file := installed(name)
		if isNative(file) {
			return fmt.Errorf("it contains compiled code (%s); %w", name, errNative)
		}
		module, isSource := strings.CutSuffix(file, ".py")
		module, isPackage := strings.CutSuffix(module, "/__init__")
		switch {
		case file == "":
			continue
		case isSource && isImportable(module):
			w.addModule(strings.ReplaceAll(module, "/", "."), isPackage, files[name])
		default:
			w.Resources["f:/lib/"+file] = files[name]
		}
	}
	if len(w.Modules) == 0 {
		return errors.New("it contains no module")
	}
	return nil
}

// addModule adds a source file. Its folders become packages, even without __init__.py.
func (w *Wheel) addModule(module string, isPackage bool, source []byte) {
	kind := byte('m')
	if isPackage {
		kind = 'p'
	}
	w.Resources["m:"+module] = append([]byte{kind}, source...)
	for i, c := range module {
		if parent := "m:" + module[:i]; c == '.' && w.Resources[parent] == nil {
			w.Resources[parent] = namespace
		}
	}
}

// namespace is the resource of a package without __init__.py. Its identity distinguishes it from
// an empty __init__.py.
var namespace = []byte("p")

func isNamespace(b []byte) bool { return len(b) == 1 && &b[0] == &namespace[0] }

// byMistake lists top-level modules that wheels often contain by mistake.
var byMistake = []string{"benchmarks", "conftest", "doc", "docs", "example", "examples", "scripts", "setup", "test", "tests"}

// Imports returns the modules whose import shows that the wheel works: the top-level modules, or,
// in place of a namespace package, the modules that the wheel adds to it. Tests and examples are
// left out if there are other modules.
func (w Wheel) Imports() []string {
	var names []string
	for name, b := range w.Resources {
		module, ok := strings.CutPrefix(name, "m:")
		if ok && !isNamespace(b) && w.inNamespace(module) {
			names = append(names, module)
		}
	}
	isMistake := func(name string) bool { return slices.Contains(byMistake, name) }
	if useful := slices.DeleteFunc(slices.Clone(names), isMistake); len(useful) > 0 {
		names = useful
	}
	slices.Sort(names)
	return names
}

// inNamespace reports whether all packages above a module are namespace packages.
func (w Wheel) inNamespace(module string) bool {
	for i, c := range module {
		if c == '.' && !isNamespace(w.Resources["m:"+module[:i]]) {
			return false
		}
	}
	return true
}

// omit removes a top-level module from the wheel.
func (w *Wheel) omit(module string) {
	w.Modules = slices.DeleteFunc(slices.Clone(w.Modules), func(m string) bool { return m == module })
	maps.DeleteFunc(w.Resources, func(name string, _ []byte) bool {
		return name == "m:"+module || strings.HasPrefix(name, "m:"+module+".") || strings.HasPrefix(name, "f:/lib/"+module+"/")
	})
}

func isIdentifier(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}
