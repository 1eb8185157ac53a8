package grant

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestParseTarget(t *testing.T) {
	for text, want := range map[string]string{
		"https://geo.example.com":      "https://geo.example.com:443",
		"HTTPS://Geo.Example.COM./":    "https://geo.example.com:443",
		"http://geo.example.com:8080":  "http://geo.example.com:8080",
		"http://geo.example.com":       "http://geo.example.com:80",
		"tls://db.example.com:5432":    "tls://db.example.com:5432",
		"tcp://10.0.0.7:1433":          "tcp://10.0.0.7:1433",
		"tcp://[2001:DB8::0:7]:1433":   "tcp://[2001:db8::7]:1433",
		"https://[2001:db8::7]":        "https://[2001:db8::7]:443",
		"tcp://[::ffff:10.0.0.7]:1433": "tcp://10.0.0.7:1433",
		"https://bücher.example":       "https://xn--bcher-kva.example:443",
		"http://my_service:9000":       "http://my_service:9000",
		"http://localhost:3000":        "http://localhost:3000",
		"tcp://127.0.0.1:1":            "tcp://127.0.0.1:1",
	} {
		got, err := ParseTarget(text)
		if err != nil || got.String() != want {
			t.Errorf("%s: got %v, %v; want %s", text, got, err, want)
		}
		if again, err := ParseTarget(got.String()); err != nil || again != got {
			t.Errorf("%s: its own text is %v, %v", text, again, err)
		}
	}
	for text, want := range map[string]string{
		"geo.example.com":            "write a target as",
		"ftp://geo.example.com":      "write a target as",
		"udp://geo.example.com:53":   "write a target as",
		"tcp://db.example.com":       "the port is missing",
		"tls://db.example.com":       "the port is missing",
		"tcp://db.example.com:":      `"" is not a port`,
		"tcp://db.example.com:0":     "is not a port",
		"tcp://db.example.com:65536": "is not a port",
		"tcp://db.example.com:+5":    "is not a port",
		"tcp://db.example.com:0080":  "is not a port",
		"tcp://db.example.com:http":  "is not a port",
		"https://a.example/path":     `remove "/path"`,
		"https://a.example?x":        `remove "?x"`,
		"https://u:secret@a.example": "no user or password",
		"https://*.example.com":      "not a valid host name",
		"https://":                   "not a valid host name",
		"https://a..b":               "not a valid host name",
		"https://-a.example":         "not a valid host name",
		"https://a b.example":        "not a valid host name",
		"https://127.1":              "not a valid address",
		"https://2130706433":         "not a valid address",
		"https://0x7f.1":             "not a valid address",
		"https://0177.0.0.1":         "not a valid address",
		"https://1.2.3.4.5":          "not a valid address",
		"https://2001:db8::7":        "in brackets",
		"https://[fe80::1%25eth0]":   "",
		"https://[fe80::1%eth0]":     "zone",
		"https://[good.example]":     "not a valid address",
		"https://[::1":               "",
	} {
		got, err := ParseTarget(text)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, %v; want %q", text, got, err, want)
		}
	}
}

// FuzzParseHost checks that each host has one form, and that no form is both a name and an address.
func FuzzParseHost(f *testing.F) {
	for _, s := range []string{"a.example", "127.0.0.1", "::1", "[::1]", "bücher.example", "0x7f.1", "fe80::1%lo", "127。0。0。1", "a\x00b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := ParseHost(s)
		if err != nil {
			return
		}
		if again, err := ParseHost(string(h)); err != nil || again != h {
			t.Errorf("%q is %q, which is %q, %v", s, h, again, err)
		}
		if _, isAddr := h.Addr(); !isAddr && strings.Trim(string(h), "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
			t.Errorf("%q is the name %q", s, h)
		}
	})
}

