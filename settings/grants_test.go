package settings

import (
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"testing"
)

func TestParseGrantTarget(t *testing.T) {
	for text, want := range map[string]string{
		"https://Geo.Example.com.":   "https://geo.example.com:443",
		"http://db":                  "http://db:80",
		"tls://db.example.com:5432":  "tls://db.example.com:5432",
		"tcp://[2001:DB8:0::1]:1433": "tcp://[2001:db8::1]:1433",
		"tcp://127.0.0.1:1":          "tcp://127.0.0.1:1",
		"https://h_1.example:65535":  "https://h_1.example:65535",
		"tcp://db":                   "needs a port", "tcp://[::1]": "needs a port", "db:5432": "must be tcp://",
		"udp://db:53": "must be tcp://", "https://a@b": "user name", "https://a/b": "must end", "https://a?b": "must end",
		"https://": "has no host", "https://:443": "has no host", "https://a:": "port", "https://a:+1": "port", "https://a:65536": "port",
		"tcp://::1:5": "brackets", "tcp://[::1]x:5": "brackets", "tcp://[::1%eth0]:5": "zone", "tcp://[::ffff:10.0.0.1]:5": "10.0.0.1",
		"tcp://2130706433:1": "usual form", "tcp://0x7f.1:1": "usual form", "tcp://0177.0.0.1:1": "usual form", "tcp://a.1.:1": "usual form",
		"tcp://*.example:1": "patterns", "tcp://a..b:1": "name of a host", "tcp://-a:1": "name of a host", "tcp://é:1": "xn--",
		"tcp://0.0.0.0:1": "one server", "tcp://[::]:1": "one server", "tcp://224.0.0.1:1": "one server", "tcp://255.255.255.255:1": "one server",
		"tcp://a b:1": "name of a host", "tcp://a\x00b:1": "name of a host", "tcp://" + strings.Repeat("a.", 127) + "a:1": "too long",
	} {
		got, err := ParseGrantTarget(text)
		switch {
		case err == nil && got.String() != want:
			t.Errorf("%q: got %s, want %s", text, got, want)
		case err != nil && !strings.Contains(err.Error(), want):
			t.Errorf("%q: error %q, want %q", text, err, want)
		}
	}
}

// FuzzParseGrantTarget checks that an accepted target means the same when it is parsed again.
func FuzzParseGrantTarget(f *testing.F) {
	for _, text := range []string{"https://geo.example.com", "tcp://[2001:db8::1]:1433", "tls://db:5432", "tcp://[::ffff:1.2.3.4]:1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		target, err := ParseGrantTarget(text)
		if err != nil {
			return
		}
		again, err := ParseGrantTarget(target.String())
		if err != nil || again != target || target.Port < 1 || target.Port > 65535 || strings.ContainsAny(target.Host, "/@ \n%") {
			t.Errorf("%q is %+v, and %+v (%v) when it is parsed again", text, target, again, err)
		}
	})
}

