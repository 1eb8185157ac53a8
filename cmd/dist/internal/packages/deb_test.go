package packages

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/blakesmith/ar"
	"github.com/klauspost/compress/zstd"
)

// deb is the content of a package: each file as "MODE OWNER/GROUP CONTENT", by its path.
type deb map[string]string

// readDeb reads a package. The files of its control archive begin with "control:".
func readDeb(t *testing.T, path string) deb {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all := deb{}
	for members := ar.NewReader(file); ; {
		member, err := members.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		switch name := strings.TrimRight(member.Name, "/"); name {
		case "control.tar.gz":
			all.add(t, "control:", decompressed(t, name, members))
		case "data.tar.gz", "data.tar.zst":
			all.add(t, "", decompressed(t, name, members))
		}
	}
}

func decompressed(t *testing.T, name string, r io.Reader) io.Reader {
	t.Helper()
	var out io.Reader
	var err error
	if filepath.Ext(name) == ".zst" {
		out, err = zstd.NewReader(r, zstd.WithDecoderConcurrency(1)) // reads only when it is read
	} else {
		out, err = gzip.NewReader(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (d deb) add(t *testing.T, prefix string, r io.Reader) {
	t.Helper()
	for files := tar.NewReader(r); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		text, errText := io.ReadAll(files)
		if err != nil || errText != nil {
			t.Fatal(err, errText)
		}
		if h.Typeflag != tar.TypeDir && !h.ModTime.Equal(modified) {
			t.Errorf("%s has the time %v", h.Name, h.ModTime)
		}
		d[prefix+strings.Trim(strings.TrimPrefix(h.Name, "."), "/")] = fmt.Sprintf("%03o %s/%s %s", h.Mode&0o7777, h.Uname, h.Gname, text)
	}
}

// buildDebs builds and reads both packages.
func buildDebs(t *testing.T) (program, code deb) {
	t.Helper()
	o := testOptions(t)
	o.Formats = []string{"deb"}
	paths, err := Build(o)
	if err != nil {
		t.Fatal(err)
	}
	return readDeb(t, paths[0]), readDeb(t, paths[1])
}

// TestDebContent checks where the files are, who owns them, and who can change them.
func TestDebContent(t *testing.T) {
	program, code := buildDebs(t)
	for name, want := range map[string]string{
		"usr/bin/tabcell":                                  "755 root/root the program",
		"etc/tabcell":                                      "755 root/root ",
		"etc/tabcell/tabcell.conf":                         "644 root/root [TabPy]\n",
		"usr/share/zsh/vendor-completions/_tabcell":        "644 root/root zsh",
		"usr/share/bash-completion/completions/tabcell":    "644 root/root bash",
		"usr/share/fish/vendor_completions.d/tabcell.fish": "644 root/root fish",
		"usr/lib/systemd/system/tabcell.service":           "644 root/root #",
		"usr/lib/systemd/system/tabcell-warm.service":      "644 root/root #",
		"usr/lib/sysusers.d/tabcell.conf":                  "644 root/root u tabcell ",
		"usr/lib/tmpfiles.d/tabcell.conf":                  "644 root/root #",
		"usr/share/doc/tabcell/copyright":                  "644 root/root Format:",
		"usr/share/doc/tabcell/NOTICE":                     "644 root/root ",

		"usr/share/doc/tabcell/examples/monitoring/alerts.yaml": "644 root/root ",
		"usr/share/doc/tabcell/examples/proxy/nginx.conf":       "644 root/root ",

		"usr/share/man/man1/tabcell.1.gz":           "644 root/root \x1f\x8b",
		"usr/share/man/man5/tabcell.conf.5.gz":      "644 root/root \x1f\x8b",
		"usr/share/doc/tabcell/changelog.Debian.gz": "644 root/root \x1f\x8b",
		"usr/share/lintian/overrides/tabcell":       "644 root/root #",
		"control:postinst":                          "755 / #!/bin/sh\n",
		"control:prerm":                             "755 / #!/bin/sh\n",
		"control:postrm":                            "755 / #!/bin/sh\n",
		"control:conffiles":                         "644 / /etc/logrotate.d/tabcell\n/etc/tabcell/tabcell.conf\n",
	} {
		if got, ok := program[name]; !ok || !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %.80q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"usr/lib/tabcell/tabcell-code/code.json":   " root/root {}",
		"usr/lib/tabcell/tabcell-code/core/module": " root/root compiled",
	} {
		if got := code[name]; !strings.HasSuffix(got, want) {
			t.Errorf("%s: got %.80q, want %q", name, got, want)
		}
	}
	for _, all := range []deb{program, code} {
		for name, text := range all {
			if strings.ContainsAny(text[1:3], "2367") || len(text) > 3 && text[3] != ' ' {
				t.Errorf("%s: others may write: %.20q", name, text)
			}
		}
	}
}

// TestDebControl checks the description for the package manager.
func TestDebControl(t *testing.T) {
	program, code := buildDebs(t)
	for _, want := range []string{
		"Package: tabcell\n", "Version: 1.2.3~rc.1-1\n", "Architecture: arm64\n", "Section: net\n", "Suggests: tabcell-code\n", "Depends: adduser, ",
		"Description: server that runs Python for Tableau in sealed cells\n",
	} {
		if !strings.Contains(program["control:control"], want) {
			t.Errorf("no %q in:\n%s", want, program["control:control"])
		}
	}
	if want := "Depends: tabcell (= 1.2.3~rc.1-1)\n"; !strings.Contains(code["control:control"], want) {
		t.Errorf("no %q in:\n%s", want, code["control:control"])
	}
	if code["control:postinst"] != "" || code["control:conffiles"] != "" {
		t.Error("the package of compiled code has scripts or configuration")
	}
	changes, err := gzip.NewReader(bytes.NewReader([]byte(strings.SplitN(program["usr/share/doc/tabcell/changelog.Debian.gz"], " ", 3)[2])))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(changes)
	if want := "tabcell (1.2.3~rc.1-1) stable; urgency=medium\n"; err != nil || !strings.HasPrefix(string(text), want) {
		t.Errorf("changelog: %v, %q, want %q", err, text, want)
	}
}
