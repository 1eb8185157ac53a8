package cluster

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"tabcell/runtime/osfile"
	"tabcell/runtime/registry"
)

// slowSource is another node that needs a second for each blob.
type slowSource struct {
	consensus
	peers
	mu           sync.Mutex
	running, max int
	content      map[string]string // by sum
}

func (s *slowSource) leader() string { return "other" }

func (s *slowSource) servers() []server { return []server{{ID: "self"}, {ID: "other"}} }

func (s *slowSource) fetch(_ context.Context, _ string, v registry.Version) (io.ReadCloser, error) {
	s.count(1)
	time.Sleep(time.Second)
	s.count(-1)
	return io.NopCloser(strings.NewReader(s.content[v.Sum])), nil
}

func (s *slowSource) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running += n
	s.max = max(s.max, s.running)
}

// Missing blobs are fetched together, but leave a place for the blob of a change.
func TestMissingBlobsAreFetchedTogether(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r, err := registry.Open(dir, registry.Options{Replicated: true})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		s := &slowSource{content: map[string]string{}}
		for i := range 12 {
			name, text := fmt.Sprintf("e%d", i), fmt.Sprintf("code %d", i)
			v := registry.Version{Number: 1, Kind: registry.Source, Sum: osfile.Digest([]byte(text)), Size: int64(len(text))}
			s.content[v.Sum] = text
			if err := r.Put(registry.Endpoint{Name: name, Type: registry.TypeModel, Version: 1, Versions: []registry.Version{v}}); err != nil {
				t.Fatal(err)
			}
		}
		p := newReplica("self", r, registry.Options{}, zerolog.Nop())
		p.log, p.peers = s, s
		start := time.Now()
		p.fetchMissing(t.Context())
		if took := time.Since(start); took != 12*time.Second/(maxFetches-1) || s.max != maxFetches-1 {
			t.Errorf("12 blobs took %v, at most %d at once", took, s.max)
		}
		if p.blobs.lacking() != 0 {
			t.Errorf("%d blobs are missing", p.blobs.lacking())
		}
	})
}
