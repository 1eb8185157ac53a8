package assets

import (
	"slices"
	"strings"
	"testing"
)

// TestParts checks that each part of the archive "extra" has exactly the entries that MANIFEST
// lists, and that the parts cover the file.
func TestParts(t *testing.T) {
	extra, end := Manifest().Extra, 0
	for _, p := range extra.Parts {
		resources, err := readPart(extraResources, p)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := topEntries(resources); !slices.Equal(got, p.Entries) {
			t.Errorf("%s has the entries %q, MANIFEST has %q", p.Name, got, p.Entries)
		}
		if p.Offset != end {
			t.Errorf("%s begins at %d, the part before ends at %d", p.Name, p.Offset, end)
		}
		end = p.Offset + p.Size
	}
	if end != len(extraResources) {
		t.Errorf("the parts end at %d, the file has %d bytes", end, len(extraResources))
	}
	if _, err := decompress(extraResources, extra.Resources); err != nil {
		t.Error(err)
	}
}

// topEntries returns the files and folders of /lib, as they stand in PartInfo.
func topEntries(resources map[string][]byte) []string {
	found := map[string]bool{}
	for name, b := range resources {
		path, isFile := strings.CutPrefix(name, "f:/lib/")
		if !isFile {
			path = strings.ReplaceAll(strings.TrimPrefix(name, "m:"), ".", "/") + map[byte]string{'P': "/", 'M': ".py"}[b[0]]
		}
		top, _, inFolder := strings.Cut(path, "/")
		found[top+map[bool]string{true: "/"}[inFolder]] = true
	}
	return sorted(found)
}

func sorted(set map[string]bool) (names []string) {
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestPartsAreDisjoint checks that an entry of /lib belongs to one part or to the libraries of the
// guests, since a lookup finds only one of them.
func TestPartsAreDisjoint(t *testing.T) {
	owners := map[string]string{}
	for _, entry := range topEntries(loadLibrary(t, loadGuests(t)[1])) {
		owners[moduleOf(entry)] = "full"
	}
	for _, p := range Manifest().Extra.Parts {
		for _, entry := range p.Entries {
			if owner := owners[moduleOf(entry)]; owner != "" && owner != p.Name {
				t.Errorf("%s and %s both have %s in /lib", owner, p.Name, entry)
			}
			owners[moduleOf(entry)] = p.Name
		}
	}
}

// moduleOf returns the module that an entry of /lib contains, or the entry.
func moduleOf(entry string) string {
	return strings.TrimSuffix(strings.TrimSuffix(entry, "/"), ".py")
}

// TestPartsAreListed compares the parts with packages.txt, and with the descriptions of those that
// are distributions of the package index.
func TestPartsAreListed(t *testing.T) {
	var want, got, described []string
	for _, line := range readLines(t, "build/packages.txt") {
		if f := strings.Fields(line); f[0] == "extra" {
			want = append(want, f[1])
		}
	}
	for _, p := range Manifest().Extra.Parts {
		if p.Name == "dist-info" {
			described = p.Entries
		} else {
			got = append(got, p.Name)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("MANIFEST has the parts %q, packages.txt has %q", got, want)
	}
	for _, line := range readLines(t, "build/versions.lock") {
		f := strings.Fields(line)
		folder := strings.ReplaceAll(f[0], "-", "_") + "-" + f[1] + ".dist-info/"
		isListed := slices.ContainsFunc(described, func(entry string) bool { return strings.EqualFold(entry, folder) })
		if slices.Contains(want, f[0]) && (f[2] == "pip-wheel" || f[2] == "pip-source") && !isListed {
			t.Errorf("the descriptions do not have %s", folder)
		}
	}
	for _, name := range FullOnly() {
		if slices.Contains(want, name) {
			t.Errorf("FullOnly has %s, which is in extra", name)
		}
	}
}

func TestDamagedPart(t *testing.T) {
	p := Manifest().Extra.Parts[0]
	damaged := slices.Clone(extraResources)
	damaged[p.Offset+p.Size/2] ^= 1
	longer, other := p, p
	longer.Size = len(extraResources) + 1
	other.RawSha256 = strings.Repeat("0", 64)
	for _, c := range []struct {
		name    string
		archive []byte
		part    PartInfo
	}{{"a changed bit", damaged, p}, {"half a file", extraResources[:p.Offset+p.Size/2], p}, {"a size beyond the file", extraResources, longer}, {"another digest", extraResources, other}} {
		if resources, err := readPart(c.archive, c.part); err == nil || resources != nil || !strings.Contains(err.Error(), p.Name) {
			t.Errorf("%s: %d resources, error %v", c.name, len(resources), err)
		}
	}
}

// TestPartsOfGuests checks that both guests have the parts, and that a part is loaded once for
// both.
func TestPartsOfGuests(t *testing.T) {
	guests := loadGuests(t)
	first, err := guests[0].Parts["requests/"]()
	if err != nil {
		t.Fatal(err)
	}
	second, err := guests[1].Parts["requests/"]()
	if err != nil || &first["m:requests"][0] != &second["m:requests"][0] {
		t.Errorf("the guests do not share the part; error %v", err)
	}
	for _, g := range guests {
		if !g.HasModule("requests") || !g.HasModule("numpy") || g.HasModule("no_such_module") {
			t.Errorf("%s: HasModule is wrong", g.Name)
		}
		if !strings.Contains(g.LibraryDigest, Manifest().Extra.Resources.RawSha256) {
			t.Errorf("%s: LibraryDigest does not depend on the parts", g.Name)
		}
	}
}

func TestOnDemand(t *testing.T) {
	guests := loadGuests(t)
	for i, want := range [][]string{{"requests", "charset_normalizer"}, {"requests", "nltk"}} {
		for _, module := range want {
			if !slices.Contains(guests[i].OnDemand, module) {
				t.Errorf("%s: OnDemand is %q, without %s", guests[i].Name, guests[i].OnDemand, module)
			}
		}
		for _, module := range guests[i].OnDemand {
			if !guests[i].HasModule(module) || module == "numpy" || module == "scipy" {
				t.Errorf("%s: OnDemand has %s", guests[i].Name, module)
			}
		}
	}
}
