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

func TestVerify(t *testing.T) {
	p, _ := openTestFile(t, "user1 "+user1Hash+"\n"+saltedLine(t, "Admin", "sécret: pass")+"lost nothing\n\"a b\" "+strings.TrimPrefix(saltedLine(t, "", "x"), `"" `))
	for _, c := range []struct{ name, password, want string }{
		{"user1", "P@ssw0rd", ""},
		{"USER1", "P@ssw0rd", ""},
		{"user1", "p@ssw0rd", `Wrong password for user name "user1"`},
		{"User1", "", `Wrong password for user name "User1"`},
		{"admin", "sécret: pass", ""},
		{"ADMIN", "sécret: pass", ""},
		{"admin", "P@ssw0rd", `Wrong password for user name "admin"`},
		{"a b", "x", ""},
		{"unknown", "P@ssw0rd", `User name "unknown" not found`},
		{"", "", `User name "" not found`},
		{"x\ny", "P@ssw0rd", `User name "x\ny" not found`},
		{"lost", "nothing", `Wrong password for user name "lost"`},
	} {
		for range 2 { // the second time, the login may be verified already
			err := p.verifyFrom(c.name, c.password, clientA)
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
	if _, err := OpenPasswords(path, testMemory); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("missing: %v", err)
	}
	for text, reason := range map[string]string{"# empty\n": "the file has no accounts", "user1  x\n": "line 1: Incorrect entry", "": "the file has no accounts"} {
		writeFile(t, path, text)
		if _, err := OpenPasswords(path, testMemory); err == nil || !strings.HasPrefix(err.Error(), want+reason) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestVerifiedLoginSkipsHashing checks that a login that was verified once needs no further
// hashing, and that this applies to no other login.
func TestVerifiedLoginSkipsHashing(t *testing.T) {
	p, _ := openTestFile(t, saltedLine(t, "ann", "right")+saltedLine(t, "bob", "right"))
	if err := p.verifyFrom("ann", "right", clientA); err != nil {
		t.Fatal(err)
	}
	release := p.occupySlots()
	for _, address := range []string{clientA, clientB} {
		if err := p.verifyFrom("ANN", "right", address); err != nil {
			t.Errorf("from %s: %v", address, err)
		}
	}
	for _, c := range [][2]string{{"ann", "Right"}, {"ann", "right "}, {"ann", "right\x00"}, {"bob", "right"}, {"annr", "ight"}, {"unknown", "right"}, {"", ""}} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		if err := p.Verify(ctx, c[0], c[1], clientA); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%q was checked without hashing: %v", c, err)
		}
		cancel()
	}
	release()
	waitIdle(t, p)
}

// TestPasswordsConcurrently checks correct and wrong passwords while the file is read again and
// again.
func TestPasswordsConcurrently(t *testing.T) {
	p, _ := openTestFile(t, saltedLine(t, "ann", "right"))
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			<-start
			for k := range 40 {
				address := fmt.Sprintf("192.0.2.%d", i)
				switch (i + k) % 4 {
				case 0:
					if err := p.verifyFrom("ann", fmt.Sprint("wrong", k), address); err == nil {
						t.Error("a wrong password was accepted")
					}
				case 1:
					p.forceReload(t)
				default:
					if err := p.verifyFrom("ann", "right", address); err != nil {
						t.Errorf("the correct password: %v", err)
					}
				}
			}
		})
	}
	close(start)
	all.Wait()
	waitIdle(t, p)
}
