package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tabcell/runtime/osfile"
)

// Deploy makes an endpoint or a new version of one, and returns what it is now. Errors: ErrInvalidName, ErrInvalid, ErrExists, ErrInvalidTarget,
// ErrTooLarge, ErrTooMany, *StorageError. After an error nothing has changed.
func (r *Registry) Deploy(d Deployment) (Endpoint, error) {
	if err := r.checkDeployment(d); err != nil {
		return Endpoint{}, err
	}
	return r.change(d.Name, func(old Endpoint, exists bool) (Endpoint, error) {
		switch {
		case exists && !d.Replace:
			return old, ErrExists
		case !exists && len(r.List()) >= r.options.MaxCount:
			return old, fmt.Errorf("%w (%d)", ErrTooMany, r.options.MaxCount)
		}
		if d.Target != "" {
			return r.newAlias(old, d)
		}
		return r.newVersion(old, d)
	})
}

func (r *Registry) checkDeployment(d Deployment) error {
	if err := CheckName(d.Name); err != nil {
		return err
	}
	code := d.Code
	switch {
	case d.Schema != nil && !json.Valid(d.Schema):
		return fmt.Errorf("%w: the schema is no JSON", ErrInvalid)
	case d.Target != "" && len(code.Content) > 0:
		return fmt.Errorf("%w: an alias has no code of its own", ErrInvalid)
	case d.Target != "":
		return nil
	case code.Kind != Pickle && code.Kind != Source:
		return fmt.Errorf("%w: code of the kind %q is not known", ErrInvalid, code.Kind)
	case len(code.Content) == 0:
		return fmt.Errorf("%w: there is no code", ErrInvalid)
	case int64(len(code.Content)) > r.options.MaxBytes:
		return fmt.Errorf("%w: the code has %d bytes; %d are possible", ErrTooLarge, len(code.Content), r.options.MaxBytes)
	}
	return nil
}

func (r *Registry) newVersion(old Endpoint, d Deployment) (Endpoint, error) {
	e := r.begin(old, d)
	v := Version{
		Number: e.Version, Kind: d.Code.Kind, Function: d.Code.Function, Requires: slices.Clone(d.Code.Requires),
		Sum: osfile.Digest(d.Code.Content), Size: int64(len(d.Code.Content)), Docstring: e.Docstring, Deployed: e.Modified, Author: d.Author,
	}
	e.Type, e.Target = TypeModel, ""
	e.Versions = r.keep(v, old.Versions)
	return e, r.writeCode(v.Sum, d.Code.Content)
}

func (r *Registry) newAlias(old Endpoint, d Deployment) (Endpoint, error) {
	target, err := r.resolve(d.Target)
	if err != nil {
		return old, err
	}
	if target.Name == d.Name || d.Target == d.Name {
		return old, fmt.Errorf("%w It leads back to the endpoint itself.", ErrInvalidTarget) //nolint:staticcheck // a sentence
	}
	e := r.begin(old, d)
	e.Type, e.Target, e.Versions = TypeAlias, d.Target, nil
	return e, nil
}

// begin is the endpoint with what all kinds have.
func (r *Registry) begin(old Endpoint, d Deployment) Endpoint {
	now := r.options.Now().Unix()
	e := Endpoint{Name: d.Name, Metadata: d.Metadata.clone(), Version: old.Version + 1, Created: old.Created, Modified: now}
	if old.Version == 0 {
		e.Created = now
	}
	return e
}

// clone is a copy of its own, with the schema as it comes back from the disk.
func (a Metadata) clone() Metadata {
	var compact bytes.Buffer
	if err := json.Compact(&compact, a.Schema); err != nil || compact.String() == "null" {
		compact.Reset()
	}
	a.Schema = nil
	if compact.Len() > 0 {
		a.Schema = compact.Bytes()
	}
	a.Dependencies = slices.Clone(a.Dependencies)
	return a
}

// keep puts a version before the older ones, as many as are kept.
func (r *Registry) keep(v Version, older []Version) []Version {
	older = older[:min(len(older), r.options.KeepVersions-1)]
	return append([]Version{v}, older...)
}

// mostHops bounds a chain of aliases.
const mostHops = 8

