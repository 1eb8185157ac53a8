package settings

import "strings"

// reject records an error about an option of the section, or about the whole section if option is
// "".
func (s *grantSection) reject(option, value, text string) {
	s.loader.errors = append(s.loader.errors, s.problem(option, value, text))
}

// rejectSecret records an error about an option whose value must not be shown.
func (s *grantSection) rejectSecret(option, text string) {
	p := s.problem(option, "", text)
	p.Redacted = true
	s.loader.errors = append(s.loader.errors, p)
}

// warn records a warning about an option of the section.
func (s *grantSection) warn(option, value, text string) {
	s.loader.warn(s.problem(option, value, text))
}

func (s *grantSection) problem(option, value, text string) Problem {
	origin := s.origin(option)
	if option == "" {
		return Problem{Origin: origin, Text: "[" + s.section.Name + "]: " + text}
	}
	return Problem{Name: origin.Name, Value: value, Origin: origin, Text: text}
}

// origin returns the place of an option, or that of the section.
func (s *grantSection) origin(option string) Origin {
	origin := Origin{Layer: File, Name: grantOptionName(s.section.Name, option), File: s.loader.src.File, Line: s.section.Line}
	if o := s.section.Option(option); o != nil {
		origin.Line = o.Line
	}
	return origin
}

func grantOptionName(section, option string) string { return "[" + section + "] " + option }

// GrantOptions returns the options of all grants, in the order of the file, for the display. Values
// of environment variables and passwords in URLs are masked.
func (l *Loaded) GrantOptions() (all []Effective) {
	for _, g := range l.Grants {
		for _, known := range grantOptions {
			if g.section == nil || g.section.section.Option(known.name) == nil {
				continue
			}
			origin := g.section.origin(known.name)
			all = append(all, Effective{Name: origin.Name, Value: redact(g.shown(known)), Origin: origin})
		}
	}
	return all
}

// shown returns the value of an option as it is shown.
func (g Grant) shown(o grantOption) (text string) {
	if !o.secret {
		return strings.Join(SplitList(strings.ReplaceAll(g.section.texts[o.name], "\n", ",")), ", ")
	}
	for i, v := range g.Env {
		if i > 0 {
			text += ", "
		}
		text += v.Name + "=***"
	}
	return text
}
