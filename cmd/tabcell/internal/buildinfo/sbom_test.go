package buildinfo

import (
	"bytes"
	"runtime/debug"
	"testing"

	"tabcell/assets"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// TestSBOM: everything that MANIFEST names is in the bill, once, with its version and licence, and two runs print the same bytes.
func TestSBOM(t *testing.T) {
	version := Current()
	version.modules = []*debug.Module{{Path: "example.org/b", Version: "v1.2.3"}, {Path: "example.org/a", Version: "v0.1.0"}} // a test's own list is empty
	var first, second bytes.Buffer
	if err := WriteSBOM(&first, version); err != nil {
		t.Fatal(err)
	}
	if err := WriteSBOM(&second, version); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("two bills differ, or %v", err)
	}
	bom := new(cdx.BOM)
	if err := cdx.NewBOMDecoder(&first, cdx.BOMFileFormatJSON).Decode(bom); err != nil {
		t.Fatal(err)
	}
	refs := map[string]cdx.Component{}
	for _, c := range *bom.Components {
		if _, twice := refs[c.BOMRef]; twice {
			t.Errorf("%s is there twice", c.BOMRef)
		}
		refs[c.BOMRef] = c
	}
	for _, c := range assets.Manifest().Components {
		if got := refs["guest:"+c.Name+"@"+c.Version]; got.Version != c.Version || got.Licenses == nil {
			t.Errorf("%s: %+v", c.Name, got)
		}
	}
	for _, m := range version.modules {
		if got := refs["pkg:golang/"+m.Path+"@"+m.Version]; got.Version != m.Version {
			t.Errorf("%s: %+v", m.Path, got)
		}
	}
}
