package settings

import (
	"cmp"
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
	if len(raw) == 0 { // TabPy refuses it too. A full disk can leave such a file, with all settings lost.
		return errors.New("the configuration file is empty")
	}
	file, options, err := l.parseFile(raw)
	if err != nil {
		return err
	}
	l.checkSections(file)
	l.loadPyLog(file)
	l.loadGrants(file)
	l.checkOptions(file, options)
	for _, name := range nameKinds {
		if err := l.mergeFile(file, options, name); err != nil {
			return err
		}
	}
	return nil
}

// parseFile returns the file and the options of its section [TabPy], after interpolation.
func (l *loader) parseFile(raw []byte) (*ini.File, map[string]any, error) {
	isSetting := func(option string) bool { _, ok := byName(option); return ok }
	dialect := ini.Dialect{Interpolated: []string{tabpySection}, Lookup: environLookup(l.src.Environ)}
	parser := &ini.Parser{Dialect: dialect, Required: isSetting}
	tree := koanf.New("\n") // a separator that cannot be part of a name in the file
	if err := tree.Load(rawbytes.Provider(raw), parser); err != nil {
		return nil, nil, err
	}
	options, _ := tree.Get(tabpySection).(map[string]any)
	return parser.File, options, nil
}

// mergeFile merges the file's options with one kind of name.
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
		if err := l.mergeEnvironment(name); err != nil {
			return err
		}
	}
	l.checkEnvironment()
	return nil
}

// mergeEnvironment merges the environment variables with one kind of name.
func (l *loader) mergeEnvironment(name func(setting) string) error {
	variables := map[string]string{} // by path
	opt := env.Opt{EnvironFunc: l.environ, TransformFunc: func(key, text string) (string, any) {
		s, ok := byName(key)
		if !ok || !strings.EqualFold(key, name(s)) {
			return "", nil
		}
		variables[s.path] = key
		return s.path, text
	}}
	return l.merge(env.Provider(".", opt), func(path string) Origin {
		return Origin{Layer: Environment, Name: variables[path]}
	})
}

// environ returns the environment without empty variables, because the definition of a container
// often lists variables that it does not set. Names in capitals come last, so that they win over
// names that differ from them only in case.
func (l *loader) environ() []string {
	var pairs []string
	for _, pair := range l.src.Environ {
		if name, text, ok := strings.Cut(pair, "="); ok && name != "" && text != "" {
			pairs = append(pairs, pair)
		}
	}
	inCapitals := func(pair string) int {
		name, _, _ := strings.Cut(pair, "=")
		if name == strings.ToUpper(name) {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(pairs, func(a, b string) int { return cmp.Compare(inCapitals(a), inCapitals(b)) })
	return pairs
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

// mergeFlags merges the flags with one kind of name.
func (l *loader) mergeFlags(name func(setting) string) error {
	pathOf := func(f *pflag.Flag) (string, any) {
		s, ok := find(func(s setting) bool { return name(s) == f.Name })
		if !ok {
			return "", nil
		}
		return s.path, f.Value.String()
	}
	// The provider skips a flag that was not given only if the tree that it gets has a value.
	flags := posflag.ProviderWithFlag(l.src.Flags, ".", l.tree, pathOf)
	return l.merge(flags, func(path string) Origin {
		s, _ := byPath(path)
		return Origin{Layer: Flag, Name: dashed(name(s))}
	})
}
