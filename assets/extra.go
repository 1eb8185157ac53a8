package assets

import (
	_ "embed"
	"fmt"
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

// readPart returns the resources of a part of the archive "extra".
func readPart(archive []byte, p PartInfo) (map[string][]byte, error) {
	o := Output{File: "the package " + p.Name, RawSize: p.RawSize, RawSha256: p.RawSha256}
	if p.Offset < 0 || p.Size < 0 || p.Size > len(archive)-p.Offset {
		return nil, fmt.Errorf("assets: %s: the archive has %d bytes, the manifest names the %d bytes at %d", o.File, len(archive), p.Size, p.Offset)
	}
	return readResources(archive[p.Offset:p.Offset+p.Size], o)
}
