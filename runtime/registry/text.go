package registry

import "fmt"

// Limits of the text that clients store in a registry, which is always in memory and part of every
// list of the endpoints.
const (
	// MaxText is the limit for one endpoint, in bytes: its metadata, and the names of the function
	// and the required modules of its current version.
	MaxText = 64 << 10
	// MaxTotalText is the limit for all endpoints together, including the docstrings of the versions
	// that are kept.
	MaxTotalText = 32 << 20
)

// size returns the number of bytes of text in m.
func (m Metadata) size() int {
	return len(m.Description) + len(m.Docstring) + len(m.Schema) + length(m.Dependencies)
}

// size returns the number of bytes of text in v without its docstring.
func (v Version) size() int { return len(v.Function) + length(v.Requires) + len(v.Author) }

func length(list []string) int {
	n := 0
	for _, s := range list {
		n += len(s)
	}
	return n
}

// CheckText returns ErrTooLarge with the sizes of the parts if an endpoint cannot have the texts of
// d. Deploy calls it, too; a caller can use it before a load that takes long.
func (d Deployment) CheckText() error {
	return checkText(d.Metadata, Version{Function: d.Code.Function, Requires: d.Code.Requires})
}

func checkText(m Metadata, v Version) error {
	n := m.size() + v.size()
	if n <= MaxText {
		return nil
	}
	return fmt.Errorf("%w: the texts of the endpoint have %d bytes (description %d, docstring %d, schema %d, dependencies %d, function and requires %d); the limit is %d bytes",
		ErrTooLarge, n, len(m.Description), len(m.Docstring), len(m.Schema), length(m.Dependencies), v.size(), MaxText)
}

// checkChange returns ErrTooLarge if e has too much text, or if all endpoints would have too much
// with e in place of the endpoint of the same name. An endpoint that does not grow is accepted.
func (v View) checkChange(old, e Endpoint) error {
	if err := checkText(e.Metadata, e.Current()); err != nil {
		return err
	}
	total := e.textSize()
	if total <= old.textSize() {
		return nil
	}
	for _, other := range v.byName {
		if other.Name != e.Name {
			total += other.textSize()
		}
	}
	if total > MaxTotalText {
		return fmt.Errorf("%w: the texts of all endpoints would have %d bytes, the limit is %d bytes; shorten descriptions, docstrings and schemas, or remove endpoints",
			ErrTooLarge, total, MaxTotalText)
	}
	return nil
}

// textSize returns the number of bytes of text in e and all its versions.
func (e Endpoint) textSize() int {
	n := e.Metadata.size()
	for _, v := range e.Versions {
		n += v.size() + len(v.Docstring)
	}
	return n
}
