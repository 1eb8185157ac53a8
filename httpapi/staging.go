package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rs/zerolog"

	"tabcell/runtime/registry"
)

// archiveName is the file that TabPy's client writes into a version's folder.
const archiveName = "pickle_archive"

// staged reads the archive in a folder that a client names. GAP: TabPy copies any folder of the host. Here the folder must lie below the
// staging folder, without a link on the way; of everything else a client hears that it does not exist, whether it does or not.
func (a *API) readStagedArchive(ctx context.Context, src string, reserve func(int64) error) ([]byte, error) {
	content, err := readStaged(a.cfg.Staging, src, a.cfg.MaxModelBytes, reserve)
	if errors.Is(err, registry.ErrTooLarge) || errors.Is(err, errBudgetExceeded) {
		return nil, err
	}
	if err != nil {
		zerolog.Ctx(ctx).Warn().Str("src_path", sanitize(src, maxLoggedName)).Str("staging", a.cfg.Staging).Str("error", sanitize(err.Error(), maxLoggedText)).
			Msg("a model is deployed from below the staging folder, or sent with the request")
		return nil, fileNotFound(src)
	}
	return content, nil
}

var errOutsideStaging = errors.New("the path is not below the staging folder")

// below is src relative to the staging folder.
func relativeToStaging(staging, src string) (string, error) {
	if staging == "" {
		return "", errOutsideStaging
	}
	rel, err := filepath.Rel(staging, src)
	if err != nil || !filepath.IsAbs(src) || !filepath.IsLocal(rel) || strings.Contains(filepath.ToSlash(src), "/../") {
		return "", errOutsideStaging
	}
	return rel, nil
}

func readStaged(staging, src string, limit int64, reserve func(int64) error) ([]byte, error) {
	rel, err := relativeToStaging(staging, src)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(staging) // what is opened through it cannot lie elsewhere, whoever swaps links meanwhile
	if err != nil {
		return nil, err
	}
	defer root.Close()
	name := filepath.Join(rel, archiveName)
	if err := checkNoLinks(root, name); err != nil {
		return nil, err
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readRegular(f, limit, reserve)
}

// noLinks refuses a path with a link in it: it would be a way to another endpoint's files.
func checkNoLinks(root *os.Root, name string) error {
	for at := name; at != "."; at = filepath.Dir(at) {
		info, err := root.Lstat(at)
		if err != nil {
			return err
		}
		if regular := at == name; regular && !info.Mode().IsRegular() || !regular && !info.IsDir() {
			return fmt.Errorf("%s is neither file nor folder: %s", at, info.Mode().Type())
		}
	}
	return nil
}

// readRegular asks hold for the bytes, as readBounded does: the requests that name a large file are small.
func readRegular(f *os.File, limit int64, reserve func(int64) error) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file", f.Name())
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%w: an archive may have %d bytes", registry.ErrTooLarge, limit)
	}
	return readBounded(f, info.Size(), limit, reserve)
}

// unstage removes what was staged for an endpoint, as TabPy does when the endpoint is removed.
func (a *API) removeStaged(name string) error {
	if a.cfg.Staging == "" {
		return nil
	}
	root, err := os.OpenRoot(a.cfg.Staging)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	return root.RemoveAll(filepath.Join("endpoints", name))
}

// isCurrent tells whether a path is where TabPy's client staged, or would have staged, an endpoint's current version.
func (a *API) isStagedVersion(src string, e registry.Endpoint) bool {
	rel, err := relativeToStaging(a.cfg.Staging, src)
	return err == nil && rel == filepath.Join("endpoints", e.Name, strconv.Itoa(e.Version))
}
