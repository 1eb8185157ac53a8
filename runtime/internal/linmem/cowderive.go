//go:build linux && (amd64 || arm64)

package linmem

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sort"

	"golang.org/x/sys/unix"
)

const (
	// maxMapped limits the number of patches that a slot maps. Each costs every slot two mappings,
	// and a process may have 65530 of them (vm.max_map_count).
	maxMapped = 64
	// maxCopied is the number of bytes of patches that each slot may copy instead. Mapping a patch of
	// a page or two costs about as much time as copying it. Most models change some 200 single pages,
	// so they need neither a mapping for them nor a file.
	maxCopied = 2 << 20
)

// derive stores the pages that differ in a file of their own, one patch after the other.
func (s *cowStore) derive(mem []byte, maxOwn uint64) (store, uint64, error) {
	c := content{size: uint64(len(mem)), base: s.content.base, patches: planPatches(s.differences(mem))}
	own, parts := uint64(0), make([][]byte, len(c.patches))
	for i, p := range c.patches {
		if own += p.size(); own > maxOwn {
			return nil, 0, ErrTooLarge
		}
		parts[i] = mem[p.from:p.to]
	}
	d := &cowStore{fd: -1, baseFD: s.fd, uffd: s.uffd, pagemap: s.pagemap, derived: true}
	if err := d.keep(&c, parts, int(own)); err != nil {
		return nil, 0, err
	}
	d.content = c
	return d, own, nil
}

// keep puts the bytes of the patches, of the given size in all, into a file that cannot be changed,
// and maps them. The store needs the file itself only if slots map it too.
func (s *cowStore) keep(c *content, parts [][]byte, size int) error {
	if size == 0 {
		return nil
	}
	fd, err := sealedFile(parts...)
	if err != nil {
		return err
	}
	if c.own, err = unix.Mmap(fd, 0, size, unix.PROT_READ, unix.MAP_PRIVATE); err != nil {
		return errors.Join(fmt.Errorf("mmap of the image: %w", err), unix.Close(fd))
	}
	mapped.Add(1)
	if slices.ContainsFunc(c.patches, func(p patch) bool { return p.mapped }) {
		s.fd = fd
		return nil
	}
	return unix.Close(fd)
}

// differences returns the extents in which mem differs from the image, and from zero after its end.
func (s *cowStore) differences(mem []byte) []extent {
	var extents []extent
	for p := uint64(0); p < uint64(len(mem)); p += osPage {
		if bytes.Equal(mem[p:p+osPage], s.content.page(p)) {
			continue
		}
		if k := len(extents) - 1; k >= 0 && extents[k].to == p {
			extents[k].to += osPage
		} else {
			extents = append(extents, extent{p, p + osPage})
		}
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