// Resolve follows aliases to the model that a name stands for. Errors: ErrNotFound; ErrInvalidTarget when an alias leads nowhere.
func (r *Registry) Resolve(name string) (Endpoint, error) {
	if _, ok := r.Get(name); !ok {
		return Endpoint{}, ErrNotFound
	}
	return r.resolve(name)
}

func (r *Registry) resolve(name string) (Endpoint, error) {
	for range mostHops {
		e, ok := r.Get(name)
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

// UpdateMetadata changes what is said about an endpoint; its version stays. Errors: ErrNotFound, ErrTooLarge, *StorageError.
func (r *Registry) UpdateMetadata(name string, change func(*Metadata)) (Endpoint, error) {
	return r.change(name, func(e Endpoint, exists bool) (Endpoint, error) {
		if !exists {
			return e, ErrNotFound
		}
		e.Metadata = e.Metadata.clone()
		change(&e.Metadata)
		e.Metadata = e.Metadata.clone()
		e.Modified = r.options.Now().Unix()
		if len(e.Versions) > 0 {
			e.Versions = slices.Clone(e.Versions)
			e.Versions[0].Docstring = e.Docstring
		}
		return e, nil
	})
}

// Rollback deploys an old version's code again, as a new version; number 0 is the one before the current. Errors: ErrNotFound for the
// endpoint, ErrInvalid for a version that is not kept, ErrDamaged, *StorageError.
func (r *Registry) Rollback(name string, number int, author string) (Endpoint, error) {
	return r.change(name, func(e Endpoint, exists bool) (Endpoint, error) {
		if !exists {
			return e, ErrNotFound
		}
		old, err := e.find(number)
		if err != nil {
			return e, err
		}
		if _, err := r.Content(old); err != nil {
			return e, err
		}
		now := r.options.Now().Unix()
		again := old
		again.Number, again.CopyOf, again.Deployed, again.Author = e.Version+1, old.Number, now, author
		e.Version, e.Modified, e.Docstring = again.Number, now, again.Docstring
		e.Versions = r.keep(again, e.Versions)
		return e, nil
	})
}

func (e Endpoint) find(number int) (Version, error) {
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
	return Version{}, fmt.Errorf("%w: version %d is not kept (%s are)", ErrInvalid, number, e.numbers())
}

func (e Endpoint) numbers() string {
	texts := make([]string, len(e.Versions))
	for i, v := range e.Versions {
		texts[i] = fmt.Sprint(v.Number)
	}
	return strings.Join(texts, ", ")
}

// Remove removes an endpoint with all its versions. Errors: ErrNotFound; ErrInUse when an alias or a dependency names it; *StorageError.
func (r *Registry) Remove(name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.writable(); err != nil {
		return err
	}
	old, exists := r.Get(name)
	if !exists {
		return ErrNotFound
	}
	for _, e := range r.List() {
		if e.Name != name && (e.Target == name || slices.Contains(e.Dependencies, name)) {
			return fmt.Errorf("%w: %s", ErrInUse, e.Name)
		}
	}
	if err := r.disk.files.Remove(fileOf(name)); err != nil {
		back := r.restore(name, old, true)
		return &StorageError{Step: "remove the endpoint", Err: errors.Join(err, back), Unclear: back != nil}
	}
	byName := maps.Clone(r.current.Load().byName)
	delete(byName, name)
	r.publish(byName)
	r.drop(old.sums())
	return nil
}

// change replaces one endpoint by what edit makes of it.
func (r *Registry) change(name string, edit func(old Endpoint, exists bool) (Endpoint, error)) (Endpoint, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.writable(); err != nil {
		return Endpoint{}, err
	}
	old, exists := r.Get(name)
	e, err := edit(old, exists)
	if err == nil {
		err = r.writeManifest(e, old, exists)
	}
	if err != nil {
		if storage, ok := errors.AsType[*StorageError](err); !ok || !storage.Unclear {
			r.drop(e.sums()) // what this change wrote; what others refer to stays
		}
		return Endpoint{}, err
	}
	byName := maps.Clone(r.current.Load().byName)
	if byName == nil {
		byName = map[string]Endpoint{}
	}
	byName[name] = e
	r.publish(byName)
	r.drop(old.sums())
	return e, nil
}

func (r *Registry) writable() error {
	switch {
	case r.closed:
		return ErrClosed
	case r.options.ReadOnly:
		return ErrReadOnly
	}
	return nil
}
