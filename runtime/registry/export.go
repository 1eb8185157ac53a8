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

// An export is a tar file. For each endpoint it has NUMBER/endpoint.json, a manifest as in the registry's folder, and for a model
// NUMBER/code, the current version's code. Models come before aliases, so that what aliases name exists when they are read.
const (
	exportManifest = "endpoint.json"
	exportCode     = "code"
)

// Export writes the named endpoints, with their current versions. Errors: ErrNotFound, ErrDamaged, or w's.
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
			if err := r.exportOne(archive, fmt.Sprintf("%04d", n), e); err != nil {
				return fmt.Errorf("%q: %w", name, err)
			}
		}
	}
	return archive.Close()
}

func (r *Registry) exportOne(archive *tar.Writer, dir string, e Endpoint) error {
	when := time.Unix(e.Modified, 0)
	e.Versions = e.Versions[:min(len(e.Versions), 1)]
	text, err := encodeManifest(e)
	if err != nil {
		return err
	}
	if err := addFile(archive, path.Join(dir, exportManifest), text, when); err != nil || e.Type == TypeAlias {
		return err
	}
	content, err := r.Content(e.Current())
	if err != nil {
		return err
	}
	return addFile(archive, path.Join(dir, exportCode), content, when)
}

func addFile(archive *tar.Writer, name string, data []byte, when time.Time) error {
	err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data)), ModTime: when, Typeflag: tar.TypeReg})
	if err == nil {
		_, err = archive.Write(data)
	}
	return err
}

// ReadExport hands each endpoint of an export to each, as what deploys it. Code may have most bytes. The file is believed as little as any
// other: sums are compared, names checked when they are deployed, and nothing but memory is written.
func ReadExport(file io.Reader, most int64, each func(Deployment) error) error {
	archive := tar.NewReader(file)
	var about *Endpoint // a model whose code has not come yet
	for {
		header, err := archive.Next()
		if err == io.EOF && about != nil {
			return errors.New("the export ends in the middle")
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("this is no export: %w", err)
		}
		if about, err = readEntry(archive, header, most, about, each); err != nil {
			return fmt.Errorf("%s: %w", strings.ToValidUTF8(header.Name, "?"), err)
		}
	}
}

// readEntry reads a manifest or a code file; it returns the model whose code comes next.
func readEntry(archive io.Reader, header *tar.Header, most int64, about *Endpoint, each func(Deployment) error) (*Endpoint, error) {
	limit := int64(mostManifest)
	if about != nil {
		limit = most
	}
	text, err := io.ReadAll(io.LimitReader(archive, limit+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(text)) > limit:
		return nil, fmt.Errorf("%w: %d bytes are possible", ErrTooLarge, limit)
	case about != nil && path.Base(header.Name) != exportCode, about == nil && path.Base(header.Name) != exportManifest:
		return nil, errors.New("this is not where such a file comes in an export")
	case about != nil:
		return nil, deployExported(*about, text, each)
	}
	e, err := decodeExported(text)
	if err != nil || e.Type == TypeModel {
		return &e, err
	}
	return nil, each(Deployment{Name: e.Name, Metadata: e.Metadata, Target: e.Target})
}

func decodeExported(text []byte) (Endpoint, error) {
	var m manifest
	var named struct{ Name string }
	if err := json.Unmarshal(text, &m); err != nil {
		return Endpoint{}, err
	}
	if err := json.Unmarshal(m.Endpoint, &named); err != nil {
		return Endpoint{}, err
	}
	return decodeManifest(fileOf(named.Name), text)
}

func deployExported(e Endpoint, code []byte, each func(Deployment) error) error {
	v := e.Current()
	if osfile.Digest(code) != v.Sum {
		return ErrDamaged
	}
	return each(Deployment{
		Name: e.Name, Metadata: e.Metadata, Author: v.Author,
		Code: Code{Kind: v.Kind, Function: v.Function, Requires: v.Requires, Content: code},
	})
}
