package pylog

import (
	"slices"
	"strings"

	"tabcell/settings/ini"
)

// sectionOptions has the options of each kind of section. The misspelled "propagete" is in the
// configuration file that comes with TabPy.
var sectionOptions = map[string][]string{
	"logger":    {"level", "handlers", "qualname", "propagate", "propagete"},
	"handler":   {"class", "level", "formatter", "args", "kwargs"},
	"formatter": {"format", "datefmt", "style", "class", "defaults"},
}

// checkUnused warns of sections that are not listed, and of unknown options. If reason is not "",
// it is the reason why no logger section has an effect.
func (r *reader) checkUnused(reason string) {
	for _, s := range r.file.Sections {
		kind, name, named := strings.Cut(s.Name, "_")
		known := sectionOptions[kind]
		switch {
		case !IsSection(s.Name):
		case reason != "":
			r.warn(s.Line, "[%s] and the other logger sections have no effect, because %s", s.Name, reason)
			return
		case named && !slices.Contains(r.list(r.file.Section(kind+"s"), "keys"), name):
			r.warn(s.Line, "[%s] has no effect, because it is not among the keys of [%ss]", s.Name, kind)
		case named:
			r.checkOptions(s, known)
		}
	}
}

func (r *reader) checkOptions(s *ini.Section, known []string) {
	for _, o := range s.Options {
		if !slices.Contains(known, o.Name) {
			r.warn(o.Line, "[%s] %s has no effect; the options of such a section are %s", s.Name, o.Name, strings.Join(known[:4], ", "))
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
