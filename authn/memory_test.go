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
)

// heldChecks replaces the checks of Passwords by checks that hold their memory until they are
// released one by one.
type heldChecks struct {
	release chan struct{}

	mu            sync.Mutex
	memory, most  int64 // bytes in use now, and at the most; guarded by mu
	running, done int   // guarded by mu
}

func (c *heldChecks) check(_ hash, _ string, costs []cost) (bool, error) {
	var memory int64
	for _, cost := range costs {
		memory = max(memory, cost.bytes())
	}
	c.add(1, memory)
	<-c.release
	c.add(-1, -memory)
	return false, nil
}

func (c *heldChecks) add(running int, memory int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running += running
	c.memory += memory
	c.most = max(c.most, c.memory)
	if running < 0 {
		c.done++
	}
}

func (c *heldChecks) state() (running, done int, most int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.running, c.done, c.most
}

// TestFloodOfSignInsIsBoundedInMemory sends as many sign-ins as are admitted, from as many
// addresses, to a server with many cores, and counts the memory that the checks hold at once.
func TestFloodOfSignInsIsBoundedInMemory(t *testing.T) {
	line := "ann " + newArgon2("right", 64, 1) + "\n"
	synctest.Test(t, func(t *testing.T) {
		p, _ := openTestFile(t, line)
		p.accounts.Load().memory = 64 << 20
		p.accounts.Load().costs[0].memory = 64 << 10
		p.slots = make(chan struct{}, 32)
		checks := &heldChecks{release: make(chan struct{})}
		p.check = checks.check
		var all sync.WaitGroup
		for i := range maxAttempts {
			all.Go(func() {
				var refused *RefusedError
				if err := p.verifyFrom("ann", "wrong", fmt.Sprintf("198.51.100.%d", i)); !errors.As(err, &refused) {
					t.Errorf("sign-in %d: %v", i, err)
				}
			})
		}
		for i := range maxAttempts {
			synctest.Wait() // until every goroutine waits
			if running, done, _ := checks.state(); running != 1 || done != i {
				t.Fatalf("%d checks run after %d, want 1: half of the memory is one check", running, done)
			}
			checks.release <- struct{}{}
		}
		all.Wait()
		if _, done, most := checks.state(); most > testMemory/2 || done != maxAttempts {
			t.Errorf("%d sign-ins were checked, with up to %d bytes; the limit is %d", done, most, testMemory/2)
		}
	})
}

// TestTrustedLoginDuringFlood checks that a login that succeeded before is checked while guesses
// use all of their memory, and that both together stay within the limit.
func TestTrustedLoginDuringFlood(t *testing.T) {
	line := "ann " + newArgon2("right", 64, 1) + "\n"
	synctest.Test(t, func(t *testing.T) {
		p, _ := openTestFile(t, line)
		if err := p.verifyFrom("ann", "right", clientA); err != nil {
			t.Fatal(err)
		}
		p.forceReload(t) // the login is still trusted, but has to be checked
		p.accounts.Load().memory = testMemory / 2
		p.accounts.Load().costs[0].memory = testMemory / 2 >> 10
		checks := &heldChecks{release: make(chan struct{})}
		p.check = checks.check
		ctx, cancel := context.WithCancel(context.Background())
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() { _ = p.Verify(ctx, "ann", "wrong", fmt.Sprintf("198.51.100.%d", i)) })
		}
		synctest.Wait()
		for range 2 { // the second one waits for the first
			all.Go(func() { _ = p.Verify(ctx, "ann", "right", clientA) })
		}
		synctest.Wait()
		if running, _, most := checks.state(); running != 2 || most != testMemory {
			t.Errorf("%d checks run with %d bytes; want a guess and the trusted login, with %d bytes", running, most, testMemory)
		}
		close(checks.release)
		all.Wait()
		cancel()
	})
}

// TestMemoryOfChecksIsReported checks that the memory of each check is reported, and only once.
func TestMemoryOfChecksIsReported(t *testing.T) {
	p, _ := openTestFile(t, "ann "+newArgon2("right", 64, 1)+"\n")
	var released atomic.Int64
	p.OnRelease(func(bytes int64) { released.Add(bytes) })
	for i, want := range []int64{1, 1, 2} { // the second login is known
		_ = p.verifyFrom("ann", []string{"right", "right", "wrong"}[i], clientA)
		waitIdle(t, p)
		if got := released.Load(); got != want*64<<10 {
			t.Errorf("after login %d, %d bytes were reported, want those of %d checks", i, got, want)
		}
	}
}

// FuzzParseHash checks that a hash that is accepted has parameters within the limits and can be
// checked, and that an error does not repeat the salt or the sum.
func FuzzParseHash(f *testing.F) {
	for _, text := range []string{user1Hash, bcryptHash, newArgon2("x", 64, 1), "$pbkdf2-sha512$i=7$c29tZXNhbHQ$AAAA", "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$AAAA",
		"$2b$99$", "$argon2id$", "$2y$04$......................wqbI2WdyEh5i6shPRhsNlk.H2FPzTFm"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parseHash("ann", text)
		if err != nil {
			if fields := strings.Split(text, "$"); len(fields[len(fields)-1]) > 8 && strings.Contains(err.Error(), fields[len(fields)-1]) {
				t.Errorf("the error repeats the hash: %v", err)
			}
			return
		}
		checkBounds(t, h)
		if h.bytes() <= 1<<20 && h.rounds <= 64 && (h.scheme != BcryptScheme || h.rounds <= 5) {
			if _, err := h.matches("x", []cost{h.cost}); err != nil {
				t.Error(err)
			}
		}
	})
}

func checkBounds(t *testing.T, h hash) {
	t.Helper()
	limits := map[HashScheme]int{TabPyScheme: tabpyRounds, PBKDF2Scheme: maxRounds, Argon2Scheme: maxWork, BcryptScheme: maxBcryptCost}
	if limit, known := limits[h.scheme]; !known || h.rounds < 1 || h.rounds > limit || h.bytes() > 1<<30 || int64(h.rounds)*h.bytes() > 4<<30 ||
		len(h.sum) > 64 || len(h.salt) < minSaltSize || h.scheme != TabPyScheme && len(h.salt) > maxSaltSize {
		t.Errorf("a hash outside the limits was accepted: %+v", h.cost)
	}
}
