package registry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tabcell/runtime/osfile"
)

// The types of endpoints, as TabPy names them.
const (
	TypeModel = "model"
	TypeAlias = "alias"
)

// NoDocstring is the docstring that TabPy reports for a function without one.
const NoDocstring = "-- no docstring found in query function --"

// sumPattern matches the sums of versions. A sum is used as a file name.
var sumPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Metadata describes an endpoint to people and to clients.
type Metadata struct {
	Description  string          `json:"description"`
	Docstring    string          `json:"docstring"`
	Schema       json.RawMessage `json:"schema,omitempty"` // any JSON value; nil is null
	Dependencies []string        `json:"dependencies"`     // names of endpoints
	Public       bool            `json:"is_public"`
}

// Clone returns a deep copy, with the schema in the form in which it is read back from the disk:
// without insignificant white space, and nil for null and for anything that is not JSON.
func (m Metadata) Clone() Metadata {
	var compact bytes.Buffer
	if err := json.Compact(&compact, m.Schema); err != nil || compact.String() == "null" {
		compact.Reset()
	}
	m.Schema = nil
	if compact.Len() > 0 {
		m.Schema = compact.Bytes()
	}
	m.Dependencies = slices.Clone(m.Dependencies)
	return m
}

// Endpoint is the state of one endpoint. It is immutable: copies share its slices.
type Endpoint struct {
	Name string `json:"name"`
	Type string `json:"type"` // TypeModel or TypeAlias
	Metadata
	Target   string    `json:"target,omitempty"`   // the endpoint that an alias refers to
	Version  int       `json:"version"`            // the current version's number
	Created  int64     `json:"created"`            // Unix time in seconds
	Modified int64     `json:"modified"`           // Unix time in seconds
	Versions []Version `json:"versions,omitempty"` // of a model: the newest, which is current, first
}

// Current returns the current version of a model, and a zero Version for an alias.
func (e Endpoint) Current() Version {
	if len(e.Versions) == 0 {
		return Version{}
	}
	return e.Versions[0]
}

// Find returns the version with the given number, or the one before the current version for 0.
func (e Endpoint) Find(number int) (Version, error) {
	if number == 0 && len(e.Versions) > 1 {
		return e.Versions[1], nil
	}
	for _, v := range e.Versions {
		if v.Number == number {
			return v, nil
		}
	}
	if number == 0 {
		return Version{}, fmt.Errorf("%w: there is no version before the current one", ErrInvalid)
	}
	return Version{}, fmt.Errorf("%w: version %d is not kept (kept: %s)", ErrInvalid, number, e.versionNumbers())
}

func (e Endpoint) versionNumbers() string {
	numbers := make([]string, len(e.Versions))
	for i, v := range e.Versions {
		numbers[i] = fmt.Sprint(v.Number)
	}
	return strings.Join(numbers, ", ")
}

// sums returns the sums of all versions, each once.
func (e Endpoint) sums() []string {
	var sums []string
	for _, v := range e.Versions {
		if !slices.Contains(sums, v.Sum) {
			sums = append(sums, v.Sum)
		}
	}
	return sums
}

// Check returns an error if this package cannot have written the endpoint.
func (e Endpoint) Check() error {
	if err := CheckName(e.Name); err != nil {
		return err
	}
	switch {
	case e.Type == TypeAlias && e.Target != "" && len(e.Versions) == 0 && e.Version > 0:
		return nil
	case e.Type != TypeModel || e.Target != "" || len(e.Versions) == 0 || e.Version != e.Versions[0].Number:
		return fmt.Errorf("type %q, target %q, version %d and %d versions contradict each other",
			e.Type, e.Target, e.Version, len(e.Versions))
	}
	for i, v := range e.Versions {
		if !sumPattern.MatchString(v.Sum) || v.Size < 0 || v.Number < 1 || i > 0 && v.Number >= e.Versions[i-1].Number {
			return fmt.Errorf("version %d is malformed", v.Number)
		}
	}
	return nil
}

// Version is one version of a model.
type Version struct {
	Number    int      `json:"number"`
	Kind      Kind     `json:"kind"`
	Function  string   `json:"function,omitempty"` // of Source: the function that a query calls
	Requires  []string `json:"requires,omitempty"` // modules that the model declares to need
	Sum       string   `json:"sum"`                // SHA-256 of the code in hexadecimal
	Size      int64    `json:"size"`               // of the code, in bytes
	Docstring string   `json:"docstring"`
	Deployed  int64    `json:"deployed"`         // Unix time in seconds
	CopyOf    int      `json:"copy,omitempty"`   // of a rollback: the version that was deployed again
	Author    string   `json:"author,omitempty"` // the user who deployed it; empty if unknown
}

// Digest returns the SHA-256 of kind, function, code and required modules in hexadecimal. Versions
// of one endpoint with the same digest behave the same.
func (v Version) Digest() string {
	parts := append([]string{string(v.Kind), v.Function, v.Sum}, v.Requires...)
	return osfile.Digest([]byte(strings.Join(parts, "\x00")))
}
