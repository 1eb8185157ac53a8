package flighttest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Case is a recorded exchange. Its steps depend on each other.
type Case struct {
	Name  string
	Kind  string // of the server: noauth, auth or tls
	Steps []Step
}

// Step is one call, or one request by HTTP.
type Step struct {
	Do         string // the method: action, list_actions, put, get, ..., or http
	Type, Body string // of an action
	Descriptor struct{ Path []string }
	Ticket     string          // of get; it follows from a path if it is missing
	Path       json.RawMessage // of http, a text; of get, a list of texts
	Method     string          // of http; POST if it is missing
	JSON       json.RawMessage // body of http
	Headers    [][2]string
	Table      string          // of put, a file
	Generate   json.RawMessage // of put, in place of a file
	Save       string          // a name for the first result, or for the member SaveKey of a response
	SaveKey    string          `json:"save_key"`
	SaveTicket string          `json:"save_ticket"`
	Expect     Expectation
}

// Expectation is TabPy's response to a step.
type Expectation struct {
	Error   *struct{ Class, Message string }
	Results []string // of an action
	Actions [][2]string
	Rows    int64
	Table   string // a file
	Info    *Info
	Flights []Info
	Status  int // of http
	Body    any
}

// Info is the description of a table.
type Info struct {
	Rows      int64 `json:"total_records"`
	Endpoints []struct{ Ticket string }
}

// Gaps has the cases that differ from TabPy, with the reasons. httpapi/COMPAT.md lists them.
var Gaps = map[string]string{
	"actions":                     "the action shutdown is not listed",
	"flights":                     "the location of a table is the address that the client has used",
	"answer_syntax":               "the numbers of lines are those of the script",
	"answer_arrow_table":          "a cell has no pyarrow",
	"answer_arrow_batch":          "a cell has no pyarrow",
	"answer_arrow_arrays_in_dict": "a cell has no pyarrow",
}

// Load returns the recorded cases in the folder cases of dir.
func Load(dir string) ([]Case, error) {
	files, err := filepath.Glob(filepath.Join(dir, "cases", "*.json"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s has no cases: %w", dir, err)
	}
	cases := make([]Case, len(files))
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, &cases[i])
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return cases, nil
}

// Generated reports whether a step of the case puts a table that is not recorded, which only
// testdata/replay.py can make.
func (c Case) Generated() bool {
	return slices.ContainsFunc(c.Steps, func(s Step) bool { return s.Generate != nil })
}
