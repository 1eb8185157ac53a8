package endpoints

import (
	"errors"
	"os"

	"tabcell/runtime/registry"
)

// ErrNoExport means that a store cannot export endpoints, because it is that of a server.
var ErrNoExport = errors.New("export reads the models folder directly; run it on the server's machine, without --url")

// ExportFile writes endpoints to a new file and returns their number. After an error it removes the
// file.
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

// ReadImport calls each for each endpoint of an exported file or of a state folder of TabPy.
// maxBytes is the maximum size of an endpoint's code. It calls warn for each endpoint of a state
// folder that cannot be imported.
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
