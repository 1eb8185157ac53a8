// Package web holds the front end of the console: its sources in src, and the files that a browser
// loads in dist. They are embedded, so that the console works without a network.
//
// dist is made from src by build.mjs (task console:build) and committed with it, because building
// the program must not need npm. manifest.json in dist has a digest of the sources; a test fails
// while dist is older than they are.
package web

import (
	"embed"
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
