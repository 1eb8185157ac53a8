package registry

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"tabcell/runtime/osfile"
)

// Deploy creates an endpoint, or a new version of an existing one, and returns its new state. Its
// errors are ErrInvalidName, ErrInvalid, ErrExists, ErrInvalidTarget, ErrTooLarge, ErrTooMany and
// *StorageError. After an error the registry is unchanged, unless the error is a StorageError with
// Unclear set.
func (r *Registry) Deploy(d Deployment) (Endpoint, error) {
	if err := errors.Join(d.check(r.options.MaxBytes), d.CheckText()); err != nil {
		return Endpoint{}, err
	}
	return r.change(d.Name, func(old Endpoint, exists bool) (Endpoint, error) {
		switch {
		case exists && !d.Replace:
			return old, ErrExists
		case !exists && len(r.List()) >= r.options.MaxCount:
			return old, fmt.Errorf("%w: the limit is %d (TABCELL_MODELS_MAX_COUNT)", ErrTooMany, r.options.MaxCount)
		}
		if d.Target != "" {
			return r.newAlias(old, d)
		}
		return r.newVersion(old, d)
	})
}

func (r *Registry) newVersion(old Endpoint, d Deployment) (Endpoint, error) {
	e := r.successor(old, d)
	v := Version{
		Number: e.Version, Kind: d.Code.Kind, Function: d.Code.Function, Requires: slices.Clone(d.Code.Requires),
		Sum: osfile.Digest(d.Code.Content), Size: int64(len(d.Code.Content)), Docstring: e.Docstring, Deployed: e.Modified, Author: d.Author,
	}
	e.Type, e.Target = TypeModel, ""
	e.Versions = r.prependVersion(v, old.Versions)
	return e, r.writeCode(v.Sum, d.Code.Content)
}

func (r *Registry) newAlias(old Endpoint, d Deployment) (Endpoint, error) {
	target, err := r.resolve(d.Target)
	if err != nil {
		return old, err
	}
	if target.Name == d.Name || d.Target == d.Name {
		//lint:ignore ST1005 continues TabPy's sentence
		return old, fmt.Errorf("%w It leads back to the endpoint itself.", ErrInvalidTarget)
	}
	e := r.successor(old, d)
	e.Type, e.Target, e.Versions = TypeAlias, d.Target, nil
	return e, nil
}

// successor returns the endpoint after a deployment, with the fields that models and aliases share.
func (r *Registry) successor(old Endpoint, d Deployment) Endpoint {
	now := r.options.Now().Unix()
	e := Endpoint{Name: d.Name, Metadata: d.Metadata.clone(), Version: old.Version + 1, Created: old.Created, Modified: now}
	if old.Version == 0 {
		e.Created = now
	}
	return e
}

// prependVersion returns the versions of a model after v is added. Only the newest ones are kept.
func (r *Registry) prependVersion(v Version, older []Version) []Version {
	older = older[:min(len(older), r.options.KeepVersions-1)]
	return append([]Version{v}, older...)
}

// UpdateMetadata calls change with a copy of the endpoint's metadata and stores the result. The
// version of the endpoint stays the same. Its errors are ErrNotFound, ErrTooLarge and
// *StorageError.
func (r *Registry) UpdateMetadata(name string, change func(*Metadata)) (Endpoint, error) {
	return r.change(name, func(e Endpoint, exists bool) (Endpoint, error) {
		if !exists {
			return e, ErrNotFound
		}
		e.Metadata = e.Metadata.clone()
		change(&e.Metadata)
		e.Metadata = e.Metadata.clone() // change may have stored slices of its own
		e.Modified = r.options.Now().Unix()
		if len(e.Versions) > 0 {
			e.Versions = slices.Clone(e.Versions)
			e.Versions[0].Docstring = e.Docstring
		}
		return e, nil
	})
}

// Rollback deploys the code of an older version as a new version. Number 0 stands for the version
// before the current one. Its errors are ErrNotFound if there is no such endpoint, ErrInvalid if
// the version is not kept, ErrDamaged and *StorageError.
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
		v := old
		v.Number, v.CopyOf, v.Deployed, v.Author = e.Version+1, old.Number, now, author
		e.Version, e.Modified, e.Docstring = v.Number, now, v.Docstring
		e.Versions = r.prependVersion(v, e.Versions)
		return e, nil
	})
}

// Remove removes an endpoint and all its versions. Its errors are ErrNotFound, ErrInUse if another
// endpoint has it as target or dependency, and *StorageError.
func (r *Registry) Remove(name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.checkWritable(); err != nil {
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
	if err := r.disk.files.Remove(manifestPath(name)); err != nil {
		undo := r.revertManifest(name, old, true)
		return &StorageError{Step: "remove the endpoint", Err: errors.Join(err, undo), Unclear: undo != nil}
	}
	byName := maps.Clone(r.current.Load().byName)
	delete(byName, name)
	r.publish(byName)
	r.removeUnused(old.sums())
	return nil
}

// change replaces an endpoint by the result of edit, on the disk and in memory. If edit or writing
// fails, it removes the code that edit has written.
func (r *Registry) change(name string, edit func(old Endpoint, exists bool) (Endpoint, error)) (Endpoint, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.checkWritable(); err != nil {
		return Endpoint{}, err
	}
	old, exists := r.Get(name)
	e, err := edit(old, exists)
	if err == nil {
		err = r.checkChange(old, e)
	}
	if err == nil {
		err = r.writeManifest(e, old, exists)
	}
	if err != nil {
		if storage, ok := errors.AsType[*StorageError](err); !ok || !storage.Unclear {
			r.removeUnused(e.sums())
		}
		return Endpoint{}, err
	}
	byName := maps.Clone(r.current.Load().byName)
	if byName == nil {
		byName = map[string]Endpoint{}
	}
	byName[name] = e
	r.publish(byName)
	r.removeUnused(old.sums())
	return e, nil
}

func (r *Registry) checkWritable() error {
	switch {
	case r.closed:
		return ErrClosed
	case r.options.ReadOnly:
		return ErrReadOnly
	}
	return nil
}
