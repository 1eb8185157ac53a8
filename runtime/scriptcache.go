package runtime

import (
	"container/list"
	"crypto/sha256"
	"encoding/binary"
	"sync"
)

const (
	maxCode      = 256 << 10 // bytes of the code of one script
	maxTotalCode = 16 << 20  // bytes of the code of all scripts
	maxScripts   = 4096
)

// scriptCache holds the scripts that arrived, and the compiled code of those that arrived again.
// Beyond its bounds, the least recently used are dropped.
type scriptCache struct {
	mu     sync.Mutex
	all    map[scriptKey]*list.Element // guarded by mu
	recent list.List                   // guarded by mu; of *script, the last used first
	bytes  int                         // guarded by mu; of all code
}

// scriptKey is the digest of an account, a number of arguments and a script's text.
type scriptKey [sha256.Size]byte

type script struct {
	key     scriptKey
	code    []byte // nil if the script arrived once, is being compiled, or cannot be compiled
	claimed bool   // a call has compiled the script or is compiling it
}

func newScriptCache() *scriptCache { return &scriptCache{all: map[scriptKey]*list.Element{}} }

func newScriptKey(account string, arguments uint32, text []byte) (key scriptKey) {
	h := sha256.New()
	var head [12]byte
	binary.LittleEndian.PutUint64(head[:], uint64(len(account)))
	binary.LittleEndian.PutUint32(head[8:], arguments)
	h.Write(head[:])
	h.Write([]byte(account))
	h.Write(text)
	h.Sum(key[:0])
	return key
}

// find records the arrival of a script and returns its code, or nil. mustCompile is set for one
// caller only, from the second arrival on.
func (s *scriptCache) find(key scriptKey) (code []byte, mustCompile bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.all[key]
	if e == nil {
		s.all[key] = s.recent.PushFront(&script{key: key})
		s.trim()
		return nil, false
	}
	s.recent.MoveToFront(e)
	found := e.Value.(*script)
	mustCompile = !found.claimed
	found.claimed = true
	return found.code, mustCompile
}

// unclaim lets a later call compile the script.
func (s *scriptCache) unclaim(key scriptKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.all[key]; e != nil {
		e.Value.(*script).claimed = false
	}
}

// store sets the code of a script, unless the script has been dropped or the code is too long.
func (s *scriptCache) store(key scriptKey, code []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.all[key]; e != nil && len(code) <= maxCode {
		found := e.Value.(*script)
		s.bytes += len(code) - len(found.code)
		found.code = code
		s.trim()
	}
}

// trim drops scripts beyond the bounds. It is called with mu held.
func (s *scriptCache) trim() {
	for s.bytes > maxTotalCode || s.recent.Len() > maxScripts {
		oldest := s.recent.Remove(s.recent.Back()).(*script)
		delete(s.all, oldest.key)
		s.bytes -= len(oldest.code)
	}
}
