package tck

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
)

//go:embed testdata/public testdata/configs
var recordings embed.FS

// Case is a recorded exchange.
type Case struct {
	Group         string     `json:"-"`
	Name          string     `json:"name"` // unique in its group
	Config        string     `json:"config"`
	Needs         []string   `json:"needs"` // libraries that the script imports
	Fresh         bool       `json:"fresh"` // wants a server of its own
	Request       Request    `json:"request"`
	Response      Response   `json:"response"`
	Then          []Exchange `json:"then"` // sent afterwards
	Compare       Rules      `json:"compare"`
	ClientTimeout float64    `json:"client_timeout"` // seconds; 0 is 60
	Note          string     `json:"note"`
	Setup         []struct{} `json:"setup"` // always empty in these groups
}

// Exchange is a request with its answer.
type Exchange struct {
	Request  Request  `json:"request"`
	Response Response `json:"response"`
}

// Request is what is sent. The body is one of three; without any there is none.
type Request struct {
	Method     string            `json:"method"`
	Path       string            `json:"path"` // as it stands in the request line
	Headers    map[string]string `json:"headers"`
	Body       *string           `json:"body"`
	BodyBase64 []byte            `json:"body_base64"`
	BodyGen    *Generated        `json:"body_gen"`
	Transfer   string            `json:"transfer"` // "chunked": in chunks of seven bytes
}

// Generated is a long body: prefix, count times repeat, suffix.
type Generated struct {
	Prefix string `json:"prefix"`
	Repeat string `json:"repeat"`
	Count  int    `json:"count"`
	Suffix string `json:"suffix"`
}

// Response is what TabPy answered.
type Response struct {
	Status         int               `json:"status"`
	Reason         string            `json:"reason"` // not compared: its wording is the library's
	Headers        map[string]string `json:"headers"`
	Body           json.RawMessage   `json:"body"`
	BodyIsJSON     bool              `json:"body_is_json"`
	BodyText       string            `json:"body_text"`
	BodyLeftOut    bool              `json:"body_left_out"` // a page of TabPy's own
	GzipDecoded    bool              `json:"gzip_decoded"`
	TransportError string            `json:"transport_error"` // there was no answer
}

// Rules say what of an answer counts.
type Rules struct {
	Status      string   `json:"status"` // exact, in, peer-defect
	StatusIn    []int    `json:"status_in"`
	Body        string   `json:"body"`     // json-exact, json-approx, text, ignore
	Headers     []string `json:"headers"`  // equal, or absent on both sides
	Volatile    []string `json:"volatile"` // paths that are dropped on both sides: $.key at the top, $..key anywhere
	RelTol      float64  `json:"rel_tol"`
	PythonText  bool     `json:"python_text"`  // "Class : wording" is compared by the class
	LibraryText bool     `json:"library_text"` // likewise
	Then        string   `json:"then"`         // compare
	Note        string   `json:"note"`
}

// Load reads a group. Fields and rules that the kit does not know are errors: nothing recorded is silently left out.
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
		if err := c.Compare.check(); err != nil || len(c.Setup) > 0 {
			return nil, fmt.Errorf("group %s, case %s: setup %v, rules: %v", group, c.Name, c.Setup, err)
		}
	}
	return file.Cases, nil
}

// config is a configuration's text and its state.ini, if it has one, with placeholders.
func config(name string) (text, stateINI string, err error) {
	conf, err := recordings.ReadFile("testdata/configs/" + name + ".conf")
	if err != nil {
		return "", "", err
	}
	state, _ := recordings.ReadFile("testdata/configs/" + name + ".state.ini") // most have none
	return string(conf), string(state), nil
}

func carries(name string) bool {
	_, _, err := config(name)
	return err == nil
}
