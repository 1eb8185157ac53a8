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

// TabPy keeps its endpoints in state.ini, a JSON text and a docstring each, and their code in
// query_objects/NAME/VERSION/pickle_archive.
const (
	versionsSection   = "Query Objects Service Versions"
	docstringsSection = "Query Objects Docstrings"
	queryObjects      = "query_objects"
	archiveFile       = "pickle_archive"
)

// tabpyEndpoint is one of TabPy's endpoints; Name and Docstring come from other places than the
// JSON.
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
	err          error           // what is wrong with it
}

// ReadTabPyState reads state.ini.
func ReadTabPyState(text []byte) ([]tabpyEndpoint, error) {
	file, err := ini.Dialect{CaseSensitive: true, AllowNoValue: true}.Parse(text)
	if err != nil {
		return nil, err
	}
	docstrings := file.Section(docstringsSection)
	var all []tabpyEndpoint
	for _, o := range file.Section(versionsSection).All() {
		e := tabpyEndpoint{Name: o.Name}
		if err := json.Unmarshal([]byte(percent(o.Value)), &e); err != nil {
			e.err = fmt.Errorf("state.ini line %d is damaged: %w", o.Line, err)
		}
		if d := docstrings.Option(o.Name); d != nil {
			e.Docstring = ungarbled(percent(d.Value))
		}
		all = append(all, e)
	}
	return all, nil
}

// percent: configparser writes a percent sign twice.
func percent(text string) string { return strings.ReplaceAll(text, "%%", "%") }

// ungarbled undoes what TabPy does to a docstring each time any endpoint changes: it takes the
// UTF-8 of each letter beyond ASCII for letters of their own. As long as all letters are such bytes
// and the bytes are UTF-8, they are put together again. What that cannot tell apart is left alone.
func ungarbled(text string) string {
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

// importTabPy hands the endpoints of a state folder to each, models before aliases; what is no
// endpoint for tabcell is told to tell.
func importTabPy(dir string, most int64, each func(registry.Deployment) error, tell func(string)) error {
	text, err := os.ReadFile(settings.StateFile(dir))
	if err != nil {
		return fmt.Errorf("this is no state folder of TabPy: %w", err)
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
			d, err := e.deployment(root, most)
			if err != nil {
				tell(fmt.Sprintf("%q was not imported: %v", e.Name, err))
				continue
			}
			if err := each(d); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e tabpyEndpoint) deployment(root *os.Root, most int64) (registry.Deployment, error) {
	d := registry.Deployment{Name: e.Name, Target: e.Target, Metadata: registry.Metadata{
		Description: e.Description, Docstring: e.Docstring, Schema: e.Schema, Dependencies: e.Dependencies, Public: e.Public,
	}}
	switch {
	case e.err != nil:
		return d, e.err
	case e.Type != registry.TypeModel && e.Type != registry.TypeAlias:
		return d, fmt.Errorf("endpoints of the type %q are not known", e.Type)
	}
	if err := registry.CheckName(e.Name); err != nil || e.Type == registry.TypeAlias {
		return d, err
	}
	d.Target = ""
	d.Code.Kind = registry.Pickle
	var err error
	d.Code.Content, err = readBounded(root, filepath.Join(queryObjects, e.Name, strconv.Itoa(e.Version), archiveFile), most)
	return d, err
}

// readBounded reads a file below a folder.
func readBounded(root *os.Root, name string, most int64) ([]byte, error) {
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(content)) > most {
		err = fmt.Errorf("%s is larger than %d bytes", name, most)
	}
	return content, err
}
