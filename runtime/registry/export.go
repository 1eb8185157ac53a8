package registry

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"tabcell/runtime/osfile"
)

// An export is a tar file. For each endpoint it contains NUMBER/endpoint.json, which is a manifest
// as in the registry's folder, and for a model also NUMBER/code, which is the code of the current
// version. Models precede aliases, so that the target of an alias exists when the alias is
// imported.
const (
	exportManifest = "endpoint.json"
	exportCode     = "code"
)

// Export writes the named endpoints with their current versions to w. Its errors are ErrNotFound,
// ErrDamaged and those of w.
func (r *Registry) Export(w io.Writer, names []string) error {
	archive := tar.NewWriter(w)
	n := 0
	for _, want := range []string{TypeModel, TypeAlias} {
		for _, name := range names {
			e, ok := r.Get(name)
			if !ok {
				return fmt.Errorf("%q: %w", name, ErrNotFound)
			}
			if e.Type != want {
				continue
			}
			n++
			if err := r.exportEndpoint(archive, fmt.Sprintf("%04d", n), e); err != nil {
				return fmt.Errorf("%q: %w", name, err)
			}
		}
	}
	return archive.Close()
}

func (r *Registry) exportEndpoint(archive *tar.Writer, dir string, e Endpoint) error {
	modified := time.Unix(e.Modified, 0)
	e.Versions = e.Versions[:min(len(e.Versions), 1)]
	text, err := encodeManifest(e)
	if err != nil {
		return err
	}
	if err := addFile(archive, path.Join(dir, exportManifest), text, modified); err != nil || e.Type == TypeAlias {
		return err
	}
	content, err := r.Content(e.Current())
	if err != nil {
		return err
	}
	return addFile(archive, path.Join(dir, exportCode), content, modified)
}

func addFile(archive *tar.Writer, name string, data []byte, modified time.Time) error {
	err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data)), ModTime: modified, Typeflag: tar.TypeReg})
	if err == nil {
		_, err = archive.Write(data)
	}
	return err
}

// ReadExport reads an export and calls deploy for each endpoint in it, in order. It returns
// ErrTooLarge if the code of a model has more than maxBytes bytes. The export is not trusted:
// ReadExport compares checksums and writes no files, and Deploy checks the names.
func ReadExport(export io.Reader, maxBytes int64, deploy func(Deployment) error) error {
	r := exportReader{archive: tar.NewReader(export), maxBytes: maxBytes, deploy: deploy}
	for {
		header, err := r.archive.Next()
		if err == io.EOF && r.pending != nil {
			return errors.New("the export is truncated: the code of its last model is missing")
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("not an export: %w", err)
		}
		if err := r.readFile(header); err != nil {
			return fmt.Errorf("%s: %w", strings.ToValidUTF8(header.Name, "?"), err)
		}
	}
}

// exportReader reads an export file by file.
type exportReader struct {
	archive  *tar.Reader
	maxBytes int64 // of the code of a model
	deploy   func(Deployment) error
	pending  *Endpoint // the model whose code is the next file; nil if a manifest is
}

// readFile reads the current file of the archive.
func (r *exportReader) readFile(header *tar.Header) error {
	want, limit := exportManifest, int64(maxManifestBytes)
	if r.pending != nil {
		want, limit = exportCode, r.maxBytes
	}
	content, err := io.ReadAll(io.LimitReader(r.archive, limit+1))
	switch {
	case err != nil:
		return err
	case int64(len(content)) > limit:
		return fmt.Errorf("%w: the limit is %d bytes", ErrTooLarge, limit)
	case path.Base(header.Name) != want:
		return fmt.Errorf("unexpected file in an export: want %s", want)
	case r.pending != nil:
		e := *r.pending
		r.pending = nil
		return r.deployModel(e, content)
	}
	e, err := decodeExported(content)
	if err != nil {
		return err
	}
	if e.Type == TypeModel {
		r.pending = &e
		return nil
	}
	return r.deploy(Deployment{Name: e.Name, Metadata: e.Metadata, Target: e.Target})
}

func (r *exportReader) deployModel(e Endpoint, code []byte) error {
	v := e.Current()
	if osfile.Digest(code) != v.Sum {
		return ErrDamaged
	}
	return r.deploy(Deployment{
		Name: e.Name, Metadata: e.Metadata, Author: v.Author,
		Code: Code{Kind: v.Kind, Function: v.Function, Requires: v.Requires, Content: code},
	})
}

// decodeExported decodes an exported manifest. Its file name says nothing, unlike that of a
// manifest in the registry's folder.
func decodeExported(text []byte) (Endpoint, error) {
	var m manifest
	var named struct{ Name string }
	if err := json.Unmarshal(text, &m); err != nil {
		return Endpoint{}, err
	}
	if err := json.Unmarshal(m.Endpoint, &named); err != nil {
		return Endpoint{}, err
	}
	return decodeManifest(manifestPath(named.Name), text)
}
