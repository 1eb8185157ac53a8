package settings

import (
	"slices"
	"strings"
)

// The names of a setting in the file and the environment, and its flags, from the weakest to the
// strongest: if one layer has several of them, the last one wins. Each function returns "" for a
// setting without such a name.
var (
	nameKinds = []func(setting) string{
		func(s setting) string { return s.tabpy },
		func(s setting) string { return formerNames[s.path].own },
		func(s setting) string { return s.own },
	}
	flagKinds = []func(setting) string{
		func(s setting) string { return formerNames[s.path].flag },
		func(s setting) string { return s.flag },
	}
)

// names returns the documented names of the setting: TabPy's, if it has one, and our own.
func (s setting) names() []string {
	if s.tabpy == "" {
		return []string{s.own}
	}
	return []string{s.tabpy, s.own}
}

// presentName returns the name that replaces a former name of the setting. It returns "" if name is
// not a former name.
func (s setting) presentName(name string) string {
	switch former := formerNames[s.path]; {
	case former.own != "" && strings.EqualFold(name, former.own):
		return s.own
	case former.flag != "" && name == dashed(former.flag):
		return dashed(s.flag)
	}
	return ""
}

// byName finds a setting by one of its names, present or former, in any case.
func byName(name string) (setting, bool) {
	return find(func(s setting) bool {
		return slices.ContainsFunc(nameKinds, func(kind func(setting) string) bool {
			return name != "" && strings.EqualFold(name, kind(s))
		})
	})
}

func byPath(path string) (setting, bool) {
	return find(func(s setting) bool { return s.path == path })
}

func find(match func(setting) bool) (setting, bool) {
	for _, s := range table {
		if match(s) {
			return s, true
		}
	}
	return setting{}, false
}

// textAt returns the value of the setting with that path as text.
func textAt(s *Settings, path string) string {
	line, _ := byPath(path)
	return line.value(s).String()
}

// joinNames joins the names of the settings with those paths: TabPy's name where there is one.
func joinNames(paths []string, separator string) string {
	names := make([]string, len(paths))
	for i, path := range paths {
		s, _ := byPath(path)
		names[i] = s.names()[0]
	}
	return strings.Join(names, separator)
}
