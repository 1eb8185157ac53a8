package packages

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2/files"
)

// codeFolder is the folder of compiled code, in which the program looks for it.
const codeFolder = "/usr/lib/tabcell/tabcell-code"

// file is a file of the package tabcell.
type file struct {
	source, destination string
	kind                string // of nfpm; a regular file if empty
}

// hostFiles lists the files of assets/install/linux for each format. Alpine has OpenRC in place of
// systemd.
var hostFiles = map[string][]file{
	"deb": append(systemdFiles, file{"deb/lintian-overrides", "/usr/share/lintian/overrides/tabcell", ""}),
	"rpm": systemdFiles,
	"apk": {
		{"apk/tabcell.initd", "/etc/init.d/tabcell", ""},
	},
}

var systemdFiles = []file{
	{"tabcell.service", "/usr/lib/systemd/system/tabcell.service", ""},
	{"tabcell-warm.service", "/usr/lib/systemd/system/tabcell-warm.service", ""},
	{"tabcell.sysusers", "/usr/lib/sysusers.d/tabcell.conf", ""},
	{"tabcell.tmpfiles", "/usr/lib/tmpfiles.d/tabcell.conf", ""},
	{"tabcell.logrotate", "/etc/logrotate.d/tabcell", files.TypeConfigNoReplace},
}

// completions returns the files of shells in the staged folder completions.
func completions(format string) []file {
	zsh := "/usr/share/zsh/site-functions/"
	if format == "deb" {
		zsh = "/usr/share/zsh/vendor-completions/"
	}
	return []file{
		{"tabcell.bash", "/usr/share/bash-completion/completions/tabcell", ""},
		{"tabcell.zsh", zsh + "_tabcell", ""},
		{"tabcell.fish", "/usr/share/fish/vendor_completions.d/tabcell.fish", ""},
	}
}

// executable has the destinations of files with mode 0755.
var executable = map[string]bool{"/usr/bin/tabcell": true, "/etc/init.d/tabcell": true}

// source returns the path of a file of assets/install/linux.
func (b *builder) source(name string) string {
	return filepath.Join(b.Root, "assets", "install", "linux", filepath.FromSlash(name))
}

// programFiles returns the files of the package tabcell.
func (b *builder) programFiles(format string) (files.Contents, error) {
	all := []file{
		{b.Program, "/usr/bin/tabcell", ""},
		{filepath.Join(b.Staged, "tabcell.conf"), "/etc/tabcell/tabcell.conf", files.TypeConfigNoReplace},
	}
	for _, f := range hostFiles[format] {
		all = append(all, file{b.source(f.source), f.destination, f.kind})
	}
	for _, f := range completions(format) {
		all = append(all, file{filepath.Join(b.Staged, "completions", f.source), f.destination, ""})
	}
	pages, err := b.manual()
	if err != nil {
		return nil, err
	}
	contents, err := b.documents("tabcell", format)
	if err != nil {
		return nil, err
	}
	for _, f := range append(all, pages...) {
		contents = append(contents, content(f))
	}
	for _, name := range []string{"monitoring", "proxy"} {
		examples, err := tree(filepath.Join(b.Root, "assets", "install", name), "/usr/share/doc/tabcell/examples/"+name)
		if err != nil {
			return nil, err
		}
		contents = append(contents, examples...)
	}
	folder := &files.Content{Destination: "/etc/tabcell", Type: files.TypeDir, FileInfo: &files.ContentFileInfo{Mode: fs.ModeDir | 0o755}}
	if format != "deb" { // which has no user before the files are there: postinst changes the folder
		folder.FileInfo = &files.ContentFileInfo{Mode: fs.ModeDir | 0o750, Group: "tabcell"}
	}
	return append(contents, folder), nil
}

// content returns the entry of a file. Its mode does not depend on that of the source.
func content(f file) *files.Content {
	mode := fs.FileMode(0o644)
	if executable[f.destination] {
		mode = 0o755
	}
	return &files.Content{Source: f.source, Destination: f.destination, Type: f.kind, FileInfo: &files.ContentFileInfo{Mode: mode}}
}

// tree returns the entries of all files below a folder. nfpm's own trees would have the modes and
// times of the sources.
func tree(source, destination string) (all files.Contents, err error) {
	err = fs.WalkDir(os.DirFS(source), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			all = append(all, content(file{filepath.Join(source, filepath.FromSlash(name)), destination + "/" + name, ""}))
		}
		return err
	})
	return all, err
}

// manual compresses the staged man pages and returns them.
func (b *builder) manual() (all []file, err error) {
	pages, err := filepath.Glob(filepath.Join(b.Staged, "man", "*.[1-9]"))
	if err != nil || len(pages) == 0 {
		return nil, fmt.Errorf("%s has no man pages: write them with tabcell generate; %w", b.Staged, fs.ErrNotExist)
	}
	for _, page := range pages {
		name := filepath.Base(page)
		text, err := os.ReadFile(page)
		if err != nil {
			return nil, err
		}
		compressed, err := b.compress(name+".gz", text)
		if err != nil {
			return nil, err
		}
		all = append(all, file{compressed, "/usr/share/man/man" + filepath.Ext(name)[1:] + "/" + name + ".gz", ""})
	}
	return all, nil
}
