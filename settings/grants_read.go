package settings

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tabcell/settings/ini"
)

// grantPrefix begins the name of a section about a grant.
const grantPrefix = "Grant "

const (
	maxGrants    = 256
	maxListItems = 64 // of one option of a grant
)

var (
	grantName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)
	grantLike  = regexp.MustCompile(`^(?i:grants?)\b`)
	errTooMany = fmt.Errorf("lists more than %d items; use several grants", maxListItems)
)

// grantSection is the section of a grant while it is read.
type grantSection struct {
	loader  *loader
	file    *ini.File
	section *ini.Section
	texts   map[string]string // values by option, after interpolation
}

// grantOption is an option of a grant. read takes its value.
type grantOption struct {
	name   string
	secret bool
	read   func(s *grantSection, g *Grant)
}

// grantOptions has the options in the order in which they are shown.
var grantOptions = []grantOption{
	{"read", false, readFolders},
	{"connect", false, readTargets},
	{"accounts", false, func(s *grantSection, g *Grant) { g.Accounts = s.list("accounts", readAccount) }},
	{"endpoints", false, func(s *grantSection, g *Grant) { g.Endpoints = s.list("endpoints", readEndpoint) }},
	{"ca", false, func(s *grantSection, g *Grant) { s.set("ca", path{&g.CA}) }},
	{"proxy", false, func(s *grantSection, g *Grant) { s.set("proxy", text{at: &g.Proxy, check: checkProxy}) }},
	{"env", true, readVariables},
	{"max_connections", false, func(s *grantSection, g *Grant) { s.set("max_connections", integer{&g.MaxConnections, 1, 256}) }},
	{"max_mb", false, func(s *grantSection, g *Grant) { s.set("max_mb", integer{&g.MaxMB, 1, 1 << 20}) }},
	{"allow_anonymous", false, func(s *grantSection, g *Grant) { s.set("allow_anonymous", boolean{&g.AllowAnonymous}) }},
}

// loadGrants reads the sections about grants.
func (l *loader) loadGrants(file *ini.File) {
	for _, section := range file.Sections {
		name, isGrant := strings.CutPrefix(section.Name, grantPrefix)
		s := &grantSection{loader: l, file: file, section: section, texts: map[string]string{}}
		switch {
		case !isGrant && grantLike.MatchString(section.Name):
			s.reject("", "", "the name of a section about a grant is [Grant NAME]")
		case !isGrant:
		case !grantName.MatchString(name):
			s.reject("", "", "the name of a grant consists of at most 64 letters, digits, dots, dashes and underscores")
		case slices.ContainsFunc(l.grants, func(g Grant) bool { return strings.EqualFold(g.Name, name) }):
			s.reject("", "", "another grant has this name")
		case len(l.grants) == maxGrants:
			s.reject("", "", fmt.Sprintf("there are more than %d grants", maxGrants))
			return
		default:
			l.grants = append(l.grants, s.read(name))
		}
	}
}

// read reads all options of the section.
func (s *grantSection) read(name string) Grant {
	g := Grant{Name: name, MaxConnections: defaultGrantConnections, MaxMB: defaultGrantMB, section: s}
	for _, o := range s.section.All() {
		if !slices.ContainsFunc(grantOptions, func(known grantOption) bool { return known.name == o.Name }) {
			s.rejectSecret(o.Name, "there is no such option of a grant; the options are "+strings.Join(grantOptionNames(), ", "))
		}
	}
	for _, known := range grantOptions {
		if s.section.Option(known.name) != nil {
			known.read(s, &g)
		}
	}
	return g
}

func grantOptionNames() (names []string) {
	for _, o := range grantOptions {
		names = append(names, o.name)
	}
	return names
}

// text returns the value of an option after interpolation, or "".
func (s *grantSection) text(option string) string {
	text, err := s.file.Interpolate(s.section, s.section.Option(option))
	if err != nil {
		s.rejectSecret(option, withoutOption(err))
		return ""
	}
	s.texts[option] = text
	return strings.TrimSpace(text)
}

// set sets a field to the value of an option.
func (s *grantSection) set(option string, v value) {
	text := s.text(option)
	if text == "" {
		return
	}
	if err := v.Set(text); err != nil {
		s.reject(option, text, err.Error())
	}
}

// list returns the items of an option, separated by commas or on several lines, in the form that
// read returns. It rejects items that read refuses, and skips repeated ones.
func (s *grantSection) list(option string, read func(string) (string, error)) (items []string) {
	for _, item := range s.items(option) {
		normal, err := read(item)
		switch {
		case err != nil:
			s.reject(option, item, err.Error())
		case !slices.Contains(items, normal):
			items = append(items, normal)
		}
	}
	return items
}

func (s *grantSection) items(option string) []string {
	items := SplitList(strings.ReplaceAll(s.text(option), "\n", ","))
	if len(items) > maxListItems {
		s.reject(option, "", errTooMany.Error())
		items = items[:maxListItems]
	}
	return items
}

func readAccount(item string) (string, error) {
	if subject, ok := strings.CutPrefix(item, SubjectPrefix); ok {
		if subject == "" {
			return "", fmt.Errorf("%s needs the subject of a token", SubjectPrefix)
		}
		return item, nil
	}
	return strings.ToLower(item), nil
}

func readEndpoint(item string) (string, error) {
	if strings.ContainsAny(item, "*?") {
		return "", errors.New("name each endpoint; patterns are not possible")
	}
	return item, nil
}

func readTargets(s *grantSection, g *Grant) {
	for _, item := range s.items("connect") {
		target, err := ParseGrantTarget(item)
		switch {
		case err != nil:
			s.reject("connect", item, err.Error())
		case !slices.Contains(g.Targets, target):
			g.Targets = append(g.Targets, target)
		}
	}
}
