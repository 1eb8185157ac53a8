package settings

import (
	"errors"
	"strings"

	"tabcell/settings/ini"
	"tabcell/settings/pylog"

	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

// Sources is the input of Load. The zero value gives the defaults.
type Sources struct {
	File    string         // path of the configuration file, or ""
	Environ []string       // NAME=VALUE, as os.Environ returns it
	Flags   *pflag.FlagSet // parsed flags, added by AddFlags; may be nil
	// MaxMemoryMB is the largest memory limit of a script in MiB that the engine of the program
	// supports. If it is 0, the range of the setting applies.
	MaxMemoryMB int
	// HostMemoryMB is the memory that the server may use in MiB. Defaults are lowered so that it
	// suffices. If it is 0, it is unknown.
	HostMemoryMB int
	// Confined means that the process has given up the right to open folders that its configuration
	// did not name at the start. New folders of grants are then not opened.
	Confined bool
	// Accounts, if not nil, returns the names of all accounts in lower case. ok is false if they are
	// not known.
	Accounts func(Settings) (names []string, ok bool)
}

// Loaded is a configuration without errors.
type Loaded struct {
	Settings Settings
	Service  Service
	Grants   []Grant
	PyLog    *pylog.Config // Python's logger sections of the file; nil if it has none
	Warnings Problems

	origins map[string]Origin // by path
}

// loader merges the layers and remembers the origin of each value.
type loader struct {
	src      Sources
	tree     *koanf.Koanf // path -> text
	origins  map[string]Origin
	pylog    *pylog.Config
	grants   []Grant
	warnings Problems
	errors   Problems
}

// Load reads all layers and checks the result. The error is of type Problems: it has every error,
// and after these every warning. If the file cannot be parsed, it has the syntax errors only.
//
// GAP: a configuration file that does not exist is an error; TabPy warns and starts with its
// defaults. The environment takes precedence over the file, as TabPy's documentation says, although
// TabPy's code does the opposite.
func Load(src Sources) (*Loaded, error) {
	l := newLoader(src)
	if err := l.loadLayers(); err != nil {
		return nil, toProblems(src.File, err)
	}
	out := &Loaded{Settings: l.apply(), origins: l.origins}
	l.resolve(&out.Settings)
	l.validate(out.Settings)
	l.checkGrants(out.Settings)
	l.checkPyLog()
	service, err := readState(out.Settings.State.Path)
	if err != nil {
		l.reject("state.path", err.Error())
	}
	for i := range l.warnings {
		l.warnings[i].Warning = true
	}
	if len(l.errors) > 0 {
		return nil, append(l.errors, l.warnings...)
	}
	out.Service, out.PyLog, out.Grants, out.Warnings = service, l.pylog, l.grants, l.warnings
	return out, nil
}

func newLoader(src Sources) *loader {
	return &loader{src: src, tree: koanf.New("."), origins: map[string]Origin{}}
}

// loadLayers merges all layers, the weakest first.
func (l *loader) loadLayers() error {
	for _, load := range []func() error{l.loadDefaults, l.loadFile, l.loadEnvironment, l.loadFlags} {
		if err := load(); err != nil {
			return err
		}
	}
	return nil
}

// merge merges a layer over the earlier ones. origin returns where the layer has the value of a
// path from.
func (l *loader) merge(p koanf.Provider, origin func(path string) Origin) error {
	layer := koanf.New(".")
	if err := layer.Load(p, nil); err != nil {
		return err
	}
	for _, path := range layer.Keys() {
		l.origins[path] = origin(path)
		l.checkRenamed(path, layer.String(path))
	}
	return l.tree.Merge(layer)
}

// checkRenamed warns if the value was just set by a former name of the setting.
func (l *loader) checkRenamed(path, value string) {
	origin := l.origins[path]
	s, _ := byPath(path)
	if present := s.presentName(origin.Name); present != "" {
		l.warn(Problem{Name: origin.Name, Value: value, Origin: origin, Text: "this name is deprecated; use " + present})
	}
}

// apply converts the texts of the tree to values. It skips defaults, because their texts do not
// have Seconds.Whole.
func (l *loader) apply() Settings {
	out := Defaults()
	for _, s := range table {
		if l.origins[s.path].Layer == Default {
			continue
		}
		if err := s.value(&out).Set(strings.TrimSpace(l.tree.String(s.path))); err != nil {
			l.reject(s.path, err.Error())
		}
	}
	return out
}

// toProblems returns err as problems of the file, with line numbers if it has some.
func toProblems(file string, err error) Problems {
	var lines ini.Errors
	if !errors.As(err, &lines) {
		return Problems{{Origin: Origin{Layer: File, File: file}, Text: err.Error()}}
	}
	var all Problems
	for _, e := range lines {
		all = append(all, Problem{Origin: Origin{Layer: File, File: file, Line: e.Line}, Text: e.Text})
	}
	return all
}
