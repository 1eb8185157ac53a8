package assets

import (
	"embed"
	"io/fs"
)

//go:embed docs/*.md
var docs embed.FS

// Docs returns the pages of the manual, one Markdown file for each topic, such as install.md.
func Docs() fs.FS {
	pages, err := fs.Sub(docs, "docs")
	if err != nil {
		panic(err) // the name above is not a valid path
	}
	return pages
}
