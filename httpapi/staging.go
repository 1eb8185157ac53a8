package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rs/zerolog"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime/registry"
)

// archiveName is the name of the file that TabPy's client writes into the folder of a version.
const archiveName = "pickle_archive"

// readStagedArchive reads the archive in a folder that a client names.
//
// GAP: TabPy copies any folder of the host. tabcell accepts only folders below the staging folder,
// without links in the path. For every other path the client gets the error of a missing file,
// whether the file exists or not.
func (a *API) readStagedArchive(ctx context.Context, src string, mem memory) ([]byte, error) {
	content, err := readStaged(a.cfg.Staging, src, a.cfg.MaxModelBytes, mem)
	if errors.Is(err, registry.ErrTooLarge) || errors.Is(err, errBudgetExceeded) {
		return nil, err
	}
	if err != nil {
		zerolog.Ctx(ctx).Warn().Str("src_path", sanitize(src, maxLoggedName)).Str("staging", a.cfg.Staging).Str("error", sanitize(err.Error(), maxLoggedText)).
			Msg("cannot read a model; deploy it from the staging folder, or send its code with the request")
		return nil, fileNotFound(src)
	}
	return content, nil
}

var errOutsideStaging = errors.New("the path is not below the staging folder")

// relativeToStaging returns src relative to the staging folder, or errOutsideStaging.
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

func readStaged(staging, src string, limit int64, mem memory) ([]byte, error) {
	rel, err := relativeToStaging(staging, src)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(staging) // files opened through root are inside it, even if links change in the meantime
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
	return readRegular(f, limit, mem)
}

// checkNoLinks returns an error if a link is part of the path, since it could lead to the files of
// another endpoint.
func checkNoLinks(root *os.Root, name string) error {
	for at := name; at != "."; at = filepath.Dir(at) {
		info, err := root.Lstat(at)
		if err != nil {
			return err
		}
		if regular := at == name; regular && !info.Mode().IsRegular() || !regular && !info.IsDir() {
			return fmt.Errorf("%s is not a regular file or folder: %s", at, info.Mode().Type())
		}
	}
	return nil
}

// readRegular reads a regular file. It reserves the memory, as for a request body, because a small
// request can name a large file.
func readRegular(f *os.File, limit int64, mem memory) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", f.Name())
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%w: the archive has %d bytes, the limit is %d (TABCELL_MODELS_MAX_MB)", registry.ErrTooLarge, info.Size(), limit)
	}
	return readBounded(f, info.Size(), limit, mem)
}

// removeStaged removes the staged files of an endpoint, as TabPy does when it removes the endpoint.
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

// isStagedVersion reports whether src is the path at which TabPy's client stages the current
// version of e.
func (a *API) isStagedVersion(src string, e registry.Endpoint) bool {
	rel, err := relativeToStaging(a.cfg.Staging, src)
	return err == nil && rel == filepath.Join("endpoints", e.Name, strconv.Itoa(e.Version))
}

// uploadDestination handles GET /configurations/endpoint_upload_destination.
//
// GAP: without a staging folder, TabPy's client gets a path that does not exist; files that it
// writes there are never read.
func (a *API) uploadDestination(*request) (response, error) {
	path := a.cfg.Staging
	if path == "" {
		path = a.cfg.StatePath + "/staging"
	}
	return response{http.StatusOK, jsonUTF8, escapeClosingTags(pyjson.Marshal(destinationBody{path}))}, nil
}
