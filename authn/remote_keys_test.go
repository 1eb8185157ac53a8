package authn

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

// keyServer is a key server that tests steer. In a synctest bubble its delays cost no time.
type keyServer struct {
	mu         sync.Mutex
	set        keySet        // mu; what it has
	err        error         // mu; or why it has nothing
	delay      time.Duration // mu; until it answers; if the fetch is given up before, that is the error
	fetches    atomic.Int64
	running    atomic.Int64
	maxRunning atomic.Int64 // fetches at once
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

// made are keys that need not verify anything.
func fakeKeys(kids ...string) keySet {
	set := keySet{}
	for _, kid := range kids {
		set[kid] = &verifyKey{}
	}
	return set
}

// inBubble runs a test on a clock of its own, which jumps when everybody waits.
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

// step is one lookup: whether it finds, or a part of what it says; and how many fetches there were until then.
type step struct {
	after   time.Duration // since the step before
	kid     string
	wantErr string // "" found
	fetches int64
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
		synctest.Wait() // for fetches beside the request, too
		if found := s.wantErr == ""; found != (err == nil) || err != nil && !strings.Contains(err.Error(), s.wantErr) || server.fetches.Load() != s.fetches {
			t.Errorf("step %d, %s: %v after %d fetches", i+1, s.kid, err, server.fetches.Load())
		}
	}
}

const noMatch, failedRecently = "Unable to find a signing key that matches", "failed recently; not retrying yet"

// TestFetches counts as TabPy does; the first five are recorded.
func TestFetchSchedule(t *testing.T) {
	unavailable := errors.New("HTTP Error 500: Internal Server Error")
	original := func(s *keyServer) { s.respondWith(fakeKeys("a", "b"), nil, 0) }
	rotated := func(s *keyServer) { s.respondWith(fakeKeys("a", "new"), nil, 0) }
	failing := func(s *keyServer) { s.respondWith(nil, unavailable, 0) }
	for name, steps := range map[string][]step{
		"once for all tokens":           {{setup: original, kid: "a", fetches: 1}, {kid: "b", fetches: 1}, {after: 299 * time.Second, kid: "a", fetches: 1}},
		"again for an unknown key":      {{setup: original, kid: "x", wantErr: noMatch, fetches: 2}, {kid: "x", wantErr: noMatch, fetches: 2}, {kid: "y", wantErr: noMatch, fetches: 2}, {kid: "a", fetches: 2}},
		"rotation":                      {{setup: original, kid: "a", fetches: 1}, {setup: rotated, kid: "new", fetches: 2}, {kid: "b", wantErr: noMatch, fetches: 3}, {kid: "a", fetches: 3}},
		"a dead server has rest":        {{setup: failing, kid: "a", wantErr: "HTTP Error 500", fetches: 1}, {kid: "a", wantErr: failedRecently, fetches: 1}, {after: 29 * time.Second, kid: "b", wantErr: failedRecently, fetches: 1}},
		"no kid is an unknown one":      {{setup: original, kid: "a", fetches: 1}, {kid: "", wantErr: noMatch + ": None", fetches: 2}},
		"a dead server is tried again":  {{setup: failing, kid: "a", wantErr: "HTTP Error 500", fetches: 1}, {after: 30 * time.Second, setup: original, kid: "a", fetches: 2}},
		"unknown keys are tried again":  {{setup: original, kid: "x", wantErr: noMatch, fetches: 2}, {after: 29 * time.Second, setup: rotated, kid: "new", wantErr: noMatch, fetches: 2}, {after: time.Second, kid: "new", fetches: 3}},
		"a failed refresh hurts nobody": {{setup: original, kid: "a", fetches: 1}, {setup: failing, kid: "x", wantErr: "HTTP Error 500", fetches: 2}, {kid: "x", wantErr: failedRecently, fetches: 2}, {kid: "a", fetches: 2}},
		"an old set is renewed beside":  {{setup: original, kid: "a", fetches: 1}, {after: 300 * time.Second, setup: rotated, kid: "b", fetches: 2}, {kid: "b", wantErr: noMatch, fetches: 2}, {kid: "new", fetches: 2}},
		"an old set, unknown key":       {{setup: original, kid: "a", fetches: 1}, {after: 300 * time.Second, kid: "x", wantErr: noMatch, fetches: 2}},
		"an old set, dead server": {{setup: original, kid: "a", fetches: 1}, {after: 300 * time.Second, setup: failing, kid: "a", fetches: 2}, {kid: "a", fetches: 2},
			{after: 30 * time.Second, kid: "a", fetches: 3}, {after: stalePeriod - 331*time.Second, kid: "b", fetches: 4}, {after: time.Second, kid: "b", wantErr: failedRecently, fetches: 4}, {after: time.Minute, kid: "b", wantErr: "HTTP Error 500", fetches: 5}},
		"too old a set": {{setup: original, kid: "a", fetches: 1}, {after: stalePeriod, setup: rotated, kid: "b", wantErr: noMatch, fetches: 3}, {kid: "new", fetches: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			withRemoteKeys(t, func(t *testing.T, server *keyServer, keys *remoteKeys) { runSteps(t, server, keys, steps) })
		})
	}
}

