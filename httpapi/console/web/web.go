// Package web holds the front end of the console: its sources in src, and the files that a browser
// loads in dist. They are embedded, so that the console works without a network.
//
// dist is made from src by build.mjs (task console:build) and committed with it, because building
// the program must not need npm. manifest.json in dist has a digest of the sources; a test fails
// while dist is older than they are.
package web

import (
	"embed"
	"encoding/json"
	"io/fs"
)

//go:embed dist
var embedded embed.FS

// Dist returns the built files: index.html, manifest.json, and the folder assets, in which a name
// contains a digest of the content. index.html has the token {{base}} wherever the path to the
// parent of /console belongs, and {{preloads}} where links to the modules of a page belong.
func Dist() fs.FS {
	dist, err := fs.Sub(embedded, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path
	}
	return dist
}

// Library is a package whose code is in the built files.
type Library struct {
	Name    string // in the npm registry, with its scope
	Version string
	Licence string // SPDX expression
}

// Libraries returns the packages whose code is in the built files, by name.
func Libraries() ([]Library, error) {
	var m struct{ Libraries []Library }
	err := readManifest(&m)
	return m.Libraries, err
}

// Modules returns the scripts that a page imports beside index.html's own script, in the order in
// which a browser should load them, by the name of the page in src/pages. The name "shell" has those
// of all pages that are not listed.
func Modules() (map[string][]string, error) {
	var m struct{ Modules map[string][]string }
	err := readManifest(&m)
	return m.Modules, err
}

func readManifest(m any) error {
	data, err := fs.ReadFile(Dist(), "manifest.json")
	if err != nil {
		return err
	}
	return json.Unmarshal(data, m)
}
