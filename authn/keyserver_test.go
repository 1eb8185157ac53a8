package authn

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

// keyServer is a fake key server. In a synctest bubble, its delays take no real time.
type keyServer struct {
	mu         sync.Mutex
	set        keySet        // guarded by mu
	err        error         // guarded by mu
	delay      time.Duration // before the response; guarded by mu
	fetches    atomic.Int64
	running    atomic.Int64
	maxRunning atomic.Int64 // the maximum of running
}

func (s *keyServer) fetch(ctx context.Context) (keySet, error) {
	s.fetches.Add(1)
	if now := s.running.Add(1); now > s.maxRunning.Load() {
		s.maxRunning.Store(now)
	}
	defer s.running.Add(-1)
	s.mu.Lock()
	set, err, delay := s.set, s.err, s.delay
	s.mu.Unlock()
	select {
	case <-time.After(delay):
		return set, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *keyServer) respondWith(set keySet, err error, delay time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set, s.err, s.delay = set, err, delay
}

// fakeKeys returns a set of keys that cannot verify anything.
func fakeKeys(kids ...string) keySet {
	set := keySet{}
	for _, kid := range kids {
		set[kid] = &verifyKey{}
	}
	return set
}

// withRemoteKeys runs a test in a synctest bubble, whose clock advances when all goroutines wait.
func withRemoteKeys(t *testing.T, test func(*testing.T, *keyServer, *remoteKeys)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		nop := zerolog.Nop()
		server := &keyServer{}
		keys := newRemoteKeys("https://idp.example/keys", server.fetch, &nop)
		defer keys.close()
		test(t, server, keys)
	})
}

// step is one lookup and its expected result.
type step struct {
	after   time.Duration // since the previous step
	kid     string
	wantErr string // a part of the error; "" if the key is found
	fetches int64  // the number of fetches so far, including this step
	setup   func(*keyServer)
}

func runSteps(t *testing.T, server *keyServer, keys *remoteKeys, steps []step) {
	t.Helper()
	for i, s := range steps {
		time.Sleep(s.after)
		if s.setup != nil {
			s.setup(server)
		}
		_, err := keys.find(t.Context(), s.kid)
		synctest.Wait() // for fetches in the background, too
		if found := s.wantErr == ""; found != (err == nil) || err != nil && !strings.Contains(err.Error(), s.wantErr) || server.fetches.Load() != s.fetches {
			t.Errorf("step %d, %s: error %v after %d fetches, want %q after %d", i+1, s.kid, err, server.fetches.Load(), s.wantErr, s.fetches)
		}
	}
}
