package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	o, err := parse(nil, io.Discard)
	if err != nil || !slices.Equal(o.platforms, allPlatforms) || !slices.Equal(o.formats, allFormats) || o.out != "dist/release" {
		t.Errorf("without arguments: %+v, error %v", o, err)
	}
	o, err = parse([]string{"-platforms", "linux/arm64, linux/amd64,linux/arm64", "-formats", "deb", "-compare"}, io.Discard)
	if err != nil || !slices.Equal(o.platforms, []string{"linux/arm64", "linux/amd64"}) || !slices.Equal(o.formats, []string{"deb"}) || !o.compare {
		t.Errorf("options %+v, error %v", o, err)
	}
	for want, args := range map[string][]string{
		`unknown platform "plan9/386"; choose from linux/amd64`: {"-platforms", "linux/amd64,plan9/386"},
		`unknown platform ""`:         {"-platforms", ""},
		`unknown format "pkg"`:        {"-formats", "pkg"},
		`unexpected argument "linux"`: {"linux"},
		errUsage.Error():              {"-password", "x"},
		flag.ErrHelp.Error():          {"-help"},
	} {
		if _, err := parse(args, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want %q", args, err, want)
		}
	}
	var text bytes.Buffer
	if _, err := parse([]string{"-help"}, &text); !errors.Is(err, flag.ErrHelp) || !strings.Contains(text.String(), "default: all of archive,deb,") {
		t.Errorf("-help: error %v, text %s", err, text.String())
	}
}

// TestCheckReplaceable checks that a folder is replaced only if it has an earlier release.
func TestCheckReplaceable(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		file string // that is added
		want string
	}{{"", ""}, {"precious", "is not an earlier release"}, {sumsName, ""}} {
		if c.file != "" {
			if err := os.WriteFile(filepath.Join(dir, c.file), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := checkReplaceable(dir); (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("with %q: error %v, want %q", c.file, err, c.want)
		}
	}
	if err := checkReplaceable(filepath.Join(dir, "new")); err != nil {
		t.Error(err)
	}
	if err := checkReplaceable(filepath.Join(dir, "precious")); err == nil {
		t.Error("a file can be replaced")
	}
}

// TestWriteSums checks the list of digests in the format of sha256sum, and which names differ in
// two lists.
func TestWriteSums(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"b.deb": "", "a.rpm": "abc"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file, err := writeSums(dir)
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(file)
	want := "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a.rpm\n" +
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b.deb\n"
	if err != nil || string(list) != want || filepath.Base(file) != "SHA256SUMS" {
		t.Errorf("%s has\n%s, want\n%s", file, list, want)
	}
	for second, want := range map[string][]string{
		string(list): nil,
		strings.Replace(string(list), "ba78", "ba79", 1):     {"a.rpm"},
		strings.Split(string(list), "\n")[0]:                 {"b.deb"},
		string(list) + strings.Repeat("0", 64) + "  c.zip\n": {"c.zip"},
		strings.Replace(string(list), "b.deb", "c.deb", 1):   {"b.deb", "c.deb"},
	} {
		if got := differences(list, []byte(second)); !slices.Equal(got, want) {
			t.Errorf("the differences to\n%s are %v, want %v", second, got, want)
		}
	}
}

func TestMSIVersion(t *testing.T) {
	for version, want := range map[string]string{"1.20.3": "1.20.3", "0.1.1-dev.20261129.gabc": "0.1.1"} {
		if got, err := msiVersion(version); err != nil || got != want {
			t.Errorf("%s: %s, error %v; want %s", version, got, err, want)
		}
	}
}