func TestGuestPath(t *testing.T) {
	for text, want := range map[string]string{
		"/models/": "/models", "/a//b/../c": "/a/c", `C:\models\`: `C:\models`, "c:/models/x": `c:\models\x`, `\\nas\share\`: `\\nas\share`,
		"/": "", "/lib": "", "/lib/python": "", "/libs": "/libs", "/tmp/x": "", "models": "", `C:models`: "", `\\nas`: "", `C:\a\..\b`: "", "": "", `/a\b`: "",
	} {
		if got, err := guestPath(text); got != want || (err != nil) != (want == "") {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
}

// loadGrant loads a configuration with the options of a grant. DIR stands for a folder that has the
// folders a, a/b and c, the link to-a, and the file f.
func loadGrant(t *testing.T, options string) (*Loaded, string, error) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"a/b", "c", "conf", "models"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(folder)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "f"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "a"), filepath.Join(dir, "to-a")); err != nil {
		t.Skip(err)
	}
	file := filepath.Join(dir, "conf", "tabpy.conf")
	text := "[TabPy]\nTABCELL_MODELS_PATH = DIR/models\n[Grant g]\naccounts = *\nallow_anonymous = yes\n" + options
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(text, "DIR", dir)), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(Sources{File: file})
	return loaded, dir, err
}

func TestGrantFolders(t *testing.T) {
	if goruntime.GOOS == "windows" {
		t.Skip("the paths are those of other systems")
	}
	all := cellFolders
	cellFolders = []string{"/lib"} // the folder of this test is in /tmp
	defer func() { cellFolders = all }()
	for options, want := range map[string]string{ // the folders, or a part of the error
		"read = DIR/a":                              "DIR/a at DIR/a",
		"read = DIR/to-a/":                          "DIR/a at DIR/to-a",
		"read = DIR/a=/data, DIR/c=C:\\data":        `DIR/a at /data, DIR/c at C:\data`,
		"read = DIR/a\n DIR/a/b=/data":              "DIR/a at DIR/a, DIR/a/b at /data",
		"read = DIR/none":                           "DIR/none (DIR/conf/tabpy.conf line 6): the folder does not exist",
		"read = DIR/f":                              "is not a folder",
		"read = a":                                  "absolute path",
		"read = /=/all":                             "root folder",
		"read = /proc/self=/x":                      "folders in /proc cannot be granted",
		"read = DIR/a=/lib/x":                       "folder of their own at /lib",
		"read = DIR/a, DIR/a/b=DIR/a/x":             "overlaps DIR/a=DIR/a of [Grant g]",
		"read = DIR/a=/x, DIR/c=/x/y":               "DIR/c=/x/y (DIR/conf/tabpy.conf line 6): overlaps DIR/a=/x of [Grant g]",
		"read = DIR/a=C:\\x, DIR/c=c:/X/y":          "overlaps",
		"read = DIR/a=/x, DIR/c=/xy":                "DIR/a at /x, DIR/c at /xy",
		"read = DIR/a=/x, DIR/a/b=/x/b":             "DIR/a at /x, DIR/a/b at /x/b",
		"read = DIR/a\n[Grant h]\nread=DIR/c=DIR/a": "DIR/c=DIR/a (DIR/conf/tabpy.conf line 8): overlaps DIR/a=DIR/a of [Grant g]",
		"read = DIR":                                "scripts could read DIR/conf/tabpy.conf (the configuration file)",
		"read = DIR/models":                         "scripts could read DIR/models (TABCELL_MODELS_PATH)",
	} {
		loaded, dir, err := loadGrant(t, options)
		want = strings.ReplaceAll(want, "DIR", dir)
		if err != nil {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %s, want %s", options, err, want)
			}
			continue
		}
		var got []string
		for _, f := range loaded.Grants[0].Folders {
			got = append(got, f.Host+" at "+f.Guest)
		}
		if got := strings.Join(got, ", "); got != want {
			t.Errorf("%s: got %s, want %s", options, got, want)
		}
	}
}

// TestGrantSecrets checks that a variable of the environment cannot add another one.
func TestGrantSecrets(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tabpy.conf")
	text := "[TabPy]\n[Grant g]\naccounts = *\nallow_anonymous = yes\nenv = KEY=%(SECRET)s!\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(Sources{File: file, Environ: []string{"SECRET=a\nOTHER=b, 100%"}})
	if err != nil {
		t.Fatal(err)
	}
	if env := loaded.Grants[0].Env; len(env) != 1 || env[0] != (GrantVariable{"KEY", "a\nOTHER=b, 100%!"}) {
		t.Errorf("the variables are %q", env)
	}
	for _, e := range loaded.GrantOptions() {
		if strings.Contains(e.Value, "OTHER") {
			t.Errorf("%s shows %s", e.Name, e.Value)
		}
	}
}

func TestUnknownAccounts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tabpy.conf")
	text := "[TabPy]\nTABPY_PWD_FILE = testdata/files/passwords.txt\n[Grant g]\naccounts = Ann, bob, subject:x, *\nread = /usr/share\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(Sources{File: file, Accounts: func(Settings) ([]string, bool) { return []string{"ann"}, true }})
	if err != nil {
		t.Skip(err) // there is no /usr/share
	}
	var text2 []string
	for _, w := range loaded.Warnings {
		text2 = append(text2, w.String())
	}
	if all := strings.Join(text2, "\n"); !strings.Contains(all, "bob (") || !strings.Contains(all, "there is no such account") || strings.Contains(all, "ann (") || strings.Contains(all, "subject:x (") {
		t.Errorf("the warnings are %s", all)
	}
}

func TestGrantChanges(t *testing.T) {
	a, b := Grant{Name: "a"}, Grant{Name: "b"}
	changed := Grant{Name: "a", MaxMB: 1}
	running := &Loaded{Settings: Defaults(), Service: defaultService(), Grants: []Grant{a, b}}
	next := &Loaded{Settings: Defaults(), Service: defaultService(), Grants: []Grant{changed}}
	if got := strings.Join(changedNames(Changes(running, next), false), " "); got != "[Grant a] [Grant b]" {
		t.Errorf("the changes are %s", got)
	}
	if got := Merge(running, next).Grants; len(got) != 1 || !got[0].Equal(changed) {
		t.Errorf("merged: %v", got)
	}
	next.Settings.Auth.PasswordFile = "p"
	if got := strings.Join(changedNames(Changes(running, next), true), " "); !strings.Contains(got, "[Grant a] [Grant b]") {
		t.Errorf("the changes that need a restart are %s", got)
	}
	if got := Merge(running, next).Grants; len(got) != 2 {
		t.Errorf("grants that were checked with authentication are merged into a server without: %v", got)
	}
}
