package sbom

import (
	"bytes"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/buildinfo"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// testInfo describes a program with some modules and an added package. A test program has no list
// of its own modules.
func testInfo() buildinfo.Info {
	info := buildinfo.Current()
	info.Go, info.Patches = "go1.26.3 X:greenteagc", strings.Repeat("ab", 32)
	info.Packages = []buildinfo.Package{{Name: "My_Package", Version: "1.0+local", File: "my_package-1.0-py3-none-any.whl", Sha256: strings.Repeat("cd", 32)}}
	return info.WithModules([]*debug.Module{
		{Path: "github.com/spf13/cobra", Version: "v1.10.2", Sum: "h1:x"}, {Path: engineModule, Version: "v1.12.0"}, {Path: "github.com/labstack/echo/v4", Version: "v4.16.4"},
		{Path: "golang.org/x/net", Version: "v0.62.0"},
	})
}

// write returns the bill of materials for testInfo, as JSON and decoded.
func write(t *testing.T, guest string) (string, *cdx.BOM) {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, testInfo(), guest); err != nil {
		t.Fatal(err)
	}
	bom := new(cdx.BOM)
	text := out.String()
	if err := cdx.NewBOMDecoder(&out, cdx.BOMFileFormatJSON).Decode(bom); err != nil {
		t.Fatal(err)
	}
	return text, bom
}

// byRef returns the components by their references, and reports those that are listed twice.
func byRef(t *testing.T, bom *cdx.BOM) map[string]cdx.Component {
	t.Helper()
	refs := map[string]cdx.Component{}
	for _, c := range *bom.Components {
		if _, duplicate := refs[c.BOMRef]; duplicate {
			t.Errorf("%s is listed twice", c.BOMRef)
		}
		refs[c.BOMRef] = c
	}
	return refs
}

// Each component has a package URL, a CPE name, a version and a licence, except for files and the
// guests, and two runs write the same bytes.
func TestComponentsAreIdentified(t *testing.T) {
	text, bom := write(t, "")
	if again, _ := write(t, ""); again != text {
		t.Error("the second bill differs from the first")
	}
	refs := byRef(t, bom)
	urls := map[string]string{}
	for ref, c := range refs {
		if c.Type == cdx.ComponentTypeFile {
			if c.Hashes == nil {
				t.Errorf("%s has no digest", ref)
			}
			continue
		}
		if c.Version == "" || c.Licenses == nil && !strings.HasPrefix(ref, "added:") {
			t.Errorf("%s: version %q, licences %v", ref, c.Version, c.Licenses)
		}
		if c.Type == cdx.ComponentTypeLibrary && (!strings.HasPrefix(c.PackageURL, "pkg:") || strings.Count(c.CPE, ":") != 12) {
			t.Errorf("%s: package URL %q, CPE %q", ref, c.PackageURL, c.CPE)
		}
		if other := urls[c.PackageURL]; other != "" && c.PackageURL != "" {
			t.Errorf("%s and %s have the package URL %s", ref, other, c.PackageURL)
		}
		urls[c.PackageURL] = ref
	}
	for _, c := range assets.Manifest().Components {
		got := refs[sourceRef(c)]
		if got.Name != c.Name || c.Sha256 != "" && (*got.Hashes)[0].Value != c.Sha256 {
			t.Errorf("component %s of MANIFEST: got %+v", c.Name, got)
		}
	}
	for _, m := range testInfo().Modules() {
		if got := refs["pkg:golang/"+m.Path+"@"+m.Version]; got.Version != m.Version {
			t.Errorf("module %s: got %+v", m.Path, got)
		}
	}
}

