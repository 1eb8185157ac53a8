package registry

import (
	"errors"
	"fmt"
	"slices"
)

// View is a set of endpoints from which changes are computed. Its methods change nothing: they
// return the endpoint as it is after the change. It is valid while the map of NewView does not
// change.
type View struct {
	options Options
	byName  map[string]Endpoint
}

// NewView returns a view of the given endpoints. A change of it complies with the limits in o.
func NewView(o Options, byName map[string]Endpoint) View { return View{o.withDefaults(), byName} }

// Deploy returns the endpoint after a deployment whose code has the given SHA-256 and size. The
// content of d.Code is not used. Its errors are ErrExists, ErrTooMany, ErrInvalidTarget and
// ErrTooLarge.
func (v View) Deploy(d Deployment, sum string, size int64) (Endpoint, error) {
	old, exists := v.byName[d.Name]
	switch {
	case exists && !d.Replace:
		return Endpoint{}, ErrExists
	case !exists:
		if err := v.checkCount(); err != nil {
			return Endpoint{}, err
		}
	}
	if d.Target != "" {
		return v.newAlias(old, d)
	}
	return v.newVersion(old, d, sum, size)
}

// checkCount returns ErrTooMany if there can be no further endpoint.
func (v View) checkCount() error {
	if len(v.byName) < v.options.MaxCount {
		return nil
	}
	return fmt.Errorf("%w: the limit is %d (TABCELL_MODELS_MAX_COUNT)", ErrTooMany, v.options.MaxCount)
}

func (v View) newVersion(old Endpoint, d Deployment, sum string, size int64) (Endpoint, error) {
	e := v.successor(old, d)
	version := Version{
		Number: e.Version, Kind: d.Code.Kind, Function: d.Code.Function, Requires: slices.Clone(d.Code.Requires),
		Sum: sum, Size: size, Docstring: e.Docstring, Deployed: e.Modified, Author: d.Author,
	}
	e.Type, e.Target = TypeModel, ""
	e.Versions = v.prependVersion(version, old.Versions)
	return e, v.checkChange(old, e)
}

func (v View) newAlias(old Endpoint, d Deployment) (Endpoint, error) {
	target, err := v.resolve(d.Target)
	if err != nil {
		return Endpoint{}, err
	}
	if target.Name == d.Name || d.Target == d.Name {
		//lint:ignore ST1005 continues TabPy's sentence
		return Endpoint{}, fmt.Errorf("%w It leads back to the endpoint itself.", ErrInvalidTarget)
	}
	e := v.successor(old, d)
	e.Type, e.Target, e.Versions = TypeAlias, d.Target, nil
	return e, v.checkChange(old, e)
}

// resolve follows aliases and returns the model at the end, or ErrInvalidTarget if there is none.
func (v View) resolve(name string) (Endpoint, error) {
	for range maxAliasHops {
		e, ok := v.byName[name]
		if !ok {
			return e, ErrInvalidTarget
		}
		if e.Type != TypeAlias {
			return e, nil
		}
		name = e.Target
	}
	return Endpoint{}, ErrInvalidTarget
}

// successor returns the endpoint after a deployment, with the fields that models and aliases share.
func (v View) successor(old Endpoint, d Deployment) Endpoint {
	now := v.options.Now().Unix()
	e := Endpoint{Name: d.Name, Metadata: d.Metadata.Clone(), Version: old.Version + 1, Created: old.Created, Modified: now}
	if old.Version == 0 {
		e.Created = now
	}
	return e
}

// prependVersion returns the versions of a model after one is added. Only the newest ones are kept.
func (v View) prependVersion(added Version, older []Version) []Version {
	older = older[:min(len(older), v.options.KeepVersions-1)]
	return append([]Version{added}, older...)
}

// UpdateMetadata returns the endpoint after a change of its metadata. Its errors are ErrNotFound
// and ErrTooLarge.
func (v View) UpdateMetadata(name string, change func(*Metadata)) (Endpoint, error) {
	e, exists := v.byName[name]
	if !exists {
		return Endpoint{}, ErrNotFound
	}
	old := e
	e.Metadata = e.Metadata.Clone()
	change(&e.Metadata)
	e.Metadata = e.Metadata.Clone() // change may have stored slices of its own
	e.Modified = v.options.Now().Unix()
	if len(e.Versions) > 0 {
		e.Versions = slices.Clone(e.Versions)
		e.Versions[0].Docstring = e.Docstring
	}
	return e, v.checkChange(old, e)
}

// Rollback returns the endpoint after a rollback to a version, or to the previous one if number is
// 0. The caller checks that its code is intact. Its errors are ErrNotFound, ErrInvalid and
// ErrTooLarge.
func (v View) Rollback(name string, number int, author string) (Endpoint, error) {
	e, exists := v.byName[name]
	if !exists {
		return Endpoint{}, ErrNotFound
	}
	before := e
	old, err := e.Find(number)
	if err != nil {
		return Endpoint{}, err
	}
	now := v.options.Now().Unix()
	version := old
	version.Number, version.CopyOf, version.Deployed, version.Author = e.Version+1, old.Number, now, author
	e.Version, e.Modified, e.Docstring = version.Number, now, version.Docstring
	e.Versions = v.prependVersion(version, e.Versions)
	return e, v.checkChange(before, e)
}

// Remove returns the endpoint that a removal would remove. Its errors are ErrNotFound and ErrInUse.
func (v View) Remove(name string) (Endpoint, error) {
	old, exists := v.byName[name]
	if !exists {
		return Endpoint{}, ErrNotFound
	}
	for _, e := range v.byName {
		if e.Name != name && (e.Target == name || slices.Contains(e.Dependencies, name)) {
			return Endpoint{}, fmt.Errorf("%w: %s", ErrInUse, e.Name)
		}
	}
	return old, nil
}

// Restore returns the outcome of the restoration of e from an archive. Its errors are ErrExists,
// ErrTooMany and ErrTooLarge.
func (v View) Restore(e Endpoint, replace bool) (Outcome, error) {
	old, exists := v.byName[e.Name]
	switch {
	case exists && old.Equal(e):
		return Unchanged, nil
	case exists && !replace:
		return "", ErrExists
	case exists:
		return Replaced, v.checkChange(old, e)
	}
	return Created, errors.Join(v.checkCount(), v.checkChange(old, e))
}
