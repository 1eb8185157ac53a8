package pysource

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestImports(t *testing.T) {
	for _, c := range []struct{ script, want string }{
		{"import net", "net"},
		{"import net as n\nreturn 1", "net"},
		{"import json, net.url as u, six", "net.url six"},
		{"from net import url", "net net.url"},
		{"from net.url import Url, parse as p  # names", "net.url net.url.Url net.url.parse"},
		{"from net import (\n    url,\n\tca as c,\r\n)\nimport six", "net net.url net.ca six"},
		{"from net import *", "net"},
		{"if x:\n    import net\nelse:\n\timport six", "net six"},
		{"def f():\n  from   six   import  moves", "six six.moves"},
		{"import net;import six", "net"},
		{"import json\nfrom os import net", ""},
		{"import network\nfrom network import net", ""},
		{"from .net import six\nfrom . import net", ""},
		{"# import net\nx = 'import net'\nimportnet\nfrom net\nfrom net x import y", ""},
		{"try: import net\nexcept: pass", ""},
		{"import net,\nimport six", "net six"},
		{"from net import (url # first\n, ca)", "net net.url"},
		{"from net import (", "net"},
		{"import", ""},
		{"from", ""},
		{"", ""},
		{"import é.net\nimport net", "net"},
		{"'''\nimport net\n'''", "net"},
	} {
		text, err := json.Marshal(c.script)
		if err != nil {
			t.Fatal(err)
		}
		got := Imports(text[1:len(text)-1], map[string]bool{"net": true, "six": true})
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q imports %q, want %q", c.script, got, c.want)
		}
	}
}

func FuzzImports(f *testing.F) {
	f.Add([]byte(`import net\nfrom net import (a,\n b)`))
	f.Fuzz(func(t *testing.T, script []byte) {
		for _, name := range Imports(script, map[string]bool{"net": true, "six": true}) {
			if top, _, _ := strings.Cut(name, "."); !slices.Contains([]string{"net", "six"}, top) {
				t.Errorf("%q imports %q", script, name)
			}
		}
	})
}

// TestImportsIsLinear searches long rows of words of import statements.
func TestImportsIsLinear(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("import ", 1<<17), strings.Repeat(`import net,\n`, 1<<16), strings.Repeat(`from net import (\n`, 1<<10),
	} {
		Imports([]byte(text), map[string]bool{"net": true})
	}
}