func TestParsePath(t *testing.T) {
	for text, want := range map[string]string{
		"/srv/models": "/srv/models", "/srv//models/": "/srv/models", "/srv/./x/../models": "/srv/models", "/../../srv": "/srv", "/": "/",
		`C:\models\m.pkl`: `C:\models\m.pkl`, "c:/models/m.pkl": `C:\models\m.pkl`, `C:/models\..\..\x`: `C:\x`, `C:\`: `C:\`,
		`\\server\share\models`: `\\server\share\models`, `\\server/share/models`: `\\server\share\models`, `\\server\share`: `\\server\share\`,
		"/C:/models": "/C:/models", `/a\b`: `/a\b`,
	} {
		if p, err := ParsePath(text); err != nil || p.String() != want {
			t.Errorf("%s: got %s, %v; want %s", text, p, err, want)
		}
	}
	for _, text := range []string{"", "srv", "./srv", "../srv", `C:models`, "C:", `\models`, `\\server`, `\\?\C:\x`, `\\.\pipe\x`, "/a\x00b", "/" + strings.Repeat("a", 5000)} {
		if p, err := ParsePath(text); err == nil {
			t.Errorf("%q is %s", text, p)
		}
	}
}

func TestBelow(t *testing.T) {
	for _, c := range []struct {
		path, root string
		want       []string
		ok         bool
	}{
		{"/srv/models/a/b", "/srv/models", []string{"a", "b"}, true},
		{"/srv/models", "/srv/models", []string{}, true},
		{"/srv/models/../secret", "/srv/models", nil, false},
		{"/srv/models2", "/srv/models", nil, false},
		{"/srv", "/srv/models", nil, false},
		{"/SRV/models", "/srv/models", nil, false},
		{`c:\Models\M.pkl`, `C:\models`, []string{"M.pkl"}, true},
		{`C:\models\..\secret`, `C:\models`, nil, false},
		{`D:\models\x`, `C:\models`, nil, false},
		{`\\SERVER\share\x`, `\\server\share`, []string{"x"}, true},
		{`/models/x`, `C:\models`, nil, false},
	} {
		p, _ := ParsePath(c.path)
		root, _ := ParsePath(c.root)
		if got, ok := p.Below(root); ok != c.ok || !slices.Equal(got, c.want) {
			t.Errorf("%s below %s: %q, %v", c.path, c.root, got, ok)
		}
	}
}

// FuzzParsePath checks that no path has parts with which it could leave its root.
func FuzzParsePath(f *testing.F) {
	for _, s := range []string{"/a/../b", `C:\a\..\b`, `\\s\h\..\..\x`, `C:/..\../x`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePath(s)
		if err != nil {
			return
		}
		for _, part := range p.Parts {
			if part == "" || part == "." || part == ".." || strings.ContainsAny(part, "/\x00") || p.Windows() && strings.Contains(part, `\`) {
				t.Errorf("%q has the part %q", s, part)
			}
		}
		if again, err := ParsePath(p.String()); err != nil || again.String() != p.String() {
			t.Errorf("%q is %q, which is %q, %v", s, p, again, err)
		}
	})
}

func TestParseFolder(t *testing.T) {
	root, err := filepath.Abs(string(filepath.Separator) + "srv")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]Folder{
		root:                     {root, root},
		root + "=/models":        {root, "/models"},
		root + " = /models/":     {root, "/models"},
		root + `=C:\models`:      {root, `C:\models`},
		root + `=c:/models`:      {root, `C:\models`},
		root + `/=\\srv\share\m`: {root, `\\srv\share\m`},
		root + "=b=/models":      {filepath.Join(root) + "=b", "/models"},
	} {
		if got, err := ParseFolder(text); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"models": "must be absolute", root + "=models": "not absolute", root + "=/": "whole file system", root + `=C:\`: "whole file system", "/": "whole file system",
		root + "=/tmp/x": "cells have a folder /tmp", root + "=/lib": "cells have a folder /lib", "": "must be absolute",
	} {
		if got, err := ParseFolder(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %+v, %v; want %q", text, got, err, want)
		}
	}
	a, b, c := Folder{root, "/a"}, Folder{root, "/a/b"}, Folder{root, "/ab"}
	if !a.Overlaps(b) || !b.Overlaps(a) || a.Overlaps(c) || !a.Overlaps(a) {
		t.Error("overlapping folders are not found")
	}
}

func TestEnv(t *testing.T) {
	g := &Grants{List: []*Grant{{Env: map[string]string{"A": "1", "B": "1"}}, {Env: map[string]string{"B": "2", "C": "2"}}, {}}}
	if env := g.Env(); len(env) != 3 || env["A"] != "1" || env["B"] != "1" || env["C"] != "2" {
		t.Errorf("got %v", env)
	}
	if (*Grants)(nil).Env() != nil || (*Grants)(nil).Folders() != nil || (*Grants)(nil).Connects() || (&Grants{}).Env() != nil {
		t.Error("no grants grant something")
	}
}
