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
	mu      sync.Mutex
	set     keySet        // mu; what it has
	err     error         // mu; or why it has nothing
	delay   time.Duration // mu; until it answers; if the fetch is given up before, that is the error
	fetches atomic.Int64
	running atomic.Int64
	most    atomic.Int64 // fetches at once
}

func (s *keyServer) fetch(ctx context.Context) (keySet, error) {
	s.fetches.Add(1)
	if now := s.running.Add(1); now > s.most.Load() {
		s.most.Store(now)
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

func (s *keyServer) has(set keySet, err error, delay time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set, s.err, s.delay = set, err, delay
}

// made are keys that need not verify anything.
func made(kids ...string) keySet {
	set := keySet{}
	for _, kid := range kids {
		set[kid] = &verifyKey{}
	}
	return set
}

// inBubble runs a test on a clock of its own, which jumps when everybody waits.
func inBubble(t *testing.T, test func(*testing.T, *keyServer, *remoteKeys)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		nobody := zerolog.Nop()
		server := &keyServer{}
		keys := newRemoteKeys("https://idp.example/keys", server.fetch, &nobody)
		defer keys.close()
		test(t, server, keys)
	})
}

// step is one lookup: whether it finds, or a part of what it says; and how many fetches there were until then.
type step struct {
	after   time.Duration // since the step before
	kid     string
	says    string // "" found
	fetches int64
	before  func(*keyServer)
}

func run(t *testing.T, server *keyServer, keys *remoteKeys, steps []step) {
	t.Helper()
	for i, s := range steps {
		time.Sleep(s.after)
		if s.before != nil {
			s.before(server)
		}
		_, err := keys.find(t.Context(), s.kid)
		synctest.Wait() // for fetches beside the request, too
		if found := s.says == ""; found != (err == nil) || err != nil && !strings.Contains(err.Error(), s.says) || server.fetches.Load() != s.fetches {
			t.Errorf("step %d, %s: %v after %d fetches", i+1, s.kid, err, server.fetches.Load())
		}
	}
}

const noMatch, failedRecently = "Unable to find a signing key that matches", "failed recently; not retrying yet"

// TestFetches counts as TabPy does; the first five are recorded.
func TestFetches(t *testing.T) {
	down := errors.New("HTTP Error 500: Internal Server Error")
	first := func(s *keyServer) { s.has(made("a", "b"), nil, 0) }
	rotated := func(s *keyServer) { s.has(made("a", "new"), nil, 0) }
	dead := func(s *keyServer) { s.has(nil, down, 0) }
	for name, steps := range map[string][]step{
		"once for all tokens":           {{before: first, kid: "a", fetches: 1}, {kid: "b", fetches: 1}, {after: 299 * time.Second, kid: "a", fetches: 1}},
		"again for an unknown key":      {{before: first, kid: "x", says: noMatch, fetches: 2}, {kid: "x", says: noMatch, fetches: 2}, {kid: "y", says: noMatch, fetches: 2}, {kid: "a", fetches: 2}},
		"rotation":                      {{before: first, kid: "a", fetches: 1}, {before: rotated, kid: "new", fetches: 2}, {kid: "b", says: noMatch, fetches: 3}, {kid: "a", fetches: 3}},
		"a dead server has rest":        {{before: dead, kid: "a", says: "HTTP Error 500", fetches: 1}, {kid: "a", says: failedRecently, fetches: 1}, {after: 29 * time.Second, kid: "b", says: failedRecently, fetches: 1}},
		"no kid is an unknown one":      {{before: first, kid: "a", fetches: 1}, {kid: "", says: noMatch + ": None", fetches: 2}},
		"a dead server is tried again":  {{before: dead, kid: "a", says: "HTTP Error 500", fetches: 1}, {after: 30 * time.Second, before: first, kid: "a", fetches: 2}},
		"unknown keys are tried again":  {{before: first, kid: "x", says: noMatch, fetches: 2}, {after: 29 * time.Second, before: rotated, kid: "new", says: noMatch, fetches: 2}, {after: time.Second, kid: "new", fetches: 3}},
		"a failed refresh hurts nobody": {{before: first, kid: "a", fetches: 1}, {before: dead, kid: "x", says: "HTTP Error 500", fetches: 2}, {kid: "x", says: failedRecently, fetches: 2}, {kid: "a", fetches: 2}},
		"an old set is renewed beside":  {{before: first, kid: "a", fetches: 1}, {after: 300 * time.Second, before: rotated, kid: "b", fetches: 2}, {kid: "b", says: noMatch, fetches: 2}, {kid: "new", fetches: 2}},
		"an old set, unknown key":       {{before: first, kid: "a", fetches: 1}, {after: 300 * time.Second, kid: "x", says: noMatch, fetches: 2}},
		"an old set, dead server": {{before: first, kid: "a", fetches: 1}, {after: 300 * time.Second, before: dead, kid: "a", fetches: 2}, {kid: "a", fetches: 2},
			{after: 30 * time.Second, kid: "a", fetches: 3}, {after: staleTime - 331*time.Second, kid: "b", fetches: 4}, {after: time.Second, kid: "b", says: failedRecently, fetches: 4}, {after: time.Minute, kid: "b", says: "HTTP Error 500", fetches: 5}},
		"too old a set": {{before: first, kid: "a", fetches: 1}, {after: staleTime, before: rotated, kid: "b", says: noMatch, fetches: 3}, {kid: "new", fetches: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, server *keyServer, keys *remoteKeys) { run(t, server, keys, steps) })
		})
	}
}

