package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"tabcell/runtime/osfile"
)

// Kind is the format of a version's code.
type Kind string

// The kinds of code.
const (
	Pickle Kind = "pickle" // an archive made by TabPy's client
	Source Kind = "source" // Python source text in UTF-8
)

// Code is the code of a deployment.
type Code struct {
	Kind     Kind
	Function string   // of Source: the function that a query calls
	Requires []string // modules that the model declares to need
	Content  []byte   // not retained after Deploy returns
}

// Digest returns the digest that a version with this code has.
func (c Code) Digest() string {
	return Version{Kind: c.Kind, Function: c.Function, Requires: c.Requires, Sum: osfile.Digest(c.Content)}.Digest()
}

// Deployment describes a new endpoint, or a new version of an existing one.
type Deployment struct {
	Name string
	Metadata
	Target  string // of an alias: the endpoint that it refers to; then Code is empty
	Code    Code
	Replace bool   // adds a version if the endpoint exists; otherwise Deploy returns ErrExists
	Author  string // the user who deploys; may be empty
}

// Check returns an error if the deployment is invalid by itself, whatever the registry contains. Its
// errors are ErrInvalidName, ErrInvalid and ErrTooLarge.
func (d Deployment) Check(maxBytes int64) error {
	return errors.Join(d.check(maxBytes), d.CheckText())
}

func (d Deployment) check(maxBytes int64) error {
	if err := CheckName(d.Name); err != nil {
		return err
	}
	code := d.Code
	switch {
	case d.Schema != nil && !json.Valid(d.Schema):
		return fmt.Errorf("%w: the schema is not valid JSON", ErrInvalid)
	case d.Target != "" && len(code.Content) > 0:
		return fmt.Errorf("%w: an alias cannot have code", ErrInvalid)
	case d.Target != "":
		return nil
	case code.Kind != Pickle && code.Kind != Source:
		return fmt.Errorf("%w: unknown kind of code %q", ErrInvalid, code.Kind)
	case len(code.Content) == 0:
		return fmt.Errorf("%w: the code is empty", ErrInvalid)
	case int64(len(code.Content)) > maxBytes:
		return fmt.Errorf("%w: the code has %d bytes, the limit is %d bytes (TABCELL_MODELS_MAX_MB)",
			ErrTooLarge, len(code.Content), maxBytes)
	}
	return nil
}

// Matches reports whether e is what the deployment would make of it: same type, target, code and
// metadata. A description, docstring or list of dependencies that is empty matches any, because a
// deployment without them keeps or computes them. Schemas are compared as JSON values.
func (d Deployment) Matches(e Endpoint) bool {
	kind := TypeModel
	if d.Target != "" {
		kind = TypeAlias
	}
	switch {
	case d.Name != e.Name || e.Type != kind || d.Target != e.Target || d.Public != e.Public:
		return false
	case kind == TypeModel && d.Code.Digest() != e.Current().Digest():
		return false
	case d.Description != "" && d.Description != e.Description:
		return false
	case d.Docstring != "" && d.Docstring != e.Docstring:
		return false
	case len(d.Dependencies) > 0 && !slices.Equal(d.Dependencies, e.Dependencies):
		return false
	}
	return reflect.DeepEqual(schemaValue(d.Schema), schemaValue(e.Schema))
}

// schemaValue decodes a schema. It returns nil for no schema, null, and text that is not JSON.
func schemaValue(text json.RawMessage) (v any) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // large integers differ even where their float64 values are equal
	if decoder.Decode(&v) != nil {
		return nil
	}
	return v
}
