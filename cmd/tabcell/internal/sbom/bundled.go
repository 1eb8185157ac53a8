package sbom

import "slices"

// part is a library that is contained in a source, or that a guest was built with, and that
// MANIFEST does not name.
type part struct {
	name, version   string
	of              string // the source of MANIFEST that contains it
	ofVersion       string // version of that source for which the facts were read
	guest           string // "core" (both guests) or "full"
	licence         string
	kind            string // type of the package URL
	pack            string // name in the package URL
	vendor, product string // of the CPE name
	sha256          string // digest of the archive that it was taken from; "" if that is not stated
	from            string // where the facts are stated
}

// parts lists the libraries in CPython, scipy and LightGBM that a guest contains and that have
// releases of their own, and the headers of pybind11. A test fails when versions.lock has another
// version of the source: the facts then have to be read again.
//
// HACL* is a state of its repository without a release. CPython's list has macholib too, a part of
// ctypes that only macOS uses. Qhull in scipy has the version of the source qhull.
var parts = slices.Concat(
	partsOf("cpython", "3.13.15", "core", "Misc/sbom.spdx.json",
		part{name: "expat", version: "2.8.2", licence: "MIT", kind: "github", pack: "libexpat/libexpat", vendor: "libexpat_project", product: "libexpat",
			sha256: "ef7d1994f533c9e7343d6c19f31064fc8ebbcbcaa144be3812b4f43052a05f4c"},
		part{name: "hacl-star", version: "bb3d0dc8d9d15a5cd51094d5b69e70aa09005ff0", licence: "MIT", kind: "github", pack: "hacl-star/hacl-star",
			vendor: "hacl-star", product: "hacl-star", sha256: "e31e4ca10da91c585793c0eaf1b98aee3cb43e3a58d3d8d478593e5a6bd82927"},
		part{name: "libb2", version: "0.98.1", licence: "CC0-1.0", kind: "github", pack: "BLAKE2/libb2", vendor: "blake2", product: "libb2",
			sha256: "53626fddce753c454a3fea581cbbc7fe9bbcf0bc70416d48fdbbf5d87ef6c72e"},
		part{name: "mpdecimal", version: "2.5.1", licence: "BSD-2-Clause", kind: "generic", pack: "mpdecimal", vendor: "bytereef", product: "mpdecimal",
			sha256: "9f9cd4c041f99b5c49ffb7b59d9f12d95b683d88585608aa56a6307667b2b21f"},
	),
	partsOf("scipy", "1.18.1", "full", "subprojects and LICENSES_bundled.txt",
		part{name: "highs", version: "1.12.0", licence: "MIT", kind: "github", pack: "ERGO-Code/HiGHS", vendor: "highs_project", product: "highs"},
		part{name: "boost-math", version: "1.91.0", licence: "BSL-1.0", kind: "github", pack: "boostorg/math", vendor: "boost", product: "boost"},
		part{name: "superlu", version: "7.0.1", licence: "BSD-3-Clause", kind: "github", pack: "xiaoyeli/superlu", vendor: "superlu_project", product: "superlu"},
		part{name: "ducc0", version: "0.40.0", licence: "BSD-3-Clause", kind: "pypi", pack: "ducc0", vendor: "ducc0_project", product: "ducc0"},
		part{name: "unuran", version: "1.9.0", licence: "BSD-3-Clause", kind: "generic", pack: "unuran", vendor: "unuran_project", product: "unuran"},
		part{name: "xsf", version: "0.2.2", licence: "BSD-3-Clause AND MIT AND BSD-3-Clause-LBNL AND Apache-2.0 WITH LLVM-exception", kind: "github",
			pack: "scipy/xsf", vendor: "scipy", product: "xsf"},
		part{name: "array-api-compat", version: "1.14.0", licence: "MIT", kind: "pypi", pack: "array-api-compat", vendor: "array-api-compat_project", product: "array-api-compat"},
		part{name: "array-api-extra", version: "0.10.1", licence: "MIT", kind: "pypi", pack: "array-api-extra", vendor: "array-api-extra_project", product: "array-api-extra"},
		part{name: "cobyqa", version: "1.1.3", licence: "BSD-3-Clause", kind: "pypi", pack: "cobyqa", vendor: "cobyqa_project", product: "cobyqa"},
	),
	partsOf("lightgbm", "4.7.0", "full", "external_libs",
		part{name: "eigen", version: "3.4.0", licence: "MPL-2.0", kind: "gitlab", pack: "libeigen/eigen", vendor: "eigen", product: "eigen"},
		part{name: "fmt", version: "11.1.2", licence: "MIT", kind: "github", pack: "fmtlib/fmt", vendor: "fmt", product: "fmt"},
		part{name: "nanoarrow", version: "0.8.0", licence: "Apache-2.0", kind: "github", pack: "apache/arrow-nanoarrow", vendor: "apache", product: "nanoarrow"},
	),
	[]part{{name: "pybind11", version: "3.1.0", of: "scipy", ofVersion: "1.18.1", guest: "full", licence: "BSD-3-Clause", kind: "pypi", pack: "pybind11",
		vendor: "pybind11_project", product: "pybind11", sha256: "b8488090f8acffbcb6b5d6a85571a6827a0a2981ffb75e5a0b27b87c4a6b7dd0",
		from: "assets/build/build-requirements.txt"}},
)

// partsOf returns the parts of a source, whose facts are stated in a file of that source.
func partsOf(source, version, guest, file string, all ...part) []part {
	for i := range all {
		all[i].of, all[i].ofVersion, all[i].guest = source, version, guest
		all[i].from = file + " in the source of " + source + " " + version
	}
	return all
}
