package assets

import (
	"embed"
	"io/fs"
)

//go:embed docs/*.md docs/images/*.png
var docs embed.FS

// Docs returns the pages of the manual, one Markdown file for each topic, such as install.md,
// and their pictures in the folder images.
func Docs() fs.FS {
	pages, err := fs.Sub(docs, "docs")
	if err != nil {
		panic(err) // the name above is not a valid path
	}
	return pages
}
