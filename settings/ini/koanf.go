package ini

import (
	"errors"
	"slices"
)

// Parser is a koanf.Parser that returns a map of sections, each of which is a map of option names
// to texts. Every section includes the options of DEFAULT that it does not have itself.
type Parser struct {
	Dialect
	// File is the file of the last successful Unmarshal, with its line numbers.
	File *File
	// Required reports whether an option's value is used; nil means that all values are. An invalid
	// reference in another option is not an error, as in configparser, and the value stays as it is.
	Required func(option string) bool
}

// Unmarshal implements koanf.Parser. Its error is of type Errors; File does not change then.
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

// options returns the options of s, including those of DEFAULT.
func (p *Parser) options(file *File, s *Section) (map[string]any, Errors) {
	all := slices.Clone(s.Options)
	if defaults := file.Section(Default); defaults != nil && defaults != s {
		for _, o := range defaults.Options {
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

// Marshal implements koanf.Parser. It always returns errors.ErrUnsupported, because tabcell does
// not write configurations.
func (p *Parser) Marshal(map[string]any) ([]byte, error) { return nil, errors.ErrUnsupported }
