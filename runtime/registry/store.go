package registry

import (
	"bytes"
	"errors"
	"io/fs"

	"tabcell/runtime/osfile"
)

// readManifest reads the manifest at path, which is relative to the registry's folder.
func (r *Registry) readManifest(path string) (Endpoint, error) {
	text, err := r.disk.read(path, maxManifestBytes)
	if err != nil {
		return Endpoint{}, err
	}
	return decodeManifest(path, text)
}

// writeManifest replaces the manifest of old by that of e. After an error the manifest is as it
// was, unless the error is a StorageError with Unclear set.
func (r *Registry) writeManifest(e, old Endpoint, exists bool) error {
	text, err := encodeManifest(e)
	if err != nil {
		return err
	}
	if err := r.disk.files.Replace(manifestPath(e.Name), text); err != nil {
		undo := r.revertManifest(e.Name, old, exists)
		return &StorageError{Step: "write the endpoint's manifest", Err: errors.Join(err, undo), Unclear: undo != nil}
	}
	return nil
}

// revertManifest undoes a failed change of a manifest. The manifest has changed if only the step
// after the rename failed, which is flushing the folder.
func (r *Registry) revertManifest(name string, old Endpoint, existed bool) error {
	path := manifestPath(name)
	if !existed {
		return ignoreMissing(r.disk.root.Remove(path))
	}
	text, err := encodeManifest(old)
	if err != nil {
		return err
	}
	if current, err := r.disk.read(path, maxManifestBytes); err == nil && bytes.Equal(current, text) {
		return nil
	}
	return r.disk.files.Replace(path, text)
}

// writeCode writes a file of code, unless it exists and is intact.
func (r *Registry) writeCode(sum string, content []byte) error {
	path := codeDir + "/" + sum
	if existing, err := r.disk.read(path, int64(len(content))); err == nil && osfile.Digest(existing) == sum {
		return nil
	}
	if err := r.disk.files.Replace(path, content); err != nil {
		return &StorageError{Step: "write the model's code", Err: err}
	}
	return nil
}

// sweep removes code that no manifest refers to. If a manifest is damaged, all code stays, because
// the manifest may refer to any of it.
func (r *Registry) sweep() error { return r.Sweep(func(string) bool { return false }) }

// Sweep removes code that no version refers to, except where keep returns true for its sum. It
// removes nothing while a manifest is damaged.
func (r *Registry) Sweep(keep func(sum string) bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || len(r.damaged) > 0 {
		return nil
	}
	files, err := r.disk.names(codeDir)
	if err != nil {
		return err
	}
	used := r.usedSums()
	for _, name := range files {
		if !used[name] && !keep(name) {
			if err := r.disk.root.Remove(codeDir + "/" + name); err != nil {
				return err
			}
		}
	}
	return nil
}

// removeTemps removes the temporary files of an earlier process.
func (r *Registry) removeTemps() error {
	temps, err := r.disk.names(tempDir)
	if err != nil {
		return err
	}
	for _, name := range temps {
		if err := r.disk.root.Remove(tempDir + "/" + name); err != nil {
			return err
		}
	}
	return nil
}

// removeUnused removes those code files among sums that no version refers to. A file that cannot be
// removed is left for the sweep of the next Open.
func (r *Registry) removeUnused(sums []string) {
	if len(r.damaged) > 0 {
		return // a damaged manifest may refer to any code
	}
	used := r.usedSums()
	for _, sum := range sums {
		if !used[sum] {
			if err := r.disk.root.Remove(codeDir + "/" + sum); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return
			}
		}
	}
}

// usedSums returns the sums of all versions.
func (r *Registry) usedSums() map[string]bool {
	used := map[string]bool{}
	for _, e := range r.List() {
		for _, sum := range e.sums() {
			used[sum] = true
		}
	}
	return used
}
