package assets

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:embed data/extra.res.zst
var extraResources []byte

// extraParts returns the loaders of the parts of the archive "extra" by the entries of /lib that
// they contain. Each part is decompressed when it is loaded for the first time, and then shared.
var extraParts = sync.OnceValue(func() map[string]func() (map[string][]byte, error) {
	parts := map[string]func() (map[string][]byte, error){}
	for _, p := range Manifest().Extra.Parts {
		load := sync.OnceValues(func() (map[string][]byte, error) { return readPart(extraResources, p) })
		for _, entry := range p.Entries {
			parts[entry] = load
		}
	}
	return parts
})

// RemoveExtra removes a package of the archive "extra" from the guest, with its description.
func (g *Guest) RemoveExtra(name string) {
	g.Parts, g.OnDemand = maps.Clone(g.Parts), slices.Clone(g.OnDemand)
	for _, p := range Manifest().Extra.Parts {
		for _, entry := range p.Entries {
			info, _, isInfo := strings.Cut(entry, "-")
			if p.Name == name || isInfo && strings.HasSuffix(entry, ".dist-info/") && normalized(info) == normalized(name) {
				delete(g.Parts, entry)
				g.OnDemand = slices.DeleteFunc(g.OnDemand, func(module string) bool { return module == topLevelModule(entry) })
			}
		}
	}
}

// topLevelModule returns the top-level module of an entry of /lib.
func topLevelModule(entry string) string {
	return strings.TrimSuffix(strings.TrimSuffix(entry, "/"), ".py")
}

// normalized returns the name of a distribution in a form in which equal names are equal texts.
func normalized(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(name))
}

// readPart returns the resources of a part of the archive "extra".
func readPart(archive []byte, p PartInfo) (map[string][]byte, error) {
	o := Output{File: "the package " + p.Name, RawSize: p.RawSize, RawSha256: p.RawSha256}
	if p.Offset < 0 || p.Size < 0 || p.Size > len(archive)-p.Offset {
		return nil, fmt.Errorf("assets: %s: the archive has %d bytes, the manifest names the %d bytes at %d", o.File, len(archive), p.Size, p.Offset)
	}
	return readResources(archive[p.Offset:p.Offset+p.Size], o)
}

// onDemand returns the top-level modules of extra, and those of a guest, as far as core does not
// have them, that the guest does not preload.
func onDemand(g GuestInfo, extra ExtraInfo) (modules []string) {
	for _, p := range extra.Parts {
		for _, entry := range p.Entries {
			if module := topLevelModule(entry); !strings.Contains(module, ".") {
				modules = append(modules, module)
			}
		}
	}
	for _, module := range g.Modules {
		if !slices.ContainsFunc(g.Preload, func(name string) bool { return name == module || strings.HasPrefix(name, module+".") }) {
			modules = append(modules, module)
		}
	}
	return modules
}
