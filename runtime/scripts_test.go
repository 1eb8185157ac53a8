package runtime

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

// TestScriptKeys checks that keys differ by account, number of arguments and text. Otherwise a
// script could get the code of another.
func TestScriptKeys(t *testing.T) {
	seen := map[scriptKey]string{}
	for _, account := range []string{"", "a", "ab"} {
		for _, arguments := range []uint32{0, 1, 256} {
			for _, text := range []string{"", "a", "b", "ab", "return 1"} {
				name := fmt.Sprintf("%q %d %q", account, arguments, text)
				if other, exists := seen[newScriptKey(account, arguments, []byte(text))]; exists {
					t.Errorf("%s and %s have the same key", name, other)
				}
				seen[newScriptKey(account, arguments, []byte(text))] = name
			}
		}
	}
}

// TestScriptCacheFind checks that of many concurrent callers only one compiles the script.
func TestScriptCacheFind(t *testing.T) {
	s, key := newScriptCache(), scriptKey{1}
	if code, compile := s.find(key); code != nil || compile {
		t.Fatal("a script was found at its first arrival")
	}
	var compilers atomic.Int32
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() {
			if _, compile := s.find(key); compile {
				compilers.Add(1)
			}
		})
	}
	wait.Wait()
	if n := compilers.Load(); n != 1 {
		t.Fatalf("%d callers must compile the script, want 1", n)
	}
	s.store(key, []byte("code"))
	if code, compile := s.find(key); string(code) != "code" || compile {
		t.Fatalf("find returned %q, %v", code, compile)
	}
}

// TestScriptCacheBounds checks the bounds of number and size, and that the last used script stays.
func TestScriptCacheBounds(t *testing.T) {
	s := newScriptCache()
	last := scriptKey{255}
	s.find(last)
	s.store(last, []byte("last"))
	for i := range 3 * maxScripts {
		key := newScriptKey("", uint32(i), nil)
		s.find(key)
		s.store(key, bytes.Repeat([]byte("x"), maxCode/4))
		s.find(last)
	}
	sum := 0
	for e := s.recent.Front(); e != nil; e = e.Next() {
		sum += len(e.Value.(*script).code)
	}
	if sum != s.bytes || sum > maxTotalCode || len(s.all) > maxScripts || len(s.all) != s.recent.Len() {
		t.Errorf("%d bytes counted, %d present, at most %d allowed; %d scripts, %d in the list", s.bytes, sum, maxTotalCode, len(s.all), s.recent.Len())
	}
	if code, _ := s.find(last); string(code) != "last" {
		t.Error("the last used script was dropped")
	}
	s.store(last, make([]byte, maxCode+1))
	if code, _ := s.find(last); string(code) != "last" {
		t.Error("code of more than maxCode bytes was stored")
	}
	for i := range 2 * maxScripts { // texts without code
		s.find(newScriptKey("many", uint32(i), nil))
	}
	if len(s.all) > maxScripts {
		t.Errorf("%d scripts, want at most %d", len(s.all), maxScripts)
	}
}

// TestOnlyFirstLookup checks that a call can look up code only once. A script that could do so too
// would learn which scripts others run.
func TestOnlyFirstLookup(t *testing.T) {
	cache := newScriptCache()
	text := "return 1"
	key := newScriptKey("account", 2, []byte(text))
	cache.find(key)
	cache.store(key, []byte("code"))
	mem := pageOfMemory(t)
	mem.Put(0, []byte(text))
	lookUp := func(c *call, arguments, p, n uint32) int32 {
		stack := []uint64{uint64(arguments), uint64(p), uint64(n)}
		lookUpCode(c, mem, stack)
		return int32(uint32(stack[0]))
	}
	length := uint32(len(text))
	for _, test := range []struct {
		name            string
		account         string
		arguments, p, n uint32
		want            int32
	}{
		{"known", "account", 2, 0, length, 4},
		{"another account", "other", 2, 0, length, -1},
		{"other arguments", "account", 3, 0, length, -1},
		{"another text", "account", 2, 1, length - 1, -1},
		{"outside the memory", "account", 2, ^uint32(0), 8, -1},
		{"too long", "account", 2, 0, maxScript + 1, -1},
	} {
		c := &call{account: test.account, scripts: cache}
		if got := lookUp(c, test.arguments, test.p, test.n); got != test.want {
			t.Errorf("%s: the first lookup returned %d, want %d", test.name, got, test.want)
		}
		if got := lookUp(c, 2, 0, length); got != -1 {
			t.Errorf("%s: the second lookup returned %d, want -1", test.name, got)
		}
	}
	if got := lookUp(&call{account: "account"}, 2, 0, length); got != -1 {
		t.Errorf("a call without a cache: the lookup returned %d, want -1", got)
	}
}
