//go:build linux && (amd64 || arm64)

package linmem

import (
	"slices"
	"sort"
)

// content has the bytes of an image: those of its base, except where patches replace them. From the
// end of the base to the size of the image, bytes outside of patches are zero.
type content struct {
	size    uint64  // of the image
	base    []byte  // read-only mapping of the base, or of the image itself if it has none
	own     []byte  // read-only mapping of the patches, one after the other; nil without patches
	patches []patch // in order
}

// patch is a part of an image that differs from the base.
type patch struct {
	extent
	at     uint64 // offset in own
	mapped bool   // slots map the patch; otherwise each has a private copy
}

// extent is a part of an image. Its offsets are multiples of an OS page.
type extent struct{ from, to uint64 }

func (e extent) size() uint64 { return e.to - e.from }

// bytesOf returns the bytes of a patch.
func (c *content) bytesOf(p patch) []byte { return c.own[p.at : p.at+p.size()] }

// page returns the OS page at an offset, which may be beyond the end of the image.
func (c *content) page(offset uint64) []byte {
	i := sort.Search(len(c.patches), func(i int) bool { return c.patches[i].to > offset })
	if i < len(c.patches) && c.patches[i].from <= offset {
		at := c.patches[i].at + offset - c.patches[i].from
		return c.own[at : at+osPage]
	}
	if offset < uint64(len(c.base)) {
		return c.base[offset : offset+osPage]
	}
	return zeros[:osPage]
}

// bytes returns the whole image. If it has patches, that is a copy.
func (c *content) bytes() []byte {
	if c.own == nil && c.size == uint64(len(c.base)) {
		return c.base
	}
	mem := make([]byte, c.size)
	copy(mem, c.base)
	for _, p := range c.patches {
		copy(mem[p.from:p.to], c.bytesOf(p))
	}
	return mem
}

// copied returns the size in bytes of the patches of which each slot has a copy.
func (c *content) copied() (bytes uint64) {
	for _, p := range c.patches {
		if !p.mapped {
			bytes += p.size()
		}
	}
	return bytes
}

// mappings returns the maximum number of memory mappings of a slot: the base, the growth area and
// the space after it, with guards the inaccessible part of the growth area, and for each mapped patch
// the patch and the rest of the mapping that it splits. While a part of the growth area has huge pages,
// there are two more, and while files are mapped, two for each.
func (c *content) mappings() int64 {
	n := int64(3)
	if guarded() {
		n++
	}
	for _, p := range c.patches {
		if p.mapped {
			n += 2
		}
	}
	return n
}

// planPatches returns patches for the extents in which an image differs from its base. The largest
// ones are mapped, as many as are needed so that at most maxCopied bytes remain for each slot to
// copy. If that takes more than maxMapped, extents are merged across the smallest gaps until all of
// them can be mapped.
func planPatches(extents []extent) []patch {
	var remaining uint64
	for _, e := range extents {
		remaining += e.size()
	}
	order := make([]int, len(extents))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(extents[b].size()) - int(extents[a].size()) })
	mapped := make([]bool, len(extents))
	for _, i := range order[:min(len(order), maxMapped)] {
		if remaining <= maxCopied {
			break
		}
		mapped[i] = true
		remaining -= extents[i].size()
	}
	if remaining <= maxCopied {
		return newPatches(extents, func(i int) bool { return mapped[i] })
	}
	return newPatches(mergeExtents(extents, maxMapped), func(int) bool { return true })
}

// newPatches returns patches whose bytes are one after the other.
func newPatches(extents []extent, mapped func(i int) bool) []patch {
	patches := make([]patch, len(extents))
	at := uint64(0)
	for i, e := range extents {
		patches[i] = patch{e, at, mapped(i)}
		at += e.size()
	}
	return patches
}
