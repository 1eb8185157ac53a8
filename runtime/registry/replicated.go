package registry

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
)

// replicatedName is the file that marks the folder of a node of a cluster.
const replicatedName = "replicated"

// IsReplicated reports whether the folder belongs to a node of a cluster.
func IsReplicated(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, replicatedName))
	return err == nil
}

// ReleaseReplicated makes the folder that of a single server again, with the endpoints that it has.
// It does nothing if the folder is not that of a node.
func ReleaseReplicated(dir string) error {
	return ignoreMissing(os.Remove(filepath.Join(dir, replicatedName)))
}

// checkReplicated creates the mark, or returns ErrReplicated if there is one and the registry was
// not opened for a cluster.
func (r *Registry) checkReplicated() error {
	_, err := r.disk.root.Lstat(replicatedName)
	switch {
	case err == nil && !r.options.Replicated:
		return ErrReplicated
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case err != nil && r.options.Replicated:
		return r.disk.files.Replace(replicatedName, []byte("The endpoints in this folder are replicated by a cluster.\n"))
	}
	return nil
}

// Put stores an endpoint of a replicated registry as it is. Its code may be missing; see HasCode.
// Its errors are ErrTooLarge, those of a malformed endpoint, and *StorageError.
func (r *Registry) Put(e Endpoint) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.checkOpen(); err != nil {
		return err
	}
	old, exists := r.Get(e.Name)
	if err := r.write(e, old, exists); err != nil {
		return err
	}
	r.publishOne(e)
	return nil
}

// write writes a valid endpoint to the disk.
func (r *Registry) write(e, old Endpoint, exists bool) error {
	if err := e.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return r.writeManifest(e, old, exists)
}

// Delete removes an endpoint of a replicated registry. Its code stays until Sweep. It does nothing
// if there is no such endpoint. Its error is *StorageError.
func (r *Registry) Delete(name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.checkOpen(); err != nil {
		return err
	}
	if old, exists := r.Get(name); exists {
		return r.removeEndpoint(old)
	}
	return nil
}

// Reconcile makes the registry have exactly the given endpoints, and removes damaged manifests.
// Afterwards it calls changed for each difference. After an error, a part of the changes is made, and
// changed was called for that part.
func (r *Registry) Reconcile(all map[string]Endpoint, changed func(old, e Endpoint)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.checkOpen(); err != nil {
		return err
	}
	if err := r.removeDamaged(); err != nil {
		return err
	}
	differences, err := r.writeDifferences(all)
	byName := map[string]Endpoint{}
	maps.Copy(byName, r.current.Load().byName)
	for _, d := range differences {
		delete(byName, d.old.Name)
		if d.now.Name != "" {
			byName[d.now.Name] = d.now
		}
	}
	r.publish(byName) // once, because it takes milliseconds for thousands of endpoints
	for _, d := range differences {
		changed(d.old, d.now)
	}
	return err
}

// difference is an endpoint before and after a change; a zero Endpoint is absent.
type difference struct{ old, now Endpoint }

// writeDifferences makes the manifests on the disk those of the given endpoints. It returns the
// differences that it has made, also with an error.
func (r *Registry) writeDifferences(all map[string]Endpoint) (made []difference, err error) {
	for _, old := range r.List() {
		if _, exists := all[old.Name]; !exists {
			if err := r.removeManifest(old); err != nil {
				return made, err
			}
			made = append(made, difference{old: old})
		}
	}
	for name, e := range all {
		old, exists := r.Get(name)
		if exists && old.Equal(e) {
			continue
		}
		if err := r.write(e, old, exists); err != nil {
			return made, err
		}
		made = append(made, difference{old, e})
	}
	return made, nil
}

// SetAside moves all endpoints to a new folder in the registry's folder, which can be opened as a
// registry, and returns its name. Afterwards the registry is empty.
func (r *Registry) SetAside() (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.checkOpen(); err != nil {
		return "", err
	}
	folder := fmt.Sprintf("before-cluster-%d", r.options.Now().Unix())
	err := r.disk.root.Mkdir(folder, 0o700)
	for _, dir := range []string{codeDir, endpointsDir} { // without the manifests, nothing refers to code
		if err == nil {
			err = r.disk.root.Rename(dir, folder+"/"+dir)
		}
	}
	if err == nil {
		err = r.disk.makeFolders()
	}
	if err != nil {
		return "", &StorageError{Step: "move the endpoints to the folder " + folder, Err: err, Unclear: true}
	}
	r.damaged = nil
	r.publish(map[string]Endpoint{})
	return folder, nil
}

// removeDamaged removes the manifests that could not be read.
func (r *Registry) removeDamaged() error {
	for _, d := range r.damaged {
		if err := ignoreMissing(r.disk.root.Remove(d.File)); err != nil {
			return &StorageError{Step: "remove a damaged manifest", Err: err}
		}
	}
	r.damaged = nil
	return nil
}

// HasCode reports whether there is a file with the code of a version that has the right size. It
// does not read the file.
func (r *Registry) HasCode(v Version) bool {
	if !sumPattern.MatchString(v.Sum) || r.disk.root == nil {
		return false
	}
	info, err := r.disk.root.Lstat(codeDir + "/" + v.Sum)
	return err == nil && info.Mode().IsRegular() && info.Size() == v.Size
}

// OpenCode opens the code of a version, after it has compared it with its digest. Its error is
// ErrDamaged.
func (r *Registry) OpenCode(v Version) (*os.File, error) { return r.openCode(v) }

// StoreCode stores code before the endpoint that needs it. When it returns nil, the code is on the
// disk. Its errors are ErrDamaged if the content is not that of sum and size, *StorageError, and
// those of content.
func (r *Registry) StoreCode(sum string, size int64, content io.Reader) error {
	if !sumPattern.MatchString(sum) || size < 0 {
		return fmt.Errorf("%w: %.80q with %d bytes is not code", ErrInvalid, sum, size)
	}
	r.mu.Lock()
	err := r.checkOpen()
	r.mu.Unlock()
	if err != nil {
		return err
	}
	temp := tempDir + "/.code." + rand.Text()
	if err := r.writeTemp(temp, sum, size, content); err != nil {
		_ = r.disk.root.Remove(temp) // otherwise the next Open removes it
		return err
	}
	return r.moveTemp(temp, sum)
}

// writeTemp writes code to a temporary file and flushes it.
func (r *Registry) writeTemp(temp, sum string, size int64, content io.Reader) error {
	file, err := r.disk.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return &StorageError{Step: "write the model's code", Err: err}
	}
	digest, reader := sha256.New(), &trackedReader{content: io.LimitReader(content, size+1)}
	n, err := io.Copy(io.MultiWriter(file, digest), reader)
	if err == nil && (n != size || hex.EncodeToString(digest.Sum(nil)) != sum) {
		return errors.Join(fmt.Errorf("%w: the checksum of %d bytes is not %s", ErrDamaged, n, sum), file.Close())
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil && reader.err == nil {
		err = &StorageError{Step: "write the model's code", Err: err}
	}
	return err
}

// moveTemp makes a temporary file the code of a sum.
func (r *Registry) moveTemp(temp, sum string) error {
	if err := r.disk.root.Rename(temp, codeDir+"/"+sum); err != nil {
		return &StorageError{Step: "write the model's code", Err: err}
	}
	if err := r.disk.files.FlushFolder(codeDir); err != nil {
		return &StorageError{Step: "write the model's code", Err: err}
	}
	return nil
}

// StoreCode moves the code of a staged endpoint to its place, without the endpoint. Its error is
// *StorageError.
func (s *Staged) StoreCode() error { return s.moveCode() }
