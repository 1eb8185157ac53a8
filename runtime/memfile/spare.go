//go:build linux && (amd64 || arm64)

package memfile

import (
	"sync"
	"time"
)

const (
	maxSpare   = 128 << 20        // bytes of spare files
	spareDelay = 10 * time.Second // from the last addition to the end of all spare files
)

// spareFiles keeps files without chunks. Their content is that of earlier tables.
type spareFiles struct {
	mu    sync.Mutex // guards the fields below
	files []*file
	bytes int
	timer *time.Timer // nil if there are no files
}

var spares spareFiles

// put keeps a file. It returns false if there is no room.
func (s *spareFiles) put(f *file) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bytes+len(f.mem) > maxSpare {
		return false
	}
	s.files, s.bytes = append(s.files, f), s.bytes+len(f.mem)
	if s.timer == nil {
		s.timer = time.AfterFunc(spareDelay, s.drop)
	} else {
		s.timer.Reset(spareDelay)
	}
	return true
}

// take returns a file of at least the given number of pages, of which those behind have no memory, or
// nil. A file of more than twice that number is left for a larger table.
func (s *spareFiles) take(pages int) *file {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.files {
		if n := len(f.mem) / pageSize; n >= pages && n <= 2*pages {
			s.files = append(s.files[:i], s.files[i+1:]...)
			s.bytes -= len(f.mem)
			if n > pages {
				f.drop(pages, n)
			}
			return f
		}
	}
	return nil
}

// drop closes all files.
func (s *spareFiles) drop() {
	s.mu.Lock()
	files := s.files
	s.files, s.bytes, s.timer = nil, 0, nil
	s.mu.Unlock()
	for _, f := range files {
		f.close()
	}
}
