package runtime

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestGrantsOfModels queries models from scripts. The model has the grants of the endpoint and the
// script its own, and neither has those of the other.
func TestGrantsOfModels(t *testing.T) {
	e := newEngine(t, nil)
	s := newGrantServer(t)
	use := "G" + s.connect()
	for _, c := range []struct {
		name          string
		script, model *Grants
		body, want    string
	}{
		{"the endpoint's", nil, s.grants(t), "", "200ok\n"},
		{"the caller's", s.grants(t), nil, "", "200-1 no grant"},
		{"neither", nil, nil, "", "200-1 no grant"},
	} {
		m := sourceModel("x")
		m.Grants = c.model
		services := servicesFunc(func(ctx context.Context, _ Service, _ string, body, _ []byte) (int, []byte) {
			r, err := e.QueryModel(ctx, m, Call{Body: body, Grants: s.grants(t)}) // those of the call do not count
			if err != nil {
				t.Error(err)
			}
			return 200, r.Body
		})
		request := fmt.Sprintf("z{\"service\":\"query\",\"name\":\"m\",\"body\":%d}\n%s", len(use), use)
		r, err := e.Evaluate(t.Context(), Call{Body: []byte(request), Services: services, Grants: c.script})
		if err != nil || !strings.HasPrefix(string(r.Body), c.want) {
			t.Errorf("%s: %q, %v; want %q", c.name, r.Body, err, c.want)
		}
	}
}

// TestModelFiles loads a model that reads a file. It is loaded again when the file changes, and has
// neither variables nor connections while it is loaded.
func TestModelFiles(t *testing.T) {
	e := newEngine(t, nil)
	g, file := folderGrants(t)
	localhost, _ := ParseGrantTarget("http://localhost")
	g.List = append(g.List, &Grant{Name: "more", Connect: []GrantTarget{localhost}, Env: map[string]string{"KEY": "s3cret"}})
	m := sourceModel("f/srv/models/a.txt")
	m.Grants = g
	query := func(want string, builds uint64) {
		t.Helper()
		r, err := e.QueryModel(t.Context(), m, Call{Body: []byte("K")})
		got := strings.Split(string(r.Body), "\n")
		if err != nil || len(got) != 3 || !strings.HasPrefix(got[0], want) || !strings.HasPrefix(got[1], "-1 no grant") || got[2] != "no env" {
			t.Errorf("the model kept %q, %v; want %s", got, err, want)
		}
		if n := e.TemplateStats().Builds; n != builds {
			t.Errorf("%d builds, want %d", n, builds)
		}
	}
	query("hello", 1)
	query("hello", 1)
	if err := os.WriteFile(file, []byte("HELLO, world"), 0o644); err != nil {
		t.Fatal(err)
	}
	query("HELLO, world", 2)
	query("HELLO, world", 2)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	query("-7 no such file", 3)
	m.Grants = nil
	query("-1 no grant of this server allows reading /srv/models/a.txt", 4)
	if r, err := e.QueryModel(t.Context(), m, Call{Body: []byte("Ge")}); err != nil || strings.Contains(string(r.Body), "s3cret") {
		t.Errorf("a query without grants has %q, %v", r.Body, err)
	}
	other, _ := folderGrants(t) // another folder at the same path
	m.Grants = other
	query("hello", 5)
	if r, err := e.QueryModel(t.Context(), m, Call{Body: []byte("Ge")}); err != nil || !strings.HasSuffix(string(r.Body), "no env\n") {
		t.Errorf("a query has %q, %v", r.Body, err)
	}
	m.Grants = g
	if r, err := e.QueryModel(t.Context(), m, Call{Body: []byte("Ge")}); err != nil || !strings.HasSuffix(string(r.Body), `{"KEY":"s3cret"}`+"\n") {
		t.Errorf("a query with variables has %q, %v", r.Body, err)
	}
}
