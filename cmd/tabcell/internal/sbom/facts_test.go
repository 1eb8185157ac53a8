package sbom

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/testenv"
)

// locked is a line of assets/build/versions.lock.
type locked struct{ name, version, how, pack string }

func readLock(t *testing.T) map[string]locked {
	t.Helper()
	all := map[string]locked{}
	for line := range strings.Lines(readFile(t, "assets/build/versions.lock")) {
		if f := strings.Fields(line); len(f) > 4 && f[0] != "#" {
			all[f[0]] = locked{f[0], f[1], f[2], f[3]}
		}
	}
	if len(all) < 50 {
		t.Fatalf("versions.lock has only %d lines", len(all))
	}
	return all
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(testenv.File(name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(raw), "\r\n", "\n")
}

// The kinds of package URLs are those of the places that the sources come from.
func TestSourcesMatchLock(t *testing.T) {
	lock := readLock(t)
	for _, c := range assets.Manifest().Components {
		if name, isCrate := strings.CutPrefix(c.Name, "crate:"); isCrate {
			if got, want := sourceOf(c).packageURL(c), packageURL("cargo", name, c.Version); got != want {
				t.Errorf("%s: package URL %s, want %s", c.Name, got, want)
			}
			continue
		}
		l, fetched := lock[c.Name]
		if !fetched { // libraries of the compiler
			if sources[c.Name].kind != "deb" || assets.Manifest().Tools[sources[c.Name].pack] != c.Version {
				t.Errorf("%s is no package of the build host with the version %s", c.Name, c.Version)
			}
			continue
		}
		url := sources[c.Name].packageURL(c)
		if _, pack, ok := strings.Cut(url, "pkg:pypi/"); ok && c.Name != "nltk-wordnet" {
			name, _, _ := strings.Cut(l.pack, "==")
			if want := normalised(name) + "@" + c.Version; pack != want {
				t.Errorf("%s: package URL %s, want %s", c.Name, url, want)
			}
		}
		if own := strings.HasPrefix(l.how, "apt-") || l.how == "rust"; own != (sources[c.Name].kind == "generic") && c.Name != "nltk-wordnet" {
			t.Errorf("%s is fetched by %s, but has the package URL %s", c.Name, l.how, url)
		}
	}
	for name, s := range sources {
		if !slices.ContainsFunc(assets.Manifest().Components, func(c assets.Component) bool { return c.Name == name }) {
			t.Errorf("%s is not a component of MANIFEST", name)
		}
		for _, used := range s.uses {
			_, fetched := lock[used]
			if !fetched && sources[used].kind == "" && !slices.ContainsFunc(parts, func(p part) bool { return p.name == used }) {
				t.Errorf("%s uses %s, which does not exist", name, used)
			}
		}
	}
}

// The facts about the parts of a source hold for one version of it.
func TestPartsMatchLock(t *testing.T) {
	lock := readLock(t)
	requirements := readFile(t, "assets/build/build-requirements.txt")
	for _, p := range parts {
		if got := lock[p.of].version; got != p.ofVersion {
			t.Errorf("%s: the facts are those of %s %s, but versions.lock has %s; read %s of that version", p.name, p.of, p.ofVersion, got, p.from)
		}
		if !regexp.MustCompile(`^([0-9a-f]{64})?$`).MatchString(p.sha256) || p.version == "" || p.licence == "" || p.from == "" {
			t.Errorf("%s: incomplete facts %+v", p.name, p)
		}
		if strings.HasSuffix(p.from, "build-requirements.txt") && !strings.Contains(requirements, p.name+"=="+p.version+" --hash=sha256:"+p.sha256) {
			t.Errorf("%s %s is not what build-requirements.txt has", p.name, p.version)
		}
	}
}

// Each package of packages.txt is in its guest.
func TestMembershipMatchesPackages(t *testing.T) {
	in := membership(buildinfo.Current())
	ours := []string{"Levenshtein", "fuzzywuzzy", "Unidecode"} // modules of tabcell, which are no sources
	for line := range strings.Lines(readFile(t, "assets/build/packages.txt")) {
		f := strings.Fields(line)
		if len(f) > 2 && f[0] != "#" && in[f[1]] != f[0] && !slices.Contains(ours, f[1]) {
			t.Errorf("%s: guest %q, want %s", f[1], in[f[1]], f[0])
		}
	}
}

// The table of modules has the licences that NOTICE has.
func TestModulesMatchNotice(t *testing.T) {
	lists, _, _ := strings.Cut(readFile(t, "NOTICE"), "3. Go modules, used only by tests")
	named := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^([a-z.]+\.[a-z]+/\S+)\n {4}(\S.*)`).FindAllStringSubmatch(lists, -1) {
		named[m[1]] = strings.NewReplacer(", with parts under ", " AND ", " and ", " AND ").Replace(m[2])
	}
	for name, want := range named {
		if got := modules[name].licence; got != want {
			t.Errorf("%s: licence %q, want %q as in NOTICE", name, got, want)
		}
	}
	for name := range modules {
		if named[name] == "" {
			t.Errorf("NOTICE does not name %s", name)
		}
	}
	if len(named) < 30 {
		t.Errorf("found only %d modules in NOTICE", len(named))
	}
}