func TestIdentities(t *testing.T) {
	_, bom := write(t, "")
	for name, want := range map[string][2]string{
		"cpython":                     {"pkg:generic/python@", "cpe:2.3:a:python:python:"},
		"numpy":                       {"pkg:pypi/numpy@", "cpe:2.3:a:numpy:numpy:"},
		"zlib":                        {"pkg:generic/zlib@", "cpe:2.3:a:zlib:zlib:"},
		"expat":                       {"pkg:github/libexpat/libexpat@2.", "cpe:2.3:a:libexpat_project:libexpat:2."},
		"highs":                       {"pkg:github/ergo-code/highs@1.", "cpe:2.3:a:highs_project:highs:1."},
		"mpdecimal":                   {"pkg:generic/mpdecimal@2.", "cpe:2.3:a:bytereef:mpdecimal:2."},
		"hacl-star":                   {"pkg:github/hacl-star/hacl-star@", "cpe:2.3:a:hacl-star:hacl-star:"},
		"openblas":                    {"pkg:generic/openblas@", "cpe:2.3:a:openblas_project:openblas:"},
		"libc++":                      {"pkg:deb/debian/libc++-19-dev-wasm32@1%3A19.1.7-3~deb12u1", `cpe:2.3:a:llvm:libc\+\+:19.1.7:`},
		"stdlib":                      {"pkg:golang/stdlib@1.26.3", "cpe:2.3:a:golang:go:1.26.3:"},
		"github.com/spf13/cobra":      {"pkg:golang/github.com/spf13/cobra@v1.10.2", "cpe:2.3:a:spf13:cobra:1.10.2:"},
		"github.com/labstack/echo/v4": {"pkg:golang/github.com/labstack/echo/v4@v4.16.4", "cpe:2.3:a:labstack:echo:4.16.4:"},
		"@codemirror/state":           {"pkg:npm/%40codemirror/state@6.", "cpe:2.3:a:codemirror:state:6."},
		"uplot":                       {"pkg:npm/uplot@1.", "cpe:2.3:a:uplot_project:uplot:1."},
		"crate:regex":                 {"pkg:cargo/regex@1.", "cpe:2.3:a:regex_project:regex:1."},
		"rust-std":                    {"pkg:generic/rust@1.", "cpe:2.3:a:rust-lang:rust:1."},
		"pydantic-core":               {"pkg:pypi/pydantic-core@2.", "cpe:2.3:a:pydantic-core_project:pydantic-core:2."},
		"vaderSentiment":              {"pkg:pypi/vadersentiment@", "cpe:2.3:a:vadersentiment_project:vadersentiment:"},
		"My_Package":                  {"pkg:pypi/my-package@1.0+local", `cpe:2.3:a:my_package_project:my_package:1.0\+local:`},
	} {
		i := slices.IndexFunc(*bom.Components, func(c cdx.Component) bool { return c.Name == name })
		if i < 0 {
			t.Errorf("there is no component %s", name)
			continue
		}
		if c := (*bom.Components)[i]; !strings.HasPrefix(c.PackageURL, want[0]) || !strings.HasPrefix(c.CPE, want[1]) {
			t.Errorf("%s: package URL %s, CPE %s, want %s...", name, c.PackageURL, c.CPE, want)
		}
	}
}

// Each CPE name says whether NVD lists it, and each listed name is that of a component or module.
func TestListedNames(t *testing.T) {
	_, bom := write(t, "")
	var all strings.Builder
	marks := map[string]int{}
	for _, c := range append(*bom.Components, *bom.Metadata.Component) {
		all.WriteString(c.CPE + "\n")
		mark := property(c, "tabcell:cpe")
		marks[mark]++
		if (mark == "") != (c.CPE == "") {
			t.Errorf("%s: the CPE name %q is %q", c.Name, c.CPE, mark)
		}
	}
	if marks["listed"] < 20 || marks["assumed"] < 20 || len(marks) != 3 {
		t.Errorf("the CPE names are %v", marks)
	}
	for path := range modules {
		all.WriteString(new(bill).module(&debug.Module{Path: path, Version: "v1.0.0"}).CPE + "\n")
	}
	for _, name := range listedNames {
		if !strings.Contains(all.String(), "cpe:2.3:a:"+name+":") {
			t.Errorf("no component has the CPE name %s", name)
		}
	}
}

// property returns the value of a property, or "".
func property(c cdx.Component, name string) string {
	if c.Properties != nil {
		for _, p := range *c.Properties {
			if p.Name == name {
				return p.Value
			}
		}
	}
	return ""
}

// The graph has an entry for each component, leads from the program to each of them, and names no
// other component.
func TestGraph(t *testing.T) {
	for _, guest := range []string{"", "core", "full"} {
		_, bom := write(t, guest)
		refs, edges := byRef(t, bom), map[string][]string{}
		for _, d := range *bom.Dependencies {
			edges[d.Ref] = []string{}
			if d.Dependencies != nil {
				edges[d.Ref] = *d.Dependencies
			}
		}
		reached := map[string]bool{}
		var visit func(ref string)
		visit = func(ref string) {
			if reached[ref] {
				return
			}
			reached[ref] = true
			for i, to := range edges[ref] {
				if _, ok := refs[to]; !ok || i > 0 && edges[ref][i-1] == to {
					t.Errorf("guest %q: %s depends on %s, which does not exist, or twice", guest, ref, to)
				}
				visit(to)
			}
		}
		visit(bom.Metadata.Component.BOMRef)
		for ref := range refs {
			if _, listed := edges[ref]; !listed || !reached[ref] {
				t.Errorf("guest %q: %s: listed %v, reached %v", guest, ref, listed, reached[ref])
			}
		}
	}
}

// A bill of one guest has no files and no components that only the other one has.
func TestGuestRestrictsBill(t *testing.T) {
	for guest, want := range map[string]map[string]bool{
		"":     {"scipy": true, "numpy": true, "requests": true, "tabcell guest core": true, "data/full.wasm.zst": true, "data/core.wasm.zst": true, "data/core.res.zst": true, "pybind11": true},
		"core": {"scipy": false, "numpy": true, "requests": true, "tabcell guest full": false, "data/full.wasm.zst": false, "data/core.res.zst": true, "pybind11": false, "freetype": false},
		"full": {"scipy": true, "numpy": true, "requests": true, "tabcell guest core": false, "data/core.wasm.zst": false, "data/core.res.zst": true, "expat": true, "freetype": true},
	} {
		_, bom := write(t, guest)
		for name, listed := range want {
			if got := slices.ContainsFunc(*bom.Components, func(c cdx.Component) bool { return c.Name == name }); got != listed {
				t.Errorf("guest %q: %s is listed: %v, want %v", guest, name, got, listed)
			}
		}
	}
}
