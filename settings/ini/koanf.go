package ini

import (
	"errors"
	"slices"
)

// Parser reads a file for koanf, as a map of sections, each a map of options to text. Options of DEFAULT are in every section
// that lacks them. It remembers the file of the last Unmarshal, for its line numbers.
type Parser struct {
	Dialect
	File *File
	// Read tells which options, by their stored name, somebody will read; nil: all. As in configparser, others may have references that
	// lead nowhere, and keep their text then.
	Required func(option string) bool
}

// Unmarshal implements koanf.Parser. On failure the error is of type Errors and File is as it was.
func (p *Parser) Unmarshal(text []byte) (map[string]any, error) {
	file, err := p.Parse(text)
	if err != nil {
		return nil, err
	}
	sections := map[string]any{}
	var failed Errors
	for _, s := range file.Sections {
		options, errs := p.options(file, s)
		sections[s.Name] = options
		failed = append(failed, errs...)
	}
	if len(failed) > 0 {
		slices.SortFunc(failed, func(a, b *Error) int { return a.Line - b.Line })
		return nil, failed
	}
	p.File = file
	return sections, nil
}

// options is one section with what DEFAULT adds to it.
func (p *Parser) options(file *File, s *Section) (map[string]any, Errors) {
	all := slices.Clone(s.Options)
	if other := file.Section(Default); other != nil && other != s {
		for _, o := range other.Options {
			if s.Option(o.Name) == nil {
				all = append(all, o)
			}
		}
	}
	options := map[string]any{}
	var failed Errors
	for _, o := range all {
		value := o.Value
		if slices.Contains(p.Interpolated, s.Name) {
			text, err := file.Interpolate(s, o)
			var bad *Error
			switch {
			case err == nil:
				value = text
			case errors.As(err, &bad) && (p.Required == nil || p.Required(o.Name)):
				failed = append(failed, bad)
			}
		}
		options[o.Name] = value
	}
	return options, failed
}

// Marshal implements koanf.Parser by refusing: configurations are read here, never written.
func (p *Parser) Marshal(map[string]any) ([]byte, error) { return nil, errors.ErrUnsupported }
