package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"tabcell/cmd/dist/internal/archive"
	"tabcell/cmd/dist/internal/image"
	"tabcell/cmd/dist/internal/packages"
)

// documents are the files of the module's folder that go with the program everywhere.
var documents = []string{"LICENSE", "NOTICE", "README.md", "SECURITY.md", "CHANGELOG.md"}

// archive writes the archive of a platform: the program, the documents, the configuration with
// every setting as a comment, the bill of materials, and the files for the system's services.
func (b *builder) archive(platform string) error {
	system, _, _ := strings.Cut(platform, "/")
	extension := ".tar.gz"
	if system == "windows" {
		extension = ".zip"
	}
	top := fmt.Sprintf("tabcell-%s-%s", b.src.Version, fileName(platform))
	example, err := b.output("config", "init")
	if err != nil {
		return err
	}
	files := archive.Files{
		path.Join(top, filepath.Base(b.programs[platform])): {Source: b.programs[platform], Executable: true},
		path.Join(top, "tabcell.conf.example"):              {Text: example},
		path.Join(top, "tabcell.cdx.json"):                  {Source: b.path("%s.cdx.json", top)},
	}
	for _, name := range documents {
		files[path.Join(top, name)] = archive.File{Source: filepath.Join(b.root, name)}
	}
	if err := b.addHostFiles(files, top, system); err != nil {
		return err
	}
	file := b.path("%s%s", top, extension)
	if err := archive.Write(file, files, b.src.Time); err != nil {
		return err
	}
	return b.progress.done("", file)
}

// addHostFiles adds the files for a system's services, for monitoring and for proxies, and man pages
// and completions where the system has them. The scripts of packages, in folders below, are of no use
// without a package manager.
func (b *builder) addHostFiles(files archive.Files, top, system string) error {
	services, err := filepath.Glob(filepath.Join(b.root, "assets", "install", system, "*.*"))
	if err != nil {
		return err
	}
	for _, file := range services {
		files[path.Join(top, "install", filepath.Base(file))] = archive.File{Source: file}
	}
	for _, folder := range []string{"monitoring", "proxy"} {
		if err := files.AddFolder(path.Join(top, "install", folder), filepath.Join(b.root, "assets", "install", folder)); err != nil {
			return err
		}
	}
	if system == "windows" {
		return nil
	}
	for _, folder := range []string{"man", "completions"} {
		if err := files.AddFolder(path.Join(top, folder), b.staged(folder)); err != nil {
			return err
		}
	}
	return nil
}

// packages writes the packages of a platform.
func (b *builder) packages(platform string) error {
	system, arch, _ := strings.Cut(platform, "/")
	var formats []string
	for _, format := range packages.Formats {
		if b.has(format) {
			formats = append(formats, format)
		}
	}
	if system != "linux" || len(formats) == 0 {
		return nil
	}
	o := packages.Options{
		Root: b.root, Version: b.src.Version, Arch: arch, Program: b.programs[platform], Staged: b.staged(""),
		Modified: b.src.Time, Out: b.files, Formats: formats,
	}
	if b.wantsCode(platform) {
		var err error
		if o.Code, err = b.compile(); err != nil {
			return err
		}
	}
	written, err := packages.Build(o)
	if err != nil {
		return err
	}
	return b.progress.done("", written...)
}

// images writes the container images of all Linux platforms.
func (b *builder) images() error {
	if !b.has("image") {
		return nil
	}
	o := image.Options{
		Version: b.src.Version, Revision: b.src.Revision, Modified: b.src.Time,
		Programs: map[string]string{}, Code: map[string]string{}, Documents: map[string]string{}, Out: b.files,
	}
	for _, platform := range b.platforms {
		if !strings.HasPrefix(platform, "linux/") {
			continue
		}
		o.Programs[platform] = b.programs[platform]
		if b.wantsCode(platform) {
			var err error
			if o.Code[platform], err = b.compile(); err != nil {
				return err
			}
		}
	}
	for _, name := range documents[:2] {
		o.Documents[name] = filepath.Join(b.root, name)
	}
	if len(o.Programs) == 0 {
		return nil
	}
	written, err := image.Build(o)
	if err != nil {
		return err
	}
	return b.progress.done("", written...)
}

// common writes the files that are the same for all platforms.
func (b *builder) common() error {
	if b.has("chart") {
		file := b.path("tabcell-chart-%s.tgz", b.src.Version)
		if err := writeChart(file, os.DirFS(filepath.Join(b.root, "assets", "install", "helm", "tabcell")), b.src); err != nil {
			return fmt.Errorf("chart: %w", err)
		}
		if err := b.progress.done("", file); err != nil {
			return err
		}
	}
	text, err := fs.ReadFile(os.DirFS(b.root), "CHANGELOG.md")
	if err != nil {
		return err
	}
	changes, err := changesOf(string(text), b.src.Version)
	if err != nil {
		return err
	}
	if err := os.WriteFile(b.path("CHANGELOG-%s.md", b.src.Version), []byte(changes), 0o644); err != nil {
		return err
	}
	sums, err := writeSums(b.files)
	if err != nil {
		return err
	}
	return b.progress.done("", sums)
}
