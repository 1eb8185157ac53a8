package runtime

import (
	"container/list"
	"sync"
)

// recentSet is a set of at most limit keys. Beyond it, the least recently used are dropped. Its
// methods may be called from any goroutine.
type recentSet[K comparable] struct {
	limit int
	mu    sync.Mutex
	all   map[K]*list.Element // guarded by mu
	order list.List           // guarded by mu; of K, the last used first
}

func newRecentSet[K comparable](limit int) *recentSet[K] {
	return &recentSet[K]{limit: limit, all: map[K]*list.Element{}}
}

// has reports whether the set contains a key.
func (s *recentSet[K]) has(key K) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.all[key]
	if e != nil {
		s.order.MoveToFront(e)
	}
	return e != nil
}

func (s *recentSet[K]) add(key K) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.all[key]; e != nil {
		s.order.MoveToFront(e)
		return
	}
	s.all[key] = s.order.PushFront(key)
	if s.order.Len() > s.limit {
		delete(s.all, s.order.Remove(s.order.Back()).(K))
	}
}

// removeIf removes the keys that match.
func (s *recentSet[K]) removeIf(match func(K) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, e := range s.all {
		if match(key) {
			s.order.Remove(e)
			delete(s.all, key)
		}
	}
}

func (s *recentSet[K]) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.order.Len()
}
