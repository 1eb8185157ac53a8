package authn

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex // guards now
	now time.Time
}

func newClock() *clock { return &clock{now: time.Now()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// salted is a line of a file with a hash that costs little.
func salted(t testing.TB, name, password string) string {
	t.Helper()
	text, err := newHash(password, 20)
	if err != nil {
		t.Fatal(err)
	}
	return joinFields(name, text) + "\n"
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func opened(t testing.TB, text string) (*Passwords, *clock) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pwd.txt")
	writeFile(t, path, text)
	c := newClock()
	p, err := openPasswords(path, c.Now)
	if err != nil {
		t.Fatal(err)
	}
	return p, c
}

// occupy takes all places, so that no check can be paid for until they are given back.
func (p *Passwords) occupy() (giveBack func()) {
	for range cap(p.places) {
		p.places <- struct{}{}
	}
	return func() {
		for range cap(p.places) {
			<-p.places
		}
	}
}

const here, there = "192.0.2.1", "192.0.2.2"

func (p *Passwords) check(name, password, address string) error {
	return p.Verify(context.Background(), name, password, address)
}

func TestVerify(t *testing.T) {
	p, _ := opened(t, "user1 "+user1Hash+"\n"+salted(t, "Admin", "sécret: pass")+"lost nothing\n\"a b\" "+strings.TrimPrefix(salted(t, "", "x"), `"" `))
	for _, c := range []struct{ name, password, want string }{
		{"user1", "P@ssw0rd", ""},
		{"USER1", "P@ssw0rd", ""},
		{"user1", "p@ssw0rd", `Wrong password for user name "user1"`},
		{"User1", "", `Wrong password for user name "User1"`},
		{"admin", "sécret: pass", ""},
		{"ADMIN", "sécret: pass", ""},
		{"admin", "P@ssw0rd", `Wrong password for user name "admin"`},
		{"a b", "x", ""},
		{"nobody", "P@ssw0rd", `User name "nobody" not found`},
		{"", "", `User name "" not found`},
		{"x\ny", "P@ssw0rd", `User name "x\ny" not found`},
		{"lost", "nothing", `Wrong password for user name "lost"`},
	} {
		for range 2 { // the second time there may be a proof
			err := p.check(c.name, c.password, here)
			if c.want == "" && err != nil || c.want != "" && (err == nil || err.Error() != c.want) {
				t.Errorf("%q with %q: %v, want %q", c.name, c.password, err, c.want)
			}
		}
	}
	if w := p.Warnings(); len(w) != 1 || !strings.HasPrefix(w[0], `line 3: the hash of "lost"`) {
		t.Errorf("warnings: %q", w)
	}
}

func TestOpenPasswordsFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.txt")
	want := "Failed to read passwords file " + path + ": "
	if _, err := OpenPasswords(path); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("missing: %v", err)
	}
	for text, reason := range map[string]string{"# nobody\n": "there is no account", "user1  x\n": "line 1: Incorrect entry", "": "there is no account"} {
		writeFile(t, path, text)
		if _, err := OpenPasswords(path); err == nil || !strings.HasPrefix(err.Error(), want+reason) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// The work must not tell whether a name exists, nor how its password is hashed.
func TestSameWorkForAll(t *testing.T) {
	costly, err := newHash("x", 31_000)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse([]byte("a " + user1Hash + "\nb " + costly + "\n" + salted(t, "c", "x") + "d lost\n"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRoster(f)
	if err != nil || r.rounds != 31_000 {
		t.Fatalf("%d rounds, %v", r.rounds, err)
	}
	for name, m := range map[string]*member{"a": r.accounts["a"], "b": r.accounts["b"], "c": r.accounts["c"], "d": r.accounts["d"], "nobody": r.nobody} {
		if idle := m.hash.idle(r.rounds); idle < 1 || m.hash.rounds < 1 || idle+m.hash.rounds != r.rounds+1 {
			t.Errorf("%s: %d rounds and %d for nothing", name, m.hash.rounds, idle)
		}
	}
	plain, _ := Parse([]byte("a " + user1Hash))
	if r, _ := newRoster(plain); r.rounds != tabpyRounds {
		t.Errorf("a file of TabPy's costs %d rounds", r.rounds)
	}
}

// Who was right once pays nothing, and nobody else profits from it.
func TestProof(t *testing.T) {
	p, _ := opened(t, salted(t, "ann", "right")+salted(t, "bob", "right"))
	if err := p.check("ann", "right", here); err != nil {
		t.Fatal(err)
	}
	release := p.occupy()
	for _, address := range []string{here, there} {
		if err := p.check("ANN", "right", address); err != nil {
			t.Errorf("from %s: %v", address, err)
		}
	}
	for _, c := range [][2]string{{"ann", "Right"}, {"ann", "right "}, {"ann", "right\x00"}, {"bob", "right"}, {"annr", "ight"}, {"nobody", "right"}, {"", ""}} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		if err := p.Verify(ctx, c[0], c[1], here); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%q was judged without being paid for: %v", c, err)
		}
		cancel()
	}
	release()
	settle(t, p)
}

// settle waits until no check is under way.
func settle(t *testing.T, p *Passwords) {
	t.Helper()
	until(t, "the last check", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.attempts) == 0 && len(p.trying) == 0
	})
}

