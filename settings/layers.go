package settings

import (
	"errors"
	"slices"
	"strings"

	"tabcell/settings/ini"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

// tabpySection is the only section that TabPy reads settings from.
const tabpySection = "TabPy"

func (l *loader) loadDefaults() error {
	defaults, texts := Defaults(), map[string]any{}
	for _, s := range table {
		texts[s.path] = s.value(&defaults).String()
	}
	return l.merge(confmap.Provider(texts, "."), func(path string) Origin {
		s, _ := byPath(path)
		return Origin{Name: s.own}
	})
}

func (l *loader) loadFile() error {
	if l.src.File == "" {
		return nil
	}
	raw, err := readFile(l.src.File)
	if err != nil {
		return err
	}
	if len(raw) == 0 { // as TabPy, and as after a disk was full: whatever was asked for is gone
		return errors.New("the configuration is an empty file")
	}
	dialect := ini.Dialect{Interpolated: []string{tabpySection}, Lookup: lookup(l.src.Environ)}
	parser := &ini.Parser{Dialect: dialect, Read: func(option string) bool { _, known := byName(option); return known }}
	file := koanf.New("\n") // no name in a file has a line feed
	if err := file.Load(rawbytes.Provider(raw), parser); err != nil {
		return err
	}
	options, _ := file.Get(tabpySection).(map[string]any)
	l.checkSections(parser.File)
	l.loadPyLog(parser.File)
	l.checkOptions(parser.File, options)
	for _, name := range nameKinds {
		if err := l.mergeFile(parser.File, options, name); err != nil {
			return err
		}
	}
	return nil
}

// mergeFile lays the options of one kind of name over the tree.
func (l *loader) mergeFile(file *ini.File, options map[string]any, name func(setting) string) error {
	texts := map[string]any{}
	for _, s := range table {
		if value, ok := options[strings.ToLower(name(s))]; ok {
			texts[s.path] = value
		}
	}
	return l.merge(confmap.Provider(texts, "."), func(path string) Origin {
		s, _ := byPath(path)
		return l.fileOrigin(file, name(s))
	})
}

func (l *loader) fileOrigin(file *ini.File, name string) Origin {
	origin := Origin{Layer: File, Name: name, File: l.src.File}
	for _, section := range []string{ini.Default, tabpySection} {
		if o := file.Section(section).Option(strings.ToLower(name)); o != nil {
			origin.Line = o.Line
		}
	}
	return origin
}

func (l *loader) loadEnvironment() error {
	for _, name := range nameKinds {
		named := map[string]string{}
		opt := env.Opt{EnvironFunc: l.environ, TransformFunc: func(key, text string) (string, any) {
			s, ok := byName(key)
			if !ok || !strings.EqualFold(key, name(s)) {
				return "", nil
			}
			named[s.path] = key
			return s.path, text
		}}
		origin := func(path string) Origin { return Origin{Layer: Environment, Name: named[path]} }
		if err := l.merge(env.Provider(".", opt), origin); err != nil {
			return err
		}
	}
	l.checkEnvironment()
	return nil
}

// environ is the environment without empty variables: a container's settings often name all and fill some. Names in capitals come last,
// and win over those that differ from them in case only.
func (l *loader) environ() []string {
	var filled []string
	for _, pair := range l.src.Environ {
		if name, text, ok := strings.Cut(pair, "="); ok && name != "" && text != "" {
			filled = append(filled, pair)
		}
	}
	slices.SortStableFunc(filled, func(a, b string) int { return isUpper(a) - isUpper(b) })
	return filled
}

// isUpper is 1 for NAME=VALUE and 0 for Name=VALUE.
func isUpper(pair string) int {
	name, _, _ := strings.Cut(pair, "=")
	if name == strings.ToUpper(name) {
		return 1
	}
	return 0
}

func (l *loader) loadFlags() error {
	if l.src.Flags == nil {
		return nil
	}
	for _, name := range flagKinds {
		if err := l.mergeFlags(name); err != nil {
			return err
		}
	}
	return nil
}

// mergeFlags merges the flags of one kind of name.
func (l *loader) mergeFlags(name func(setting) string) error {
	pathOf := func(f *pflag.Flag) (string, any) {
		s, ok := find(func(s setting) bool { return name(s) == f.Name })
		if !ok {
			return "", nil
		}
		return s.path, f.Value.String()
	}
	// The provider leaves out a flag that was not given if the tree that it gets has a value.
	flags := posflag.ProviderWithFlag(l.src.Flags, ".", l.tree, pathOf)
	return l.merge(flags, func(path string) Origin {
		s, _ := byPath(path)
		return Origin{Layer: Flag, Name: dashed(name(s))}
	})
}
