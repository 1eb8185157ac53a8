package registry

import (
	"encoding/json"
	"testing"
)

// An endpoint matches the deployment that made it, and no deployment that would change it.
func TestDeploymentMatches(t *testing.T) {
	base := func() Deployment {
		return Deployment{
			Name: "add", Replace: true, Code: Code{Kind: Pickle, Requires: []string{"numpy"}, Content: []byte("code")},
			Metadata: Metadata{
				Description: "Adds", Docstring: "Adds x and y", Public: true, Dependencies: []string{"sub"},
				Schema: json.RawMessage(`{"a": [1, "<"], "b": 12345678901234567890}`),
			},
		}
	}
	r := open(t, t.TempDir(), Options{})
	model := mustDeploy(t, r, base())
	for name, c := range map[string]struct {
		change func(*Deployment)
		want   bool
	}{
		"the same":        {func(*Deployment) {}, true},
		"another author":  {func(d *Deployment) { d.Author = "ann" }, true},
		"no description":  {func(d *Deployment) { d.Description = "" }, true},
		"no docstring":    {func(d *Deployment) { d.Docstring = "" }, true},
		"no dependencies": {func(d *Deployment) { d.Dependencies = []string{} }, true},
		"schema written in another way": {
			func(d *Deployment) { d.Schema = []byte(`{"b":12345678901234567890, "a":[1,"\u003c"]}`) }, true},
		"another name":         {func(d *Deployment) { d.Name = "plus" }, false},
		"another code":         {func(d *Deployment) { d.Code.Content = []byte("other") }, false},
		"another kind of code": {func(d *Deployment) { d.Code.Kind = Source }, false},
		"other modules":        {func(d *Deployment) { d.Code.Requires = nil }, false},
		"another description":  {func(d *Deployment) { d.Description = "adds" }, false},
		"another docstring":    {func(d *Deployment) { d.Docstring = "Adds" }, false},
		"other dependencies":   {func(d *Deployment) { d.Dependencies = []string{"sub", "mul"} }, false},
		"not public":           {func(d *Deployment) { d.Public = false }, false},
		"no schema":            {func(d *Deployment) { d.Schema = nil }, false},
		"another number":       {func(d *Deployment) { d.Schema = []byte(`{"a":[1,"<"],"b":12345678901234567891}`) }, false},
		"an alias":             {func(d *Deployment) { d.Target, d.Code = "sub", Code{} }, false},
	} {
		d := base()
		if c.change(&d); d.Matches(model) != c.want {
			t.Errorf("%s: matches is %v", name, !c.want)
		}
	}
}

// An alias matches by its target.
func TestAliasMatches(t *testing.T) {
	r := open(t, t.TempDir(), Options{})
	mustDeploy(t, r, source("add", "code"))
	mustDeploy(t, r, source("sub", "code"))
	alias := Deployment{Name: "plus", Target: "add", Metadata: Metadata{Schema: []byte("null")}}
	e := mustDeploy(t, r, alias)
	if !alias.Matches(e) {
		t.Error("an alias does not match itself")
	}
	if alias.Target = "sub"; alias.Matches(e) {
		t.Error("an alias of another target matches")
	}
	if model := source("plus", "code"); model.Matches(e) {
		t.Error("a model matches an alias")
	}
}
