package registry

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
)

// Staged is an endpoint of an archive whose code was verified and written to temporary files. It
// becomes part of the registry with Restore.
type Staged struct {
	Endpoint Endpoint
	Dropped  int // number of versions beyond Options.KeepVersions, which are not restored
	registry *Registry
	temps    map[string]string // sum -> temporary file
}

// Stage reads the code of the endpoint that a.Next returned, and writes it to temporary files. It
// holds no lock, so that the archive may arrive slowly. Its errors are ErrDamaged, ErrTooLarge,
// ErrInvalid, ErrReadOnly, ErrNotArchive and *StorageError. The caller must call Discard.
func (r *Registry) Stage(a *ArchiveReader, e Endpoint) (*Staged, error) {
	if err := r.checkRestorable(e); err != nil {
		return nil, err
	}
	s := &Staged{Endpoint: e, registry: r, temps: map[string]string{}}
	if keep := r.options.KeepVersions; len(e.Versions) > keep {
		s.Dropped = len(e.Versions) - keep
		s.Endpoint.Versions = e.Versions[:keep]
	}
	for range s.Endpoint.distinct() { // the rest is skipped by Next
		v, content, err := a.Code()
		if err == nil {
			err = s.write(v, content)
		}
		if err != nil {
			s.Discard()
			return nil, err
		}
	}
	return s, nil
}

// checkRestorable returns an error if the endpoint cannot be restored, whatever the registry has.
func (r *Registry) checkRestorable(e Endpoint) error {
	for _, v := range e.Versions {
		if v.Kind != Pickle && v.Kind != Source {
			return fmt.Errorf("%w: version %d has the unknown kind of code %q", ErrInvalid, v.Number, v.Kind)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.checkOpen()
}

// write writes code to a new temporary file.
func (s *Staged) write(v Version, content io.Reader) error {
	temp := tempDir + "/.restore." + rand.Text()
	file, err := s.registry.disk.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return &StorageError{Step: "write the model's code", Err: err}
	}
	s.temps[v.Sum] = temp
	reader := &trackedReader{content: content}
	_, err = io.Copy(file, reader)
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err != nil && reader.err == nil {
		err = &StorageError{Step: "write the model's code", Err: err}
	}
	return err
}

// trackedReader remembers its error, which tells it from those of a writer.
type trackedReader struct {
	content io.Reader
	err     error
}

// Read implements io.Reader.
func (r *trackedReader) Read(p []byte) (int, error) {
	n, err := r.content.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// Discard removes the temporary files that Restore has not used.
func (s *Staged) Discard() {
	for sum, temp := range s.temps {
		_ = s.registry.disk.root.Remove(temp) // otherwise the next Open removes it
		delete(s.temps, sum)
	}
}

// Outcome is the result of a restoration.
type Outcome string

// The outcomes of Restore.
const (
	Created   Outcome = "created"
	Replaced  Outcome = "replaced"
	Unchanged Outcome = "unchanged" // the endpoint has been the same before
)

// Restore makes a staged endpoint, with its versions and its history, part of the registry.
// Unlike a deployment, it makes no new version: an endpoint that is replaced loses its own
// history. It accepts an alias whose target is missing, because the target may follow. Its
// errors are ErrExists unless replace is set, ErrTooMany, ErrTooLarge and *StorageError.
func (r *Registry) Restore(s *Staged, replace bool) (Endpoint, Outcome, error) {
	if old, exists := r.Get(s.Endpoint.Name); exists && old.Equal(s.Endpoint) {
		return old, Unchanged, nil
	}
	var outcome Outcome
	e, err := r.change(s.Endpoint.Name, func(v View) (e Endpoint, err error) {
		if outcome, err = v.Restore(s.Endpoint, replace); err != nil || outcome == Unchanged {
			return s.Endpoint, err
		}
		return s.Endpoint, s.moveCode()
	})
	return e, outcome, err
}

// CheckRestore returns the outcome that Restore would have, without changing anything.
func (r *Registry) CheckRestore(s *Staged) Outcome {
	switch old, exists := r.Get(s.Endpoint.Name); {
	case !exists:
		return Created
	case old.Equal(s.Endpoint):
		return Unchanged
	}
	return Replaced
}

// moveCode moves the temporary files to their places. The caller holds the registry's lock.
func (s *Staged) moveCode() error {
	disk := s.registry.disk
	for sum, temp := range s.temps {
		if err := disk.root.Rename(temp, codeDir+"/"+sum); err != nil {
			return &StorageError{Step: "write the model's code", Err: err}
		}
		delete(s.temps, sum)
	}
	if err := disk.files.FlushFolder(codeDir); err != nil {
		return &StorageError{Step: "write the model's code", Err: err}
	}
	return nil
}
