package registry

import (
	"bytes"
	"errors"
	"io/fs"

	"tabcell/runtime/osfile"
)

// writeManifest makes the change that e is; after an error the manifest is what it was, unless the error says that this is not clear.
func (r *Registry) writeManifest(e, old Endpoint, exists bool) error {
	text, err := encodeManifest(e)
	if err != nil {
		return err
	}
	if err := r.disk.files.Replace(fileOf(e.Name), text); err != nil {
		back := r.restore(e.Name, old, exists)
		return &StorageError{Step: "write what is known about the endpoint", Err: errors.Join(err, back), Unclear: back != nil}
	}
	return nil
}

// restore puts a manifest back if a change that failed had touched it already: it is the rename that counts, and what can fail after it is
// only forcing it to the disk.
func (r *Registry) restore(name string, old Endpoint, exists bool) error {
	if !exists {
		return ignoreMissing(r.disk.root.Remove(fileOf(name)))
	}
	text, err := encodeManifest(old)
	if err != nil {
		return err
	}
	if now, err := r.disk.read(fileOf(name), mostManifest); err == nil && bytes.Equal(now, text) {
		return nil
	}
	return r.disk.files.Replace(fileOf(name), text)
}

// writeCode writes a file of code unless it is there, whole.
func (r *Registry) writeCode(sum string, content []byte) error {
	name := codeDir + "/" + sum
	if there, err := r.disk.read(name, int64(len(content))); err == nil && osfile.Digest(there) == sum {
		return nil
	}
	if err := r.disk.files.Replace(name, content); err != nil {
		return &StorageError{Step: "write the model's code", Err: err}
	}
	return nil
}

// drop removes the code files among sums that nothing refers to any more. One that cannot be removed is swept at the next start; a
// damaged manifest may refer to any.
func (r *Registry) drop(sums []string) {
	if len(r.damages) > 0 {
		return
	}
	used := r.used()
	for _, sum := range sums {
		if !used[sum] {
			if err := r.disk.root.Remove(codeDir + "/" + sum); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return
			}
		}
	}
}
