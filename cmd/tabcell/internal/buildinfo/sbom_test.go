package buildinfo

import (
	"bytes"
	"runtime/debug"
	"strings"
	"testing"

	"tabcell/assets"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// TestSBOMListsEachComponentOnce checks that the bill of materials lists each component of MANIFEST
// and each Go module exactly once, with its version and licence, and that two runs write the same
// bytes.
func TestSBOMListsEachComponentOnce(t *testing.T) {
	info := Current()
	// A test program has no list of its modules.
	info.modules = []*debug.Module{{Path: "example.org/b", Version: "v1.2.3"}, {Path: "example.org/a", Version: "v0.1.0"},
		{Path: engineModule, Version: "v1.12.0"}}
	info.Patches = strings.Repeat("ab", 32)
	var first, second bytes.Buffer
	if err := WriteSBOM(&first, info); err != nil {
		t.Fatal(err)
	}
	if err := WriteSBOM(&second, info); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("the second bill differs from the first (error: %v)", err)
	}
	bom := new(cdx.BOM)
	if err := cdx.NewBOMDecoder(&first, cdx.BOMFileFormatJSON).Decode(bom); err != nil {
		t.Fatal(err)
	}
	refs := map[string]cdx.Component{}
	for _, c := range *bom.Components {
		if _, duplicate := refs[c.BOMRef]; duplicate {
			t.Errorf("%s is listed twice", c.BOMRef)
		}
		refs[c.BOMRef] = c
	}
	for _, c := range assets.Manifest().Components {
		if got := refs["guest:"+c.Name+"@"+c.Version]; got.Version != c.Version || got.Licenses == nil {
			t.Errorf("guest component %s: got %+v", c.Name, got)
		}
	}
	if got := refs["guest:data/extra.res.zst"]; got.Hashes == nil || (*got.Hashes)[0].Value != assets.Manifest().Extra.Resources.Sha256 {
		t.Errorf("archive of packages: got %+v", got)
	}
	if got := refs["pkg:golang/"+engineModule+"@v1.12.0"].Pedigree; got == nil || !strings.Contains(got.Notes, info.Patches) {
		t.Errorf("pedigree of the engine: got %+v, want the digest of its patches", got)
	}
	if got := refs["pkg:golang/example.org/a@v0.1.0"].Pedigree; got != nil {
		t.Errorf("pedigree of another module: got %+v", got)
	}
	for _, m := range info.modules {
		if got := refs["pkg:golang/"+m.Path+"@"+m.Version]; got.Version != m.Version {
			t.Errorf("module %s: got %+v", m.Path, got)
		}
	}
}
