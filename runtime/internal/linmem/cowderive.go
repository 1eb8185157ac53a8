//go:build linux && (amd64 || arm64)

package linmem

import (
	"bytes"
	"errors"
	"slices"
	"sort"

	"golang.org/x/sys/unix"
)

// mostPatches is how many parts of its own an image over another has at most. Each costs every slot two mappings, of which a process may
// have 65530; runs of changed pages are put together over small gaps until there are no more.
const mostPatches = 64

// span is a part of an image, offsets in whole pages.
type span struct{ from, to uint64 }

// over keeps the pages that differ in a file of their own, one patch behind the other.
func (s *cowStore) over(mem []byte, most uint64) (store, uint64, error) {
	patches := joined(s.differences(mem), mostPatches)
	var own []byte
	for _, p := range patches {
		if size := uint64(len(own)) + p.to - p.from; size > most {
			return nil, 0, ErrTooLarge
		}
		own = append(own, mem[p.from:p.to]...)
	}
	fd, err := sealedFile(own)
	if err != nil {
		return nil, 0, err
	}
	layers := s.under(patches, uint64(len(mem)), fd)
	view, err := viewOf(layers)
	if err != nil {
		return nil, 0, errors.Join(err, unix.Close(fd))
	}
	return &cowStore{fd: fd, layers: layers, faults: s.faults, view: view, pagemap: s.pagemap, lent: true}, uint64(len(own)), nil
}

// differences are the runs of pages in which mem differs from the image; all that lies behind the image is one.
func (s *cowStore) differences(mem []byte) []span {
	var runs []span
	size := uint64(len(s.view))
	for p := uint64(0); p < size; p += osPage {
		if bytes.Equal(mem[p:p+osPage], s.view[p:p+osPage]) {
			continue
		}
		if k := len(runs) - 1; k >= 0 && runs[k].to == p {
			runs[k].to += osPage
		} else {
			runs = append(runs, span{p, p + osPage})
		}
	}
	if n := uint64(len(mem)); n > size {
		runs = append(runs, span{size, n})
	}
	return runs
}

// joined puts the runs with the smallest gaps between them together, so that there are no more than most.
func joined(runs []span, most int) []span {
	if len(runs) <= most {
		return runs
	}
	gaps := make([]uint64, 0, len(runs))
	for k := 1; k < len(runs); k++ {
		gaps = append(gaps, runs[k].from-runs[k-1].to)
	}
	slices.Sort(gaps)
	closed := len(runs) - most // so many gaps
	limit := gaps[closed-1]
	atLimit := closed - sort.Search(closed, func(i int) bool { return gaps[i] >= limit })
	out := runs[:1:1]
	for _, r := range runs[1:] {
		last := &out[len(out)-1]
		gap := r.from - last.to
		if gap == limit && atLimit > 0 {
			atLimit--
		} else if gap >= limit {
			out = append(out, r)
			continue
		}
		last.to = r.to
	}
	return out
}

// under are the layers of an image of n bytes: the patches, which lie one behind the other in the file fd, and the base between them.
func (s *cowStore) under(patches []span, n uint64, fd int) []layer {
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
