package registry

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// Export is an endpoint that is ready to be archived. The code of its versions has been
// verified, and can be read until Close even if the endpoint is changed or removed in the
// meantime.
type Export struct {
	Endpoint Endpoint // with the versions whose code is intact
	Damaged  []int    // numbers of the other versions, which are not the current one
	files    map[string]*os.File
}

// exportAttempts is how many times an endpoint is read that another process changes meanwhile.
const exportAttempts = 3

// OpenExport opens an endpoint for an archive. Its errors are ErrNotFound, ErrDamaged if the
// code of the current version is damaged, and those of a damaged manifest. If the registry is
// read-only, it reads the manifest again, because another process may have changed it.
func (r *Registry) OpenExport(name string) (*Export, error) {
	for attempt := 1; ; attempt++ {
		e, err := r.latest(name)
		if err != nil {
			return nil, err
		}
		x, err := r.openVersions(e)
		if err == nil && len(x.Damaged) == 0 || attempt == exportAttempts || r.unchanged(e) {
			return x, err
		}
		if err == nil {
			err = x.Close()
		}
		if err != nil && !errors.Is(err, ErrDamaged) {
			return nil, err
		}
	}
}

// latest returns the present state of an endpoint.
func (r *Registry) latest(name string) (Endpoint, error) {
	e, ok := r.Get(name)
	if !r.options.ReadOnly || r.disk.root == nil {
		if !ok {
			return e, ErrNotFound
		}
		return e, nil
	}
	e, err := r.readManifest(manifestPath(name))
	if errors.Is(err, os.ErrNotExist) {
		err = ErrNotFound
	}
	return e, err
}

// unchanged reports whether e is the present state of its endpoint.
func (r *Registry) unchanged(e Endpoint) bool {
	now, err := r.latest(e.Name)
	return err == nil && now.Equal(e)
}

// Equal reports whether two endpoints are the same, with all that is stored of them.
func (e Endpoint) Equal(other Endpoint) bool {
	a, errA := encodeManifest(e)
	b, errB := encodeManifest(other)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// openVersions opens and verifies the code of all versions.
func (r *Registry) openVersions(e Endpoint) (*Export, error) {
	x := &Export{files: map[string]*os.File{}}
	intact := []Version{}
	for i, v := range e.Versions {
		if x.files[v.Sum] == nil {
			file, err := r.openCode(v)
			if err != nil && i == 0 {
				return nil, errors.Join(err, x.Close())
			}
			if err != nil {
				x.Damaged = append(x.Damaged, v.Number)
				continue
			}
			x.files[v.Sum] = file
		}
		intact = append(intact, v)
	}
	if x.Endpoint = e; len(e.Versions) > 0 {
		x.Endpoint.Versions = intact
	}
	return x, nil
}

// openCode opens the code of a version and verifies it. Its error is ErrDamaged.
func (r *Registry) openCode(v Version) (*os.File, error) {
	if !sumPattern.MatchString(v.Sum) || r.disk.root == nil {
		return nil, ErrDamaged
	}
	file, err := r.disk.root.Open(codeDir + "/" + v.Sum)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	sum := sha256.New()
	n, err := io.Copy(sum, file)
	if err == nil && (n != v.Size || hex.EncodeToString(sum.Sum(nil)) != v.Sum) {
		err = fmt.Errorf("the checksum of %s/%s is not its name", codeDir, v.Sum)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, errors.Join(err, file.Close()))
	}
	return file, nil
}

// AddTo adds the endpoint to an archive.
func (x *Export) AddTo(a *ArchiveWriter) error {
	return a.Add(x.Endpoint, func(sum string) (io.Reader, error) {
		file := x.files[sum]
		_, err := file.Seek(0, io.SeekStart)
		return file, err
	})
}

// Close closes the files of the code.
func (x *Export) Close() error {
	var errs []error
	for _, file := range x.files {
		errs = append(errs, file.Close())
	}
	return errors.Join(errs...)
}
