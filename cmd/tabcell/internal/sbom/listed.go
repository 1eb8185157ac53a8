package sbom

import (
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// listedNames are the vendors and products that NVD's dictionary has. The components were compared
// on 2026-11-30 with the dictionary as others publish parts of it: the index in anchore/syft
// v1.57.1, the checkers of cve-bin-tool 3.4, and the names that Buildroot (e991fa0716) has
// validated. The names of the other components are in none of them.
var listedNames = []string{
	"boost:boost", "bzip:bzip2", "certifi:certifi", "encode:httpx", "fonttools:fonttools", "freetype:freetype", "golang:crypto", "golang:go",
	"golang:networking", "golang:text", "grpc:grpc", "harfbuzz_project:harfbuzz", "html5lib:html5lib",
	"kjd:internationalized_domain_names_in_applications", "lapack_project:lapack", "libcap_project:libcap", "libexpat_project:libexpat",
	"llvm:compiler-rt", "lxml:lxml", "nltk:nltk", "numpy:numpy", "openblas_project:openblas", "python:networkx", "python:openpyxl", "python:pillow",
	"python:python", "python:requests", "python:urllib3", "pyyaml:pyyaml", "scipy:scipy", "simplejson_project:simplejson", "sqlite:sqlite",
	"tqdm_project:tqdm", "tukaani:xz", "xmlsoft:libxml2", "xmlsoft:libxslt", "yuin:goldmark", "zlib:zlib",
}

// markCPE adds the property tabcell:cpe to a component with a CPE name. It is "listed" if NVD's
// dictionary has its vendor and product, and "assumed" if that is not known.
func markCPE(c *cdx.Component) {
	if c.CPE == "" {
		return
	}
	mark := "assumed"
	if slices.ContainsFunc(listedNames, func(name string) bool { return strings.HasPrefix(c.CPE, "cpe:2.3:a:"+name+":") }) {
		mark = "listed"
	}
	var properties []cdx.Property
	if c.Properties != nil {
		properties = *c.Properties
	}
	properties = append(properties, cdx.Property{Name: "tabcell:cpe", Value: mark})
	c.Properties = &properties
}