// TestDeadServerBlocksNobody: while a fetch hangs, known keys are found at once, also in a set that is due.
func TestDeadServerBlocksNobody(t *testing.T) {
	inBubble(t, func(t *testing.T, server *keyServer, keys *remoteKeys) {
		server.has(made("a"), nil, 0)
		run(t, server, keys, []step{{kid: "a", fetches: 1}})
		server.has(nil, nil, time.Hour)
		for _, age := range []time.Duration{0, freshTime} {
			time.Sleep(age)
			begun, waiting := time.Now(), make(chan error)
			go func() {
				_, err := keys.find(t.Context(), "x")
				waiting <- err
			}()
			synctest.Wait()
			if _, err := keys.find(t.Context(), "a"); err != nil || time.Since(begun) != 0 {
				t.Errorf("a known key after %s: %v", time.Since(begun), err)
			}
			if err := <-waiting; err == nil || time.Since(begun) != fetchTime {
				t.Errorf("an unknown key after %s: %v", time.Since(begun), err)
			}
		}
	})
}

// TestCrowdOnOneFetch: a set that is due is renewed once however many use it, and who waits for the fetch of another key makes no fetch of its own.
func TestCrowdOnOneFetch(t *testing.T) {
	inBubble(t, func(t *testing.T, server *keyServer, keys *remoteKeys) {
		server.has(made("a"), nil, 0)
		run(t, server, keys, []step{{kid: "a", fetches: 1}})
		server.has(made("a", "new"), nil, 5*time.Second)
		time.Sleep(freshTime)
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
		nobody, release := zerolog.Nop(), make(chan struct{})
		keys := newRemoteKeys("https://idp.example/keys", func(context.Context) (keySet, error) { <-release; return made("a"), nil }, &nobody)
		begun := time.Now()
		if _, err := keys.find(t.Context(), "a"); !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != fetchTime+waitMargin {
			t.Errorf("after %s: %v", time.Since(begun), err)
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, err := keys.find(gone, "a"); !errors.Is(err, context.Canceled) {
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
func TestCloseEndsFetches(t *testing.T) {
	inBubble(t, func(t *testing.T, server *keyServer, keys *remoteKeys) {
		server.has(nil, nil, time.Hour)
		waiting, begun := make(chan error), time.Now()
		go func() {
			_, err := keys.find(t.Context(), "a")
			waiting <- err
		}()
		synctest.Wait()
		keys.close()
		if err := <-waiting; !errors.Is(err, context.Canceled) || server.running.Load() != 0 || time.Since(begun) != 0 {
			t.Errorf("after %s: %v, %d running", time.Since(begun), err, server.running.Load())
		}
	})
}

// TestOneFetchAtATime: a crowd at a cold start, then with a new key, then with unknown ones.
func TestOneFetchAtATime(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	nobody, server := zerolog.Nop(), &keyServer{}
	keys := newRemoteKeys("https://idp.example/keys", server.fetch, &nobody)
	defer keys.close()
	crowd := func(kid func(i int) string, found bool) {
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
	count := func(what string, want int64) {
		t.Helper()
		if got := server.fetches.Load(); got != want || server.most.Load() > 1 {
			t.Errorf("%s: %d fetches, %d at once", what, got, server.most.Load())
		}
	}
	server.has(made("a", "b"), nil, 5*time.Millisecond)
	crowd(func(i int) string { return []string{"a", "b"}[i%2] }, true)
	count("cold", 1)
	server.has(made("a", "new"), nil, 5*time.Millisecond)
	crowd(func(int) string { return "new" }, true)
	count("new key", 2)
	crowd(func(i int) string { return fmt.Sprint("rogue", i) }, false)
	count("unknown keys", 3)
	crowd(func(int) string { return "a" }, true)
	count("known keys after them", 3)
}
