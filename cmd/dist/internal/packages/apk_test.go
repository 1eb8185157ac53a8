package packages

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

// TestAPKContent checks that Alpine gets the files of OpenRC and none of systemd.
func TestAPKContent(t *testing.T) {
	o := testOptions(t)
	o.Formats = []string{"apk"}
	paths, err := Build(o)
	if err != nil {
		t.Fatal(err)
	}
	all := readAPK(t, paths[0])
	for name, want := range map[string]string{
		"usr/bin/tabcell":          "755 root/root the program",
		"etc/init.d/tabcell":       "755 root/root #!/sbin/openrc-run\n",
		"etc/tabcell":              "750 root/tabcell ",
		"etc/tabcell/tabcell.conf": "644 root/root [TabPy]\n",
		".pre-install":             "755 / #!/bin/sh\n",
		".pre-deinstall":           "755 / #!/bin/sh\n",
		".post-upgrade":            "755 / #!/bin/sh\n",
	} {
		if got := all[name]; !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %.80q, want %q", name, got, want)
		}
	}
	for name := range all {
		if strings.Contains(name, "systemd") || strings.Contains(name, "lintian") {
			t.Errorf("the package has %s", name)
		}
	}
	if info := readAPK(t, paths[1])[".PKGINFO"]; !strings.Contains(info, "depend = tabcell=1.2.3_rc1-r1\n") {
		t.Errorf("the package of compiled code does not depend on its version:\n%s", info)
	}
}

// readAPK reads a package, which is two archives, one after the other. Their ends are cut off, so
// that they can be read as one.
func readAPK(t *testing.T, path string) map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for files := tar.NewReader(plain); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		text, errText := io.ReadAll(files)
		if err != nil || errText != nil {
			t.Fatal(err, errText)
		}
		all[strings.Trim(h.Name, "/")] = fmt.Sprintf("%03o %s/%s %s", h.Mode&0o7777, h.Uname, h.Gname, text)
	}
}
