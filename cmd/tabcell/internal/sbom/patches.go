package sbom

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"sync"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// patchList is the list of tabcell's patches on its components, in the order in which they are
// applied. "go test ./cmd/tabcell/internal/sbom -update" makes it from the heads of the patches.
//
//go:embed patches.json
var patchList []byte

// patch is one patch.
type patch struct {
	Component string `json:"component"`
	Path      string `json:"path"`   // in the repository
	Reason    string `json:"reason"` // the beginning of its head
}

// patches returns all patches.
var patches = sync.OnceValue(func() (all []patch) {
	if err := json.Unmarshal(patchList, &all); err != nil {
		panic(fmt.Sprintf("patches.json: %v", err)) // the program was built incorrectly
	}
	return all
})

// corrections lists the patches that correct a defect of the component; the others adapt it to a
// cell or make it faster. The values are the types of CycloneDX's issues.
var corrections = map[string]cdx.IssueType{
	"runtime/engine/patches/03-zero-extension.patch":  cdx.IssueTypeSecurity,
	"runtime/engine/patches/11-arm64-remainder.patch": cdx.IssueTypeDefect,
}

// backports lists the patches that a later version of the component has.
var backports = map[string]bool{"runtime/engine/patches/11-arm64-remainder.patch": true}

// pedigree returns the patches on a component, or nil if there are none.
func pedigree(component string) *cdx.Pedigree {
	var list []cdx.Patch
	for _, p := range patches() {
		if p.Component == component {
			list = append(list, p.describe())
		}
	}
	if list == nil {
		return nil
	}
	return &cdx.Pedigree{Patches: &list}
}

// describe returns the patch with its reason, which CycloneDX has as the issue that a patch
// resolves.
func (p patch) describe() cdx.Patch {
	kind := cdx.PatchTypeUnofficial
	if backports[p.Path] {
		kind = cdx.PatchTypeBackport
	}
	issue := corrections[p.Path]
	if issue == "" {
		issue = cdx.IssueTypeEnhancement
	}
	name := strings.TrimSuffix(path.Base(p.Path), ".patch")
	return cdx.Patch{Type: kind, Diff: &cdx.Diff{URL: p.Path}, Resolves: &[]cdx.Issue{{Type: issue, ID: name, Description: p.Reason}}}
}
