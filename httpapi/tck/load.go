package tck

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

//go:embed testdata/public testdata/configs testdata/pickles
var recordings embed.FS

// Load reads the cases of a group. It returns an error if the file has fields or rules that the kit
// does not support, so that no part of a recording is ignored silently.
func Load(group string) ([]Case, error) {
	text, err := recordings.ReadFile("testdata/public/" + group + ".json")
	if err != nil {
		return nil, fmt.Errorf("group %s: %w", group, err)
	}
	var file struct {
		Group        string         `json:"group"`
		RecordedWith map[string]any `json:"recorded_with"`
		Cases        []Case         `json:"cases"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("group %s: %w", group, err)
	}
	for i := range file.Cases {
		c := &file.Cases[i]
		c.Group = group
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("group %s, case %s: %w", group, c.Name, err)
		}
	}
	return file.Cases, nil
}

// check returns an error if the kit does not support c.
func (c Case) check() error {
	custom := len(c.Env)+len(c.Files) > 0 || c.ConfigText != "" || c.StateINI != ""
	if _, _, err := readConfig(c.Config); err != nil {
		return err
	}
	switch {
	case c.Kind == kindStartup:
		return c.Compare.checkStartup()
	case c.Kind != "":
		return fmt.Errorf("unsupported kind %q", c.Kind)
	case custom && !c.Fresh:
		return errors.New("a case with env, files, config_text or state_ini must be fresh")
	}
	return c.Compare.check()
}

// readConfig returns the text of a configuration and of its state.ini, or "" if it has none. Both
// contain placeholders.
func readConfig(name string) (text, stateINI string, err error) {
	conf, err := recordings.ReadFile("testdata/configs/" + name + ".conf")
	if err != nil {
		return "", "", err
	}
	state, err := recordings.ReadFile("testdata/configs/" + name + ".state.ini")
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return string(conf), string(state), err
}
