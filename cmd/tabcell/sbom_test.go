package main

import (
	"bytes"
	"testing"

	"tabcell/assets"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// TestSBOM: everything that MANIFEST names is in the bill, once, with its version and licence, and two runs print the same bytes.
func TestSBOM(t *testing.T) {
	var first, second bytes.Buffer
	if err := writeSBOM(&first, thisVersion()); err != nil {
		t.Fatal(err)
	}
	if err := writeSBOM(&second, thisVersion()); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
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
	if len(refs) < len(assets.Manifest().Components)+10 { // the Go modules
		t.Errorf("%d components", len(refs))
	}
}
