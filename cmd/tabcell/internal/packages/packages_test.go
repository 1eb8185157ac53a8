package packages

import (
	"strings"
	"testing"

	"tabcell/assets"
	"tabcell/runtime"
)

// TestBuiltIn checks the guests and licences of some packages.
func TestBuiltIn(t *testing.T) {
	all, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	guests := map[string]string{}
	for _, d := range all {
		if guests[d.Name] != "" || d.Version == "" || d.Licence == "" {
			t.Errorf("%+v", d)
		}
		guests[d.Name] = d.Guest
	}
	for name, want := range map[string]string{
		"numpy": "core", "pandas": "core", "cloudpickle": "core", "scikit-learn": "full", "scipy": "full", "requests": "extra", "cpython": "", "zlib": "",
	} {
		if guests[name] != want {
			t.Errorf("%s is in %q, want %q", name, guests[name], want)
		}
	}
}

// TestMetadata checks that the requirements of each package can be read.
func TestMetadata(t *testing.T) {
	library, err := newLibrary()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range library.Distributions {
		if b := library.Metadata(d); !strings.Contains(string(b), "\nName: ") {
			t.Errorf("%s has no METADATA: %.40q", d.Name, b)
		}
	}
}

// TestAdviceIsForMissingModules checks that no module that tabcell contains is listed as missing.
func TestAdviceIsForMissingModules(t *testing.T) {
	var modules []string
	for _, g := range assets.Manifest().Guests {
		modules = append(modules, g.Modules...)
	}
	for _, p := range assets.Manifest().Extra.Parts {
		for _, entry := range p.Entries {
			modules = append(modules, strings.TrimSuffix(strings.TrimSuffix(entry, "/"), ".py"))
		}
	}
	for _, module := range modules {
		if advice := runtime.ModuleAdvice(module); advice != "" && !strings.Contains(module, "dist-info") {
			t.Errorf("%s: %s", module, advice)
		}
	}
}
