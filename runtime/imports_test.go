package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// newImportEngine returns an engine whose library has the modules net, net.url and p0 to p29. The
// test guest responds to a script that begins with m with the head that it has loaded.
func newImportEngine(t *testing.T, change func(*Config)) *Engine {
	t.Helper()
	library, modules := map[string][]byte{"m:net.url": []byte("M"), "m:json": []byte("M")}, []string{"net"}
	for i := range 30 {
		modules = append(modules, fmt.Sprint("p", i))
	}
	for _, module := range modules {
		library["m:"+module] = []byte("P")
	}
	return newEngine(t, func(c *Config) {
		c.Guest.OnDemand = append(modules, "missing")
		c.Guest.Resources = func() (map[string][]byte, error) { return library, nil }
		if change != nil {
			change(c)
		}
	})
}

func importScript(command, script string) string {
	return command + `{"script": "` + strings.ReplaceAll(script, "\n", `\n`) + `"}`
}

func TestImports(t *testing.T) {
	e := newImportEngine(t, nil)
	for _, c := range []struct {
		script, want string // modules in the image
		images       int
	}{
		{"return 1", "", 0},
		{"return 1", "", 0},
		{"import net", "", 0},
		{"import net\nreturn 2", `"net"`, 1},
		{"import net as other", `"net"`, 1},
		{"from net import name", `"net"`, 1},
		{"import net.url, net", "", 1},
		{"from net import url", `"net.url"`, 2},
		{"import net.url.Url", "", 2}, // no module
		{"import net.url.Url", "", 2},
		{"import p1\nimport net", "", 2},
		{"import net\nimport json\nimport p1", `"net","p1"`, 3},
		{"import missing", "", 3},
		{"import missing", "", 3},
		{"import json", "", 3},
		{"import json", "", 3},
		{"import os, sys\nos.environ['A'] = '1'\nimport net", "", 3},
		{"import sys\nsys.path.insert(0, '/tmp')\nimport net", "", 3},
		{"import net", `"net"`, 3},
	} {
		want := c.want
		if want != "" {
			want = `{"kind":"imports","requires":[` + want + "]}\n"
		}
		r, err := evaluate(e, importScript("m", c.script))
		if err != nil || string(r.Body) != want {
			t.Errorf("%q started from %q, want %q; error %v", c.script, r.Body, want, err)
		}
		if s := e.TemplateStats(); s.Imports != c.images || s.Count != 0 || s.Builds != 0 {
			t.Errorf("after %q: stats %+v", c.script, s)
		}
	}
	if s := e.Stats(); s.Instances != s.Calls+1+3 {
		t.Errorf("stats %+v; want one more instance for the boot and three for imports", s)
	}
}

// TestFailedImports checks that a script runs without an image if none can be made, and that this
// is tried once.
func TestFailedImports(t *testing.T) {
	e := newImportEngine(t, func(c *Config) { c.TemplateMemory = 1 })
	for range 4 {
		if r, err := evaluate(e, importScript("m", "import net")); err != nil || len(r.Body) > 0 {
			t.Errorf("started from %q, error %v", r.Body, err)
		}
	}
	if s, m := e.Stats(), e.TemplateStats(); s.Instances != s.Calls+2 || m.Imports != 0 || m.Bytes != 0 {
		t.Errorf("stats %+v, %+v", s, m)
	}
}

// TestImportsAreLimited checks that the images of many sets do not push each other and those of
// models out of the memory budget.
func TestImportsAreLimited(t *testing.T) {
	e := newImportEngine(t, nil)
	if _, err := queryModel(e, sourceModel("x"), "c"); err != nil {
		t.Fatal(err)
	}
	for i := range 60 {
		if _, err := evaluate(e, importScript("c", fmt.Sprint("import p", i/2))); err != nil {
			t.Error(err)
		}
	}
	if err := e.queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := e.TemplateStats(); s.Imports != maxImportImages || s.Count != 1 || s.Drops != 0 {
		t.Errorf("stats %+v", s)
	}
}

// TestImportsOfEndedCalls checks that the limits of a call hold in an image with imports.
func TestImportsOfEndedCalls(t *testing.T) {
	e := newImportEngine(t, nil)
	for _, c := range []struct {
		command string
		want    error
	}{{"c", nil}, {"c", nil}, {"l", ErrTimeout}, {"t", ErrCrash}, {"gt", ErrMemory}, {"s", ErrTimeout}, {"c", nil}} {
		call := Call{Body: []byte(importScript(c.command, "import net"))}
		if errors.Is(c.want, ErrTimeout) {
			call.Limits.Timeout = 100 * time.Millisecond
		}
		_, err := e.Evaluate(t.Context(), call)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.command, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Evaluate(ctx, Call{Body: []byte(importScript("c", "import net"))}); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled call: error %v", err)
	}
	if s := e.TemplateStats(); s.Imports != 1 {
		t.Errorf("stats %+v", s)
	}
}

// TestImportsHammer runs scripts with more sets of modules than fit, and queries of models, from
// many goroutines.
func TestImportsHammer(t *testing.T) {
	e := newImportEngine(t, func(c *Config) { c.TemplateMemory = 2 << 20; c.Queue = 100 })
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 40 {
				module := fmt.Sprint("p", (g*7+i*3)%30)
				r, err := evaluate(e, importScript("m", "import "+module))
				want := `{"kind":"imports","requires":["` + module + `"]}`
				if got := strings.TrimSpace(string(r.Body)); err != nil || got != "" && got != want {
					t.Errorf("started from %q, want %q; error %v", got, want, err)
				}
				code := fmt.Sprint("d", i%10)
				if r, err := queryModel(e, sourceModel(code), "m"); err != nil || !strings.HasSuffix(string(r.Body), "\n"+code) {
					t.Errorf("model %s returned %q, error %v", code, r.Body, err)
				}
			}
		})
	}
	all.Wait()
}
