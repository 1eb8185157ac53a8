//go:build linux && (amd64 || arm64)

package linmem

import (
	"bytes"
	"errors"
	"slices"
	"sort"

	"golang.org/x/sys/unix"
)

// maxPatches limits the number of parts in which a derived image differs from its base. Each part
// costs every slot two mappings, and a process may have 65530 of them (vm.max_map_count). Runs of
// changed pages are merged across the smallest gaps until the limit is met.
const maxPatches = 64

// extent is a part of an image. Its offsets are multiples of an OS page.
type extent struct{ from, to uint64 }

// derive stores the pages that differ in a file of their own, one patch after the other.
func (s *cowStore) derive(mem []byte, maxOwn uint64) (store, uint64, error) {
	patches := mergeExtents(s.differences(mem), maxPatches)
	var own []byte
	for _, p := range patches {
		if size := uint64(len(own)) + p.to - p.from; size > maxOwn {
			return nil, 0, ErrTooLarge
		}
		own = append(own, mem[p.from:p.to]...)
	}
	fd, err := sealedFile(own)
	if err != nil {
		return nil, 0, err
	}
	layers := s.patchedLayers(patches, uint64(len(mem)), fd)
	view, err := mapView(layers)
	if err != nil {
		return nil, 0, errors.Join(err, unix.Close(fd))
	}
	d := &cowStore{fd: fd, layers: layers, uffd: s.uffd, view: view, pagemap: s.pagemap, borrowed: true}
	return d, uint64(len(own)), nil
}

// differences returns the extents in which mem differs from the image. Everything after the end of
// the image is one extent.
func (s *cowStore) differences(mem []byte) []extent {
	var extents []extent
	size := uint64(len(s.view))
	for p := uint64(0); p < size; p += osPage {
		if bytes.Equal(mem[p:p+osPage], s.view[p:p+osPage]) {
			continue
		}
		if k := len(extents) - 1; k >= 0 && extents[k].to == p {
			extents[k].to += osPage
		} else {
			extents = append(extents, extent{p, p + osPage})
		}
	}
	if n := uint64(len(mem)); n > size {
		extents = append(extents, extent{size, n})
	}
	return extents
}

// mergeExtents merges the extents with the smallest gaps between them until there are at most
// limit.
func mergeExtents(extents []extent, limit int) []extent {
	if len(extents) <= limit {
		return extents
	}
	gaps := make([]uint64, 0, len(extents))
	for k := 1; k < len(extents); k++ {
		gaps = append(gaps, extents[k].from-extents[k-1].to)
	}
	slices.Sort(gaps)
	// Gaps below the threshold are closed, and as many of those equal to it as are needed.
	closed := len(extents) - limit
	threshold := gaps[closed-1]
	atThreshold := closed - sort.Search(closed, func(i int) bool { return gaps[i] >= threshold })
	merged := extents[:1:1]
	for _, e := range extents[1:] {
		last := &merged[len(merged)-1]
		gap := e.from - last.to
		if gap == threshold && atThreshold > 0 {
			atThreshold--
		} else if gap >= threshold {
			merged = append(merged, e)
			continue
		}
		last.to = e.to
	}
	return merged
}

// patchedLayers returns the layers of an image of n bytes: the patches, which are one after the
// other in the file fd, and parts of the base between them.
func (s *cowStore) patchedLayers(patches []extent, n uint64, fd int) []layer {
	var layers []layer
	at, patched := uint64(0), uint64(0)
	for _, p := range patches {
		if at < p.from {
			layers = append(layers, layer{at, p.from, s.fd, at})
		}
		layers = append(layers, layer{p.from, p.to, fd, patched})
		patched += p.to - p.from
		at = p.to
	}
	if at < n {
		layers = append(layers, layer{at, n, s.fd, at})
	}
	return layers
}
