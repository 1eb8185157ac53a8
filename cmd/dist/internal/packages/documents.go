package packages

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goreleaser/nfpm/v2/files"
)

// documents returns the licenses and the list of changes of a package, where each distribution
// expects them.
func (b *builder) documents(name, format string) (files.Contents, error) {
	folder := "/usr/share/doc/" + name + "/"
	changes, err := os.ReadFile(filepath.Join(b.Root, "CHANGELOG.md"))
	if err != nil {
		return nil, err
	}
	compressed, err := b.compress("changelog.gz", changes)
	if err != nil {
		return nil, err
	}
	notice := file{filepath.Join(b.Root, "NOTICE"), folder + "NOTICE", ""}
	if format != "deb" {
		license := file{filepath.Join(b.Root, "LICENSE"), "/usr/share/licenses/" + name + "/LICENSE", ""}
		return files.Contents{content(file{compressed, folder + "CHANGELOG.md.gz", ""}), content(license), content(notice)}, nil
	}
	own, err := b.compress(name+".changelog.Debian.gz", []byte(b.debianChanges(name)))
	if err != nil {
		return nil, err
	}
	return files.Contents{
		content(file{compressed, folder + "changelog.gz", ""}), content(file{own, folder + "changelog.Debian.gz", ""}),
		content(file{b.source("deb/copyright"), folder + "copyright", ""}), content(notice),
	}, nil
}

// markDocuments marks the documents of an rpm. Other formats have no such mark.
func markDocuments(contents files.Contents, format string) {
	if format != "rpm" {
		return
	}
	for _, c := range contents {
		switch {
		case c.Type != "":
		case strings.HasPrefix(c.Destination, "/usr/share/licenses/"):
			c.Type = files.TypeRPMLicense
		case strings.HasPrefix(c.Destination, "/usr/share/doc/"), strings.HasPrefix(c.Destination, "/usr/share/man/"):
			c.Type = files.TypeRPMDoc
		}
	}
}

// debianChanges returns the changelog of the package, which is made for each version.
func (b *builder) debianChanges(name string) string {
	v, err := parseVersion(b.Version)
	if err != nil {
		panic(err) // cannot happen: Build has checked the version
	}
	return fmt.Sprintf("%s (%s) stable; urgency=medium\n\n  * Version %s; changelog.gz has its changes.\n\n -- %s  %s\n",
		name, packageVersion(v, "deb"), strings.TrimPrefix(b.Version, "v"), maintainer, b.Modified.UTC().Format(time.RFC1123Z))
}

// compress writes a file in the form of gzip -9n and returns its path.
func (b *builder) compress(name string, text []byte) (string, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	_, err = w.Write(text)
	if err = errors.Join(err, w.Close()); err != nil {
		return "", err
	}
	path := filepath.Join(b.made, name)
	return path, os.WriteFile(path, out.Bytes(), 0o600)
}
