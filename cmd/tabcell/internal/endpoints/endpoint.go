package endpoints

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"tabcell/cmd/tabcell/internal/term"
)

// Endpoint describes a deployed endpoint. Its JSON is that of /endpoints/NAME/usage.json of a
// server.
type Endpoint struct {
	Name        string    `json:"name"`
	Version     int       `json:"version"`
	Type        string    `json:"type"`
	Target      string    `json:"target,omitempty"`
	Status      string    `json:"status,omitempty"` // only from a server
	LastError   *string   `json:"last_error,omitempty"`
	Description string    `json:"description"`
	Docstring   string    `json:"docstring"`
	Signature   string    `json:"signature,omitempty"`
	Advice      string    `json:"advice,omitempty"` // only from a server, if the model is not loaded
	Tableau     *Tableau  `json:"tableau,omitempty"`
	Curl        string    `json:"curl,omitempty"`
	Versions    []Version `json:"versions"`
}

// Tableau has the text of calculated fields that use the endpoint.
type Tableau struct {
	Script string `json:"script"`
	Model  string `json:"model_extension"`
}

// Version describes a version of an endpoint.
type Version struct {
	Number   int      `json:"number"`
	Kind     string   `json:"kind"`
	Function string   `json:"function,omitempty"`
	Requires []string `json:"requires,omitempty"`
	Size     int64    `json:"size"`
	Sum      string   `json:"sha256"`
	Deployed int64    `json:"deployed"`
	Copy     int      `json:"copy_of,omitempty"`
	Author   string   `json:"author,omitempty"`
}

// Print writes the endpoint as text, in two columns.
func (e Endpoint) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(name, text string) {
		if text != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, strings.Map(term.Visible, text))
		}
	}
	row("name", e.Name)
	row("type", KindText(e))
	row("version", strconv.Itoa(e.Version))
	row("status", e.Status)
	if e.LastError != nil {
		row("error", *e.LastError)
	}
	row("advice", e.Advice)
	row("signature", e.Signature)
	row("description", e.Description)
	for i, line := range strings.Split(strings.TrimSpace(e.Docstring), "\n") {
		row([]string{"docstring", ""}[min(i, 1)], line)
	}
	if e.Tableau != nil {
		row("Tableau", e.Tableau.Model)
		row("", e.Tableau.Script)
	}
	row("curl", e.Curl)
	for _, v := range e.Versions {
		row(fmt.Sprintf("version %d", v.Number), v.text())
	}
	return w.Flush()
}

func (v Version) text() string {
	text := fmt.Sprintf("%s, %d bytes, sha256 %.12s, deployed %s", v.Kind, v.Size, v.Sum, timeText(v.Deployed))
	if v.Function != "" {
		text += ", function " + v.Function
	}
	if len(v.Requires) > 0 {
		text += ", requires " + strings.Join(v.Requires, " ")
	}
	if v.Copy > 0 {
		text += fmt.Sprintf(", copy of version %d", v.Copy)
	}
	if v.Author != "" {
		text += ", by " + v.Author
	}
	return text
}

// KindText returns the type of an endpoint, and of an alias also its target.
func KindText(e Endpoint) string {
	if e.Target != "" {
		return e.Type + " of " + e.Target
	}
	return e.Type
}

// timeText formats a time in seconds since 1970.
func timeText(seconds int64) string {
	return time.Unix(seconds, 0).UTC().Format(time.DateTime) + " UTC"
}
