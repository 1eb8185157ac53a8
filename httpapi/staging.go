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
func (a *API) staged(ctx context.Context, src string, hold func(int64) error) ([]byte, error) {
	content, err := readStaged(a.cfg.Staging, src, a.cfg.MaxModelBytes, hold)
	if errors.Is(err, registry.ErrTooLarge) || errors.Is(err, errCrowded) {
		return nil, err
	}
	if err != nil {
		zerolog.Ctx(ctx).Warn().Str("src_path", clean(src, mostName)).Str("staging", a.cfg.Staging).Str("error", clean(err.Error(), mostText)).
			Msg("a model is deployed from below the staging folder, or sent with the request")
		return nil, noFile(src)
	}
	return content, nil
}

var errOutside = errors.New("the path is not below the staging folder")

// below is src relative to the staging folder.
func below(staging, src string) (string, error) {
	if staging == "" {
		return "", errOutside
	}
	rel, err := filepath.Rel(staging, src)
	if err != nil || !filepath.IsAbs(src) || !filepath.IsLocal(rel) || strings.Contains(filepath.ToSlash(src), "/../") {
		return "", errOutside
	}
	return rel, nil
}

func readStaged(staging, src string, most int64, hold func(int64) error) ([]byte, error) {
	rel, err := below(staging, src)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(staging) // what is opened through it cannot lie elsewhere, whoever swaps links meanwhile
	if err != nil {
		return nil, err
	}
	defer root.Close()
	name := filepath.Join(rel, archiveName)
	if err := noLinks(root, name); err != nil {
		return nil, err
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readRegular(f, most, hold)
}

// noLinks refuses a path with a link in it: it would be a way to another endpoint's files.
func noLinks(root *os.Root, name string) error {
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
func readRegular(f *os.File, most int64, hold func(int64) error) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file", f.Name())
	}
	if info.Size() > most {
		return nil, fmt.Errorf("%w: an archive may have %d bytes", registry.ErrTooLarge, most)
	}
	return readBounded(f, info.Size(), most, hold)
}

// unstage removes what was staged for an endpoint, as TabPy does when the endpoint is removed.
func (a *API) unstage(name string) error {
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
func (a *API) isCurrent(src string, e registry.Endpoint) bool {
	rel, err := below(a.cfg.Staging, src)
	return err == nil && rel == filepath.Join("endpoints", e.Name, strconv.Itoa(e.Version))
}
