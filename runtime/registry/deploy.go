package registry

import (
	"errors"
	"maps"
	"slices"

	"tabcell/runtime/osfile"
)

// Deploy creates an endpoint, or a new version of an existing one, and returns its new state. Its
// errors are ErrInvalidName, ErrInvalid, ErrExists, ErrInvalidTarget, ErrTooLarge, ErrTooMany and
// *StorageError. After an error the registry is unchanged, unless the error is a StorageError with
// Unclear set.
func (r *Registry) Deploy(d Deployment) (Endpoint, error) {
	if err := d.Check(r.options.MaxBytes); err != nil {
		return Endpoint{}, err
	}
	sum := osfile.Digest(d.Code.Content)
	return r.change(d.Name, func(v View) (Endpoint, error) {
		e, err := v.Deploy(d, sum, int64(len(d.Code.Content)))
		if err == nil && e.Type == TypeModel {
			err = r.writeCode(sum, d.Code.Content)
		}
		return e, err
	})
}

// UpdateMetadata calls change with a copy of the endpoint's metadata and stores the result. The
// version of the endpoint stays the same. Its errors are ErrNotFound, ErrTooLarge and
// *StorageError.
func (r *Registry) UpdateMetadata(name string, change func(*Metadata)) (Endpoint, error) {
	return r.change(name, func(v View) (Endpoint, error) { return v.UpdateMetadata(name, change) })
}

// Rollback deploys the code of an older version as a new version. Number 0 stands for the version
// before the current one. Its errors are ErrNotFound if there is no such endpoint, ErrInvalid if
// the version is not kept, ErrDamaged and *StorageError.
func (r *Registry) Rollback(name string, number int, author string) (Endpoint, error) {
	return r.change(name, func(v View) (Endpoint, error) {
		e, err := v.Rollback(name, number, author)
		if err == nil {
			_, err = r.Content(e.Current())
		}
		return e, err
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
	old, err := r.view().Remove(name)
	if err != nil {
		return err
	}
	if err := r.removeEndpoint(old); err != nil {
		return err
	}
	r.removeUnused(old.sums())
	return nil
}

// removeEndpoint removes an endpoint from the disk and from memory. The caller holds r.mu.
func (r *Registry) removeEndpoint(old Endpoint) error {
	if err := r.removeManifest(old); err != nil {
		return err
	}
	byName := maps.Clone(r.current.Load().byName)
	delete(byName, old.Name)
	r.publish(byName)
	return nil
}

// removeManifest removes an endpoint from the disk. The caller holds r.mu.
func (r *Registry) removeManifest(old Endpoint) error {
	if err := r.disk.files.Remove(manifestPath(old.Name)); err != nil {
		undo := r.revertManifest(old.Name, old, true)
		return &StorageError{Step: "remove the endpoint", Err: errors.Join(err, undo), Unclear: undo != nil}
	}
	return nil
}

// view returns the endpoints of the present, for the computation of a change.
func (r *Registry) view() View { return View{r.options, r.current.Load().byName} }

// change replaces an endpoint by the result of edit, on the disk and in memory. If edit or writing
// fails, it removes the code that edit has written.
func (r *Registry) change(name string, edit func(View) (Endpoint, error)) (Endpoint, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.checkWritable(); err != nil {
		return Endpoint{}, err
	}
	old, exists := r.Get(name)
	e, err := edit(r.view())
	if err == nil {
		err = r.writeManifest(e, old, exists)
	}
	if err != nil {
		if storage, ok := errors.AsType[*StorageError](err); !ok || !storage.Unclear {
			r.removeUnused(e.sums())
		}
		return Endpoint{}, err
	}
	r.publishOne(e)
	r.removeUnused(old.sums())
	return e, nil
}

// publishOne publishes the state in which e replaces the endpoint of its name. It does not sort all
// endpoints again, which takes ten milliseconds for ten thousand of them.
func (r *Registry) publishOne(e Endpoint) {
	now := r.current.Load()
	byName, sorted := maps.Clone(now.byName), slices.Clone(now.sorted)
	if byName == nil {
		byName = map[string]Endpoint{}
	}
	byName[e.Name] = e
	i, exists := slices.BinarySearchFunc(sorted, e, compareNames)
	if exists {
		sorted[i] = e
	} else {
		sorted = slices.Insert(sorted, i, e)
	}
	r.current.Store(&snapshot{byName, sorted})
}

// checkWritable returns an error unless single endpoints can be changed. The caller holds r.mu.
func (r *Registry) checkWritable() error {
	if err := r.checkOpen(); err != nil || !r.options.Replicated {
		return err
	}
	return ErrReplicated
}

// checkOpen returns an error unless files can be written. The caller holds r.mu.
func (r *Registry) checkOpen() error {
	switch {
	case r.closed:
		return ErrClosed
	case r.options.ReadOnly:
		return ErrReadOnly
	}
	return nil
}