func until(t *testing.T, what string, true func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !true(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within ten seconds", what)
		}
	}
}

// Tableau's first requests come together: the check is paid for once.
func TestSameGuessIsPaidOnce(t *testing.T) {
	p, _ := opened(t, salted(t, "ann", "right"))
	release := p.occupy()
	got := make(chan error)
	for range 100 {
		go func() { got <- p.check("ann", "right", here) }()
	}
	until(t, "an attempt", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.attempts) == 1
	})
	release()
	for range 100 {
		if err := <-got; err != nil {
			t.Fatal(err)
		}
	}
	if left := p.lockout.sources[here].left; left != burst {
		t.Errorf("%v guesses are left of %d", left, burst)
	}
}

func TestThrottle(t *testing.T) {
	p, c := opened(t, salted(t, "ann", "right")+salted(t, "bob", "right"))
	if err := p.check("ann", "right", here); err != nil {
		t.Fatal(err)
	}
	guess := func(n int) error { return p.check("bob", fmt.Sprint("wrong", n), here) }
	for i := range burst {
		if err, ok := errors.AsType[*Refused](guess(i)); !ok {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	var throttled *Throttled
	if err := guess(burst); !errors.As(err, &throttled) || throttled.RetryAfter != refill {
		t.Fatalf("guess %d: %v", burst, err)
	}
	if err := p.check("bob", "right", here); !errors.As(err, &throttled) {
		t.Errorf("a right guess by a throttled source: %v", err)
	}
	if err := p.check("nobody", "x", here); !errors.As(err, &throttled) {
		t.Errorf("a name that does not exist is judged otherwise: %v", err)
	}
	if err := p.check("bob", "right", there); err != nil {
		t.Errorf("another source: %v", err)
	}
	// Known or not, a throttled source does not learn which guess is right, or it could try as many as it likes on all who are signed in.
	if err := p.check("bob", "right", here); !errors.As(err, &throttled) {
		t.Errorf("a throttled source guesses what another one has proved: %v", err)
	}
	c.pass(refill)
	if err := p.check("bob", "right", here); err != nil {
		t.Errorf("what another source has proved: %v", err)
	}
	if err, ok := errors.AsType[*Refused](guess(burst)); !ok {
		t.Errorf("after %s: %v", refill, err)
	}
	if err := guess(burst + 1); !errors.As(err, &throttled) {
		t.Errorf("and again: %v", err)
	}
}

// The account of Tableau Server goes on working whatever those behind the same proxy try, also when the file was read anew.
func TestTableauIsNotLockedOut(t *testing.T) {
	p, c := opened(t, salted(t, "tableau", "right"))
	if err := p.check("tableau", "right", here); err != nil {
		t.Fatal(err)
	}
	for i := range burst + 1 {
		_ = p.check("tableau", fmt.Sprint("wrong", i), here)
	}
	c.pass(trusting - time.Second)
	for i := range burst + 1 {
		_ = p.check("tableau", fmt.Sprint("wrong again", i), here)
	}
	release := p.occupy() // others also keep all places busy
	p.reload(t)
	if err := p.check("tableau", "right", here); err != nil {
		t.Errorf("locked out: %v", err)
	}
	var throttled *Throttled
	if err := p.check("tableau", "wrong", here); !errors.As(err, &throttled) {
		t.Errorf("the name alone is enough: %v", err)
	}
	release()
	c.pass(trusting + time.Second)
	p.reload(t)
	for i := range burst {
		_ = p.check("tableau", fmt.Sprint("later", i), here)
	}
	if err := p.check("tableau", "right", here); !errors.As(err, &throttled) {
		t.Errorf("trusted for ever: %v", err)
	}
}

// reload puts the file in force again, without any proofs.
func (p *Passwords) reload(t *testing.T) {
	t.Helper()
	r, err := readRoster(p.path)
	if err != nil {
		t.Fatal(err)
	}
	p.current.Store(r)
}

// Somebody whose password was changed is not trusted any more.
func TestTrustEndsWithThePassword(t *testing.T) {
	p, _ := opened(t, salted(t, "ann", "old"))
	if err := p.check("ann", "old", here); err != nil {
		t.Fatal(err)
	}
	writeFile(t, p.path, salted(t, "ann", "new"))
	p.reload(t)
	for range 2 {
		if err, ok := errors.AsType[*Refused](p.check("ann", "old", here)); !ok {
			t.Fatalf("the old password: %v", err)
		}
	}
	if len(p.lockout.trusted) != 0 {
		t.Error("it is trusted still")
	}
	if err := p.check("ann", "new", here); err != nil {
		t.Error(err)
	}
}

// A crowd of guesses waits in a bounded queue.
func TestAttemptsAreBounded(t *testing.T) {
	p, _ := opened(t, salted(t, "ann", "right")+salted(t, "bob", "right"))
	if err := p.check("ann", "right", here); err != nil {
		t.Fatal(err)
	}
	p.reload(t)
	release := p.occupy()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var throttled *Throttled
	for i := range mostSourceAttempts {
		if err := p.Verify(ctx, "bob", fmt.Sprint(i), there); !errors.Is(err, context.Canceled) {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	if err := p.check("bob", "one more", there); !errors.As(err, &throttled) || throttled.RetryAfter != time.Second {
		t.Errorf("one source may have more than %d: %v", mostSourceAttempts, err)
	}
	for i := range mostAttempts - mostSourceAttempts {
		if err := p.Verify(ctx, "bob", "x", fmt.Sprintf("198.51.100.%d", i)); !errors.Is(err, context.Canceled) {
			t.Fatalf("source %d: %v", i, err)
		}
	}
	who := p.prove("bob", "right")
	p.current.Load().accounts["bob"].proof.Store(&who) // it is proved meanwhile, and that must not show either
	if err := p.check("bob", "right", "203.0.113.1"); !errors.As(err, &throttled) {
		t.Errorf("more than %d wait: %v", mostAttempts, err)
	}
	if left := p.lockout.sources["203.0.113.1"].left; left != burst {
		t.Errorf("what was not checked was counted: %v left", left)
	}
	if err := p.check("ann", "right", here); err != nil {
		t.Errorf("who signed in before has to queue: %v", err)
	}
	release()
	settle(t, p)
	if left := p.lockout.sources[there].left; left != burst-mostSourceAttempts {
		t.Errorf("guesses whose clients went away count: %v left", left)
	}
}

// Many clients, right and wrong, while the file is read again and again.
func TestHammerPasswords(t *testing.T) {
	p, _ := opened(t, salted(t, "ann", "right"))
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			<-start
			for k := range 40 {
				address := fmt.Sprintf("192.0.2.%d", i)
				switch (i + k) % 4 {
				case 0:
					if err := p.check("ann", fmt.Sprint("wrong", k), address); err == nil {
						t.Error("a wrong password was right")
					}
				case 1:
					p.reload(t)
				default:
					if err := p.check("ann", "right", address); err != nil {
						t.Errorf("the right password: %v", err)
					}
				}
			}
		})
	}
	close(start)
	all.Wait()
	settle(t, p)
}
