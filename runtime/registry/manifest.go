package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"tabcell/runtime/osfile"
)

// format is the manifest's; another one is of a newer program.
const format = 1

// mostManifest bounds a manifest, bytes: descriptions and schemas are a client's text.
const mostManifest = 4 << 20

// manifest is the file of one endpoint.
type manifest struct {
	Format   int             `json:"format"`
	Sum      string          `json:"sum"` // SHA-256 of Endpoint's text, hex
	Endpoint json.RawMessage `json:"endpoint"`
}

func encodeManifest(e Endpoint) ([]byte, error) {
	inner, err := marshal(e)
	if err != nil {
		return nil, err
	}
	text, err := marshal(manifest{format, osfile.Digest(inner), inner})
	if err == nil && len(text) > mostManifest {
		err = fmt.Errorf("%w: description, docstring and schema may have %d bytes together", ErrTooLarge, mostManifest)
	}
	return text, err
}

// marshal is json.Marshal without the escapes for web pages, which would change a schema's text and so its sum.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// decodeManifest reads what encodeManifest made, and believes nothing of it: the folder may have been edited.
func decodeManifest(file string, text []byte) (Endpoint, error) {
	var m manifest
	var e Endpoint
	if err := json.Unmarshal(text, &m); err != nil {
		return e, err
	}
	switch {
	case m.Format != format:
		return e, fmt.Errorf("its format is %d, this program knows %d: was it written by a newer one?", m.Format, format)
	case m.Sum != osfile.Digest(m.Endpoint):
		return e, errors.New("its checksum is wrong")
	}
	if err := json.Unmarshal(m.Endpoint, &e); err != nil {
		return e, err
	}
	if fileOf(e.Name) != file {
		return e, fmt.Errorf("it is the manifest of %q under another's name", e.Name)
	}
	return e, e.check()
}

var sumPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// check finds what this package would never have written.
func (e Endpoint) check() error {
	if err := CheckName(e.Name); err != nil {
		return err
	}
	switch {
	case e.Type == TypeAlias && e.Target != "" && len(e.Versions) == 0 && e.Version > 0:
		return nil
	case e.Type != TypeModel || e.Target != "" || len(e.Versions) == 0 || e.Version != e.Versions[0].Number:
		return fmt.Errorf("type %q, target %q, version %d and %d versions do not go together", e.Type, e.Target, e.Version, len(e.Versions))
	}
	for i, v := range e.Versions {
		if !sumPattern.MatchString(v.Sum) || v.Size < 0 || v.Number < 1 || i > 0 && v.Number >= e.Versions[i-1].Number {
			return fmt.Errorf("version %d is impossible", v.Number)
		}
	}
	return nil
}
