package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func described(name string, m Metadata) Deployment {
	return Deployment{Name: name, Metadata: m, Replace: true, Code: Code{Kind: Source, Content: []byte("x")}}
}

// Each part of the text counts, and a deployment that exceeds the limit changes nothing.
func TestTextOfEndpoint(t *testing.T) {
	r, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	half, rest := strings.Repeat("x", MaxText/2), strings.Repeat("y", MaxText-MaxText/2+1)
	if _, err := r.Deploy(described("fits", Metadata{Description: half, Docstring: rest[1:]})); err != nil {
		t.Fatal(err)
	}
	before, _ := r.Get("fits")
	requires := described("requires", Metadata{Description: half})
	requires.Code.Requires = []string{rest}
	function := described("function", Metadata{Description: half})
	function.Code.Function = rest
	for i, d := range []Deployment{
		described("fits", Metadata{Description: half, Docstring: rest}), described("new", Metadata{Description: half, Docstring: rest}),
		described("schema", Metadata{Schema: json.RawMessage(`"` + half + rest[2:] + `"`)}), described("list", Metadata{Description: half, Dependencies: []string{rest}}),
		requires, function, {Name: "alias", Target: "fits", Metadata: Metadata{Docstring: half + rest}},
	} {
		_, err := r.Deploy(d)
		if !errors.Is(err, ErrTooLarge) || !errors.Is(d.CheckText(), ErrTooLarge) || !strings.Contains(err.Error(), "the limit is 65536 bytes") {
			t.Errorf("case %d: error %v", i, err)
		}
	}
	_, err = r.UpdateMetadata("fits", func(m *Metadata) { m.Description += "xx" })
	if after, _ := r.Get("fits"); !errors.Is(err, ErrTooLarge) || after.Description != before.Description || len(r.List()) != 1 {
		t.Errorf("error %v, description of %d bytes, %d endpoints", err, len(after.Description), len(r.List()))
	}
}

// The text of all endpoints and their versions has a limit. At the limit, endpoints can be removed
// and changed as long as they do not grow.
func TestTextOfRegistry(t *testing.T) {
	r, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	description := strings.Repeat("x", MaxText/8)
	full := Endpoint{Type: TypeModel, Version: 1, Metadata: Metadata{Description: description, Docstring: description}}
	for range 6 {
		full.Versions = append(full.Versions, Version{Docstring: description})
	}
	byName := map[string]Endpoint{} // published directly, because writing them takes seconds
	for i := range MaxTotalText / MaxText {
		full.Name = fmt.Sprint("m", i)
		byName[full.Name] = full
	}
	r.publish(byName)
	if _, err := r.Deploy(described("new", Metadata{Description: "x"})); !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "the limit is 33554432 bytes") {
		t.Errorf("a new endpoint: error %v", err)
	}
	if _, err := r.UpdateMetadata("m1", func(m *Metadata) { m.Description += "x" }); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a longer description: error %v", err)
	}
	if _, err := r.UpdateMetadata("m1", func(m *Metadata) { m.Description, m.Public = "short", true }); err != nil {
		t.Errorf("a shorter description: error %v", err)
	}
	if _, err := r.Deploy(described("new", Metadata{Description: "x"})); err != nil {
		t.Errorf("a new endpoint after there is room: error %v", err)
	}
}
