package flighttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// compare returns an error unless the JSON texts of two values are equal when what differs in each
// run is left out.
func (r *replay) compare(got, want any) error {
	if a, b := r.mask(got), r.mask(want); a != b {
		return fmt.Errorf("got %s, want %s", a, b)
	}
	return nil
}

var (
	uuid4   = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	address = regexp.MustCompile(`at 0x[0-9a-f.]+`)
)

// mask returns the JSON text of a value, with names in place of the values that differ in each run.
func (r *replay) mask(value any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(value) // it was decoded from JSON
	text := b.String()
	for name, saved := range r.saved {
		text = strings.ReplaceAll(text, saved, "${"+name+"}")
	}
	return uuid4.ReplaceAllString(address.ReplaceAllString(text, "at 0x..."), "<uuid4>")
}

// fill replaces the names of saved values by the values.
func (r *replay) fill(text string) string {
	for name, saved := range r.saved {
		text = strings.ReplaceAll(text, "${"+name+"}", saved)
	}
	return text
}

func (r *replay) fillAll(texts []string) []string {
	filled := make([]string, len(texts))
	for i, text := range texts {
		filled[i] = r.fill(text)
	}
	return filled
}
