package pylog

import (
	"slices"
	"strings"

	"tabcell/settings/ini"
)

// sectionOptions are what each kind of section may say. "propagete" stands in the file that TabPy ships.
var sectionOptions = map[string][]string{
	"logger":    {"level", "handlers", "qualname", "propagate", "propagete"},
	"handler":   {"class", "level", "formatter", "args", "kwargs"},
	"formatter": {"format", "datefmt", "style", "class", "defaults"},
}

// checkUnused warns of sections that nobody names, and of options that nobody reads. Without [loggers], why tells so.
func (r *reader) checkUnused(why string) {
	for _, s := range r.file.Sections {
		kind, name, named := strings.Cut(s.Name, "_")
		known := sectionOptions[kind]
		switch {
		case !IsSection(s.Name):
		case why != "":
			r.warn(s.Line, "[%s] and the other logger sections have no effect: %s", s.Name, why)
			return
		case named && !slices.Contains(r.list(r.file.Section(kind+"s"), "keys"), name):
			r.warn(s.Line, "[%s] has no effect: it is not among the keys of [%ss]", s.Name, kind)
		case named:
			r.checkOptions(s, known)
		}
	}
}

func (r *reader) checkOptions(s *ini.Section, known []string) {
	for _, o := range s.Options {
		if !slices.Contains(known, o.Name) {
			r.warn(o.Line, "[%s] %s has no effect: such a section can say %s", s.Name, o.Name, strings.Join(known[:4], ", "))
		}
	}
}

// IsSection reports whether a section belongs to Python's logging configuration.
func IsSection(section string) bool {
	kind, _, named := strings.Cut(section, "_")
	if !named {
		kind = strings.TrimSuffix(kind, "s")
	}
	return sectionOptions[kind] != nil
}
