package endpoints

import (
	"errors"
	"os"

	"tabcell/runtime/registry"
)

var ErrNoExport = errors.New("export reads the models' folder itself: run it where the server runs, without --url")

// ExportFile writes endpoints to a new file, which is removed again if that fails.
func ExportFile(s Store, path string, names []string) (count int, err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	count, err = s.Export(file, names)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return 0, errors.Join(err, os.Remove(path))
	}
	return count, nil
}

// ReadImport calls each for the endpoints of an exported file or of TabPy's state folder. maxBytes
// bounds the code of each. What cannot be imported from a state folder is reported to warn.
func ReadImport(path string, maxBytes int64, each func(registry.Deployment) error, warn func(string)) error {
	if info, err := os.Stat(path); err != nil {
		return err
	} else if info.IsDir() {
		return importTabPy(path, maxBytes, each, warn)
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return registry.ReadExport(file, maxBytes, each)
}
