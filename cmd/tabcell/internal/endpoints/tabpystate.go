package endpoints

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"tabcell/runtime/registry"
	"tabcell/settings"
	"tabcell/settings/ini"
)

// TabPy stores its endpoints in state.ini, each as JSON text and a docstring, and their code in
// query_objects/NAME/VERSION/pickle_archive.
const (
	versionsSection   = "Query Objects Service Versions"
	docstringsSection = "Query Objects Docstrings"
	queryObjects      = "query_objects"
	archiveFile       = "pickle_archive"
)

// tabpyEndpoint is an endpoint of TabPy. Name and Docstring are not part of its JSON.
type tabpyEndpoint struct {
	Name         string          `json:"-"`
	Docstring    string          `json:"-"`
	Type         string          `json:"type"`
	Version      int             `json:"version"`
	Description  string          `json:"description"`
	Dependencies []string        `json:"dependencies"`
	Target       string          `json:"target"`
	Schema       json.RawMessage `json:"schema"`
	Public       bool            `json:"is_public"`
	err          error           // if not nil, the JSON is damaged
}

// ReadTabPyState returns the endpoints in the text of a state.ini.
func ReadTabPyState(text []byte) ([]tabpyEndpoint, error) {
	file, err := ini.Dialect{CaseSensitive: true, AllowNoValue: true}.Parse(text)
	if err != nil {
		return nil, err
	}
	docstrings := file.Section(docstringsSection)
	var all []tabpyEndpoint
	for _, o := range file.Section(versionsSection).All() {
		e := tabpyEndpoint{Name: o.Name}
		if err := json.Unmarshal([]byte(unescapePercent(o.Value)), &e); err != nil {
			e.err = fmt.Errorf("state.ini line %d is damaged: %w", o.Line, err)
		}
		if d := docstrings.Option(o.Name); d != nil {
			e.Docstring = repairEncoding(unescapePercent(d.Value))
		}
		all = append(all, e)
	}
	return all, nil
}

// unescapePercent replaces doubled percent signs, as which configparser writes single ones.
func unescapePercent(text string) string { return strings.ReplaceAll(text, "%%", "%") }

// repairEncoding reverses an error of TabPy: each time an endpoint changes, it encodes all
// docstrings as UTF-8 and decodes them as Latin-1. While all characters of the text are bytes and
// the bytes are valid UTF-8, repairEncoding decodes them. It returns all other texts unchanged.
func repairEncoding(text string) string {
	for {
		bytes := make([]byte, 0, len(text))
		for _, r := range text {
			if r > 0xff {
				return text
			}
			bytes = append(bytes, byte(r))
		}
		if len(bytes) == len(text) || !utf8.Valid(bytes) {
			return text
		}
		text = string(bytes)
	}
}

// ImportTabPy calls each for the endpoints of a state folder of TabPy, models before aliases,
// and warn for those that cannot be imported. maxBytes is the maximum size of an endpoint's
// code.
func ImportTabPy(dir string, maxBytes int64, each func(registry.Deployment) error, warn func(string)) error {
	text, err := os.ReadFile(settings.StateFile(dir))
	if err != nil {
		return fmt.Errorf("not a state folder of TabPy: %w", err)
	}
	all, err := ReadTabPyState(text)
	if err != nil {
		return fmt.Errorf("%s: %w", settings.StateFile(dir), err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, aliases := range []bool{false, true} {
		for _, e := range all {
			if (e.Type == registry.TypeAlias) != aliases {
				continue
			}
			d, err := e.deployment(root, maxBytes)
			if err != nil {
				warn(fmt.Sprintf("%q was not imported: %v", e.Name, err))
				continue
			}
			if err := each(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// deployment returns the deployment of an endpoint, with its code.
func (e tabpyEndpoint) deployment(root *os.Root, maxBytes int64) (registry.Deployment, error) {
	d := registry.Deployment{Name: e.Name, Target: e.Target, Metadata: registry.Metadata{
		Description: e.Description, Docstring: e.Docstring, Schema: e.Schema, Dependencies: e.Dependencies, Public: e.Public,
	}}
	switch {
	case e.err != nil:
		return d, e.err
	case e.Type != registry.TypeModel && e.Type != registry.TypeAlias:
		return d, fmt.Errorf("endpoints of type %q are not supported", e.Type)
	}
	if err := registry.CheckName(e.Name); err != nil || e.Type == registry.TypeAlias {
		return d, err
	}
	d.Target = ""
	d.Code.Kind = registry.Pickle
	var err error
	d.Code.Content, err = readBounded(root, filepath.Join(queryObjects, e.Name, strconv.Itoa(e.Version), archiveFile), maxBytes)
	return d, err
}

// readBounded reads a file of at most maxBytes in a folder.
func readBounded(root *os.Root, name string, maxBytes int64) ([]byte, error) {
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxBytes+1))
	if err == nil && int64(len(content)) > maxBytes {
		err = fmt.Errorf("%s is larger than %d MiB, the limit of TABCELL_MODELS_MAX_MB", name, maxBytes>>20)
	}
	return content, err
}