// TestDeadServerBlocksNobody: while a fetch hangs, known keys are found at once, also in a set that is due.
func TestHungFetchDoesNotBlockKnownKeys(t *testing.T) {
	withRemoteKeys(t, func(t *testing.T, server *keyServer, keys *remoteKeys) {
		server.respondWith(fakeKeys("a"), nil, 0)
		runSteps(t, server, keys, []step{{kid: "a", fetches: 1}})
		server.respondWith(nil, nil, time.Hour)
		for _, age := range []time.Duration{0, freshPeriod} {
			time.Sleep(age)
			start, waiting := time.Now(), make(chan error)
			go func() {
				_, err := keys.find(t.Context(), "x")
				waiting <- err
			}()
			synctest.Wait()
			if _, err := keys.find(t.Context(), "a"); err != nil || time.Since(start) != 0 {
				t.Errorf("a known key after %s: %v", time.Since(start), err)
			}
			if err := <-waiting; err == nil || time.Since(start) != fetchTimeout {
				t.Errorf("an unknown key after %s: %v", time.Since(start), err)
			}
		}
	})
}

// TestCrowdOnOneFetch: a set that is due is renewed once however many use it, and who waits for the fetch of another key makes no fetch of its own.
func TestConcurrentLookupsShareFetch(t *testing.T) {
	withRemoteKeys(t, func(t *testing.T, server *keyServer, keys *remoteKeys) {
		server.respondWith(fakeKeys("a"), nil, 0)
		runSteps(t, server, keys, []step{{kid: "a", fetches: 1}})
		server.respondWith(fakeKeys("a", "new"), nil, 5*time.Second)
		time.Sleep(freshPeriod)
		for range 10 {
			if _, err := keys.find(t.Context(), "a"); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(time.Second)
		var all sync.WaitGroup
		for _, kid := range []string{"new", "rogue"} {
			all.Go(func() {
				if _, err := keys.find(t.Context(), kid); (err == nil) != (kid == "new") {
					t.Errorf("%s: %v", kid, err)
				}
			})
		}
		all.Wait()
		if fetches := server.fetches.Load(); fetches != 2 {
			t.Errorf("%d fetches", fetches)
		}
	})
}

// TestWaitingIsBounded: also when a fetch does not end in time, and when the client goes away.
func TestWaitingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nop, release := zerolog.Nop(), make(chan struct{})
		keys := newRemoteKeys("https://idp.example/keys", func(context.Context) (keySet, error) { <-release; return fakeKeys("a"), nil }, &nop)
		start := time.Now()
		if _, err := keys.find(t.Context(), "a"); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != fetchTimeout+waitMargin {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := keys.find(canceled, "a"); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		close(release)
		if _, err := keys.find(t.Context(), "a"); err != nil {
			t.Errorf("the fetch outlives those who waited: %v", err)
		}
		keys.close()
	})
}

// TestCloseEndsFetches: nothing runs on, and those who wait are told.
func TestCloseCancelsFetch(t *testing.T) {
	withRemoteKeys(t, func(t *testing.T, server *keyServer, keys *remoteKeys) {
		server.respondWith(nil, nil, time.Hour)
		waiting, start := make(chan error), time.Now()
		go func() {
			_, err := keys.find(t.Context(), "a")
			waiting <- err
		}()
		synctest.Wait()
		keys.close()
		if err := <-waiting; !errors.Is(err, context.Canceled) || server.running.Load() != 0 || time.Since(start) != 0 {
			t.Errorf("after %s: %v, %d running", time.Since(start), err, server.running.Load())
		}
	})
}

// TestOneFetchAtATime: a crowd at a cold start, then with a new key, then with unknown ones.
func TestOneFetchAtATime(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	nop, server := zerolog.Nop(), &keyServer{}
	keys := newRemoteKeys("https://idp.example/keys", server.fetch, &nop)
	defer keys.close()
	lookupAll := func(kid func(i int) string, found bool) {
		t.Helper()
		var all sync.WaitGroup
		released := make(chan struct{})
		for i := range 64 {
			all.Go(func() {
				<-released
				for range 20 {
					if _, err := keys.find(context.Background(), kid(i)); (err == nil) != found {
						t.Errorf("%s: %v", kid(i), err)
					}
				}
			})
		}
		close(released)
		all.Wait()
	}
	wantFetches := func(what string, want int64) {
		t.Helper()
		if got := server.fetches.Load(); got != want || server.maxRunning.Load() > 1 {
			t.Errorf("%s: %d fetches, %d at once", what, got, server.maxRunning.Load())
		}
	}
	server.respondWith(fakeKeys("a", "b"), nil, 5*time.Millisecond)
	lookupAll(func(i int) string { return []string{"a", "b"}[i%2] }, true)
	wantFetches("cold", 1)
	server.respondWith(fakeKeys("a", "new"), nil, 5*time.Millisecond)
	lookupAll(func(int) string { return "new" }, true)
	wantFetches("new key", 2)
	lookupAll(func(i int) string { return fmt.Sprint("rogue", i) }, false)
	wantFetches("unknown keys", 3)
	lookupAll(func(int) string { return "a" }, true)
	wantFetches("known keys after them", 3)
}
