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
// parent of /console belongs.
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
	data, err := fs.ReadFile(Dist(), "manifest.json")
	if err != nil {
		return nil, err
	}
	var m struct{ Libraries []Library }
	err = json.Unmarshal(data, &m)
	return m.Libraries, err
}
