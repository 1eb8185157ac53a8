//go:build linux && (amd64 || arm64)

package memfile

import (
	"sync"
	"time"
)

const (
	maxSpare   = 128 << 20        // bytes of spare memory
	spareDelay = 10 * time.Second // from the last addition to the end of all spare memory
)

// spareFiles keeps files without chunks, whose content is that of earlier tables, and knows the files
// with chunks that have spare pages. Its lock is taken after that of a file.
type spareFiles struct {
	mu     sync.Mutex // guards the fields below
	files  []*file
	unused map[*file]int // spare bytes of files with chunks
	bytes  int           // of both
	timer  *time.Timer   // nil if there is no spare memory
}

var spares spareFiles

// put keeps a file. It returns false at the limit.
func (s *spareFiles) put(f *file) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bytes+len(f.mem) > maxSpare {
		return false
	}
	s.files = append(s.files, f)
	s.add(len(f.mem))
	return true
}

// keep keeps pages of a file with chunks. It returns false at the limit.
func (s *spareFiles) keep(f *file, bytes int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bytes+bytes > maxSpare {
		return false
	}
	if s.unused == nil {
		s.unused = map[*file]int{}
	}
	s.unused[f] = bytes
	s.add(bytes)
	return true
}

// forget ends the record of a file's spare pages.
func (s *spareFiles) forget(f *file) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bytes -= s.unused[f]
	delete(s.unused, f)
}

// add counts spare bytes. The caller holds s.mu.
func (s *spareFiles) add(bytes int) {
	s.bytes += bytes
	if s.timer == nil {
		s.timer = time.AfterFunc(spareDelay, s.drop)
	} else {
		s.timer.Reset(spareDelay)
	}
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

// drop gives all spare memory up.
func (s *spareFiles) drop() {
	s.mu.Lock()
	files, unused := s.files, s.unused
	s.files, s.unused, s.bytes, s.timer = nil, nil, 0, nil
	s.mu.Unlock()
	for _, f := range files {
		f.close()
	}
	for f := range unused {
		f.dropKept()
	}
}
