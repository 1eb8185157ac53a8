package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"tabcell/runtime/osfile"
)

// manifestFormat is the version of the manifest's format. A newer program may write another one.
const manifestFormat = 1

// maxManifestBytes limits the size of a manifest, since its descriptions and schemas come from
// clients.
const maxManifestBytes = 4 << 20

// manifest is the file of one endpoint.
type manifest struct {
	Format   int             `json:"format"`
	Sum      string          `json:"sum"` // SHA-256 of Endpoint's text in hexadecimal
	Endpoint json.RawMessage `json:"endpoint"`
}

func encodeManifest(e Endpoint) ([]byte, error) {
	endpoint, err := marshal(e)
	if err != nil {
		return nil, err
	}
	text, err := marshal(manifest{manifestFormat, osfile.Digest(endpoint), endpoint})
	if err == nil && len(text) > maxManifestBytes {
		err = fmt.Errorf("%w: description, docstring and schema have %d bytes, the limit is %d bytes",
			ErrTooLarge, len(text), maxManifestBytes)
	}
	return text, err
}

// marshal is json.Marshal without HTML escaping, which would change the text of a schema and so its
// checksum.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// decodeManifest decodes the manifest at path. It trusts nothing in it, because the folder may have
// been edited.
func decodeManifest(path string, text []byte) (Endpoint, error) {
	var m manifest
	var e Endpoint
	if err := json.Unmarshal(text, &m); err != nil {
		return e, err
	}
	switch {
	case m.Format != manifestFormat:
		return e, fmt.Errorf("the manifest has format %d, this program reads format %d; use the newer program that wrote it", m.Format, manifestFormat)
	case m.Sum != osfile.Digest(m.Endpoint):
		return e, errors.New("the manifest's checksum is wrong")
	}
	if err := json.Unmarshal(m.Endpoint, &e); err != nil {
		return e, err
	}
	if manifestPath(e.Name) != path {
		return e, fmt.Errorf("the manifest of %q has the file name of another endpoint", e.Name)
	}
	return e, e.Check()
}
