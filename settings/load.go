package settings

import (
	"errors"
	"strings"

	"tabcell/settings/ini"
	"tabcell/settings/pylog"

	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

// Sources is what Load reads. The zero value gives the defaults.
type Sources struct {
	File    string         // path of the configuration file; "": none
	Environ []string       // NAME=VALUE, as os.Environ gives it
	Flags   *pflag.FlagSet // with the flags of AddFlags, parsed; nil: none
}

// Loaded is a configuration that can be used.
type Loaded struct {
	Settings Settings
	Service  Service
	PyLog    *pylog.Config // what Python's logger sections of the file ask for; nil without them
	Warnings Problems

	origins map[string]Origin // by path
}

// loader lays the layers over each other, and remembers for each path which came last.
type loader struct {
	src      Sources
	tree     *koanf.Koanf // path -> text
	origins  map[string]Origin
	pylog    *pylog.Config
	warnings Problems
	errors   Problems
}

// Load reads all layers. The error is of type Problems and has every problem that was found, the warnings last, but for those that a
// file which cannot be parsed hides.
//
// GAP: a configuration file that does not exist is an error; TabPy warns, and starts without what the file asks for. The environment
// beats the file, as TabPy's documentation says and its code does not.
func Load(src Sources) (*Loaded, error) {
	l := newLoader(src)
	if err := l.loadLayers(); err != nil {
		return nil, toProblems(src.File, err)
	}
	out := &Loaded{Settings: l.apply(), origins: l.origins}
	l.resolve(&out.Settings)
	l.validate(out.Settings)
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
	out.Service, out.PyLog, out.Warnings = service, l.pylog, l.warnings
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

// merge lays one layer over those that are there. origin is asked for each path that the layer has.
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

// checkRenamed warns if the value has just been set by a former name of the setting.
func (l *loader) checkRenamed(path, value string) {
	origin := l.origins[path]
	s, _ := byPath(path)
	if present := s.presentName(origin.Name); present != "" {
		l.warn(Problem{Name: origin.Name, Value: value, Origin: origin, Text: "this name is deprecated; use " + present})
	}
}

// apply turns the tree's texts into values. A default is taken as it is: its text has lost how it prints.
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

// toProblems is err as Problems with the file's name.
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
