package endpoints

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tabcell/runtime/registry"
)

// ExportReport is the result of an export.
type ExportReport struct {
	Count    int     // endpoints that were written
	Problems []error // endpoints and versions that are damaged, each with its name
}

// Export writes the named endpoints, or all if names is empty, to an archive. Damaged ones do not
// stop the others. program is the version of this program.
func Export(s Store, w io.Writer, names []string, program string) (report ExportReport, err error) {
	archive, err := registry.NewArchiveWriter(w, program, time.Now())
	if err != nil {
		return report, err
	}
	all, err := s.archivable() // also signs in to a server
	if err != nil {
		return report, err
	}
	if len(names) == 0 {
		names = all
		for _, name := range s.damaged() {
			report.Problems = append(report.Problems, fmt.Errorf("%q cannot be read and was not exported", name))
		}
	}
	for _, name := range names {
		damaged, err := s.archive(archive, name)
		if broken, ok := errors.AsType[*brokenArchiveError](err); ok {
			return report, fmt.Errorf("%q: %w", name, broken.err)
		}
		if err != nil {
			report.Problems = append(report.Problems, fmt.Errorf("%q was not exported: %w", name, err))
		}
		for _, version := range damaged {
			report.Problems = append(report.Problems, fmt.Errorf("%q: version %d is damaged and was not exported", name, version))
		}
	}
	report.Count = archive.Count()
	return report, archive.Close()
}

// brokenArchiveError means that an archive cannot be continued, because only a part of an endpoint
// was written.
type brokenArchiveError struct{ err error }

func (e *brokenArchiveError) Error() string { return e.err.Error() }

// ExportFile writes an archive to a new file, which appears only when it is complete.
func ExportFile(s Store, path string, names []string, program string) (report ExportReport, err error) {
	if info, err := os.Lstat(path); err == nil {
		advice := "remove it, or choose another name"
		if info.IsDir() {
			advice = "it is a folder; name a new file, such as " + filepath.Join(path, "backup.tar")
		}
		return report, fmt.Errorf("%s: %w; %s", path, os.ErrExist, advice)
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // with mode 600
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return report, fmt.Errorf("%s cannot be created: %w", path, failed.Err) // without the temporary name
	}
	if err != nil {
		return report, err
	}
	report, err = Export(s, file, names, program)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil && report.Count == 0 && len(report.Problems) > 0 {
		err = errors.Join(report.Problems...)
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return report, errors.Join(err, os.Remove(file.Name()))
	}
	return report, nil
}

// ImportOptions says how an import treats endpoints that exist already and differ.
type ImportOptions struct {
	Replace bool // they get the archived state, and lose their own history
	DryRun  bool // nothing is changed
}

// Imported is the result of importing one endpoint.
type Imported struct {
	Name    string
	Outcome registry.Outcome // "" if Err is set
	Version int
	Dropped int   // versions beyond TABCELL_MODELS_KEEP_VERSIONS
	Err     error // registry.ErrExists if the endpoint exists and differs
}

// ImportArchive restores the endpoints of an archive, and calls each with every result. Damaged
// ones do not stop the others. It returns an error if the archive itself is damaged: then it may
// have more endpoints.
func ImportArchive(s Store, archive io.Reader, maxBytes int64, o ImportOptions, each func(Imported)) error {
	r, err := registry.NewArchiveReader(archive, maxBytes)
	if err != nil {
		return err
	}
	for {
		e, err := r.Next()
		if damaged, ok := errors.AsType[*registry.ArchivedError](err); ok {
			each(Imported{Name: damaged.Name, Err: damaged})
			continue
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		each(s.restore(r, e, o))
	}
}
