// Package packages builds the packages of Linux distributions with nfpm: deb, rpm and apk. There
// are two: tabcell, and tabcell-code with compiled code, which fits only the program of its
// version.
//
// The same files, version and time give the same bytes.
package packages

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/apk" // registers its format, as do the next two
	_ "github.com/goreleaser/nfpm/v2/deb"
	_ "github.com/goreleaser/nfpm/v2/rpm"
)

// Formats lists all formats.
var Formats = []string{"apk", "deb", "rpm"}

// Options describes the packages to build.
type Options struct {
	Root    string // the source tree, for assets/install/linux, LICENSE, NOTICE and CHANGELOG.md
	Version string // a semantic version, with or without v
	Arch    string // amd64 or arm64
	Program string // the program for Linux on that processor
	// Staged is a folder that "tabcell generate" of this version has written, on any processor.
	Staged string
	// Code is a folder that "tabcell warm --into" of the program has written. If it is empty, there is
	// no package of compiled code.
	Code     string
	Modified time.Time // of all files
	Out      string    // the folder for the packages, which must exist
	Formats  []string  // nil for all
}

// Build writes the packages into Out and returns their paths.
func Build(o Options) (paths []string, err error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	made, err := os.MkdirTemp("", "tabcell-packages-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(made)) }()
	b := &builder{Options: o, made: made}
	for _, format := range o.Formats {
		for _, describe := range []func(format string) (*nfpm.Info, error){b.program, b.code} {
			info, err := describe(format)
			if err == nil && info != nil {
				markDocuments(info.Contents, format)
				paths, err = b.write(paths, info, format)
			}
			if err != nil {
				return paths, fmt.Errorf("the package %s for linux/%s: %w", format, o.Arch, err)
			}
		}
	}
	return paths, nil
}

// check completes the options and finds those that are missing.
func (o *Options) check() error {
	if o.Formats == nil {
		o.Formats = Formats
	}
	for _, format := range o.Formats {
		if !slices.Contains(Formats, format) {
			return fmt.Errorf("there is no package format %q; the formats are %q", format, Formats)
		}
	}
	if o.Modified.IsZero() {
		return errors.New("the packages need a modification time")
	}
	if _, err := parseVersion(o.Version); err != nil {
		return err
	}
	for _, path := range []string{o.Root, o.Program, o.Staged, o.Out} {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("the packages cannot be built: %w", err)
		}
	}
	return nil
}

// builder builds the packages of one processor.
type builder struct {
	Options
	made string // folder of files that are made for the packages
}

// write writes a package and appends its path to paths.
func (b *builder) write(paths []string, info *nfpm.Info, format string) ([]string, error) {
	packager, err := nfpm.Get(format)
	if err != nil {
		return paths, err
	}
	path := filepath.Join(b.Out, packager.ConventionalFileName(info))
	file, err := os.Create(path)
	if err != nil {
		return paths, err
	}
	err = errors.Join(packager.Package(info, file), file.Close())
	if err != nil {
		return paths, errors.Join(err, os.Remove(path))
	}
	return append(paths, path), nil
}
