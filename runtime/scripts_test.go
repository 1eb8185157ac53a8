package runtime

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
)

// TestScriptKeysTellEverythingApart: a key that forgot one of the three would hand one script the
// code of another.
func TestScriptKeysTellEverythingApart(t *testing.T) {
	seen := map[scriptKey]string{}
	for _, owner := range []string{"", "a", "ab"} {
		for _, arguments := range []uint32{0, 1, 256} {
			for _, text := range []string{"", "a", "b", "ab", "return 1"} {
				name := fmt.Sprintf("%q %d %q", owner, arguments, text)
				if other, twice := seen[newScriptKey(owner, arguments, []byte(text))]; twice {
					t.Errorf("%s has the key of %s", name, other)
				}
				seen[newScriptKey(owner, arguments, []byte(text))] = name
			}
		}
	}
}

// TestScriptIsCompiledOnceTheSecondTime also under many callers.
func TestScriptIsCompiledOnceTheSecondTime(t *testing.T) {
	s, key := newScriptCache(), scriptKey{1}
	if code, compile := s.find(key); code != nil || compile {
		t.Fatal("a script that came once is compiled")
	}
	var told sync.Map
	var wait sync.WaitGroup
	for i := range 50 {
		wait.Go(func() {
			if _, compile := s.find(key); compile {
				told.Store(i, true)
			}
		})
	}
	wait.Wait()
	n := 0
	told.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Fatalf("%d callers were told to compile, want 1", n)
	}
	s.store(key, []byte("code"))
	if code, compile := s.find(key); string(code) != "code" || compile {
		t.Fatalf("found %q, compile %v", code, compile)
	}
}

// TestScriptsStayWithinTheirBounds in number and in bytes; what was used last stays.
func TestScriptsStayWithinTheirBounds(t *testing.T) {
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
		t.Errorf("%d bytes noted, %d kept, at most %d; %d scripts, %d in the list", s.bytes, sum, maxTotalCode, len(s.all), s.recent.Len())
	}
	if code, _ := s.find(last); string(code) != "last" {
		t.Error("the script that was used last was dropped")
	}
	s.store(last, make([]byte, maxCode+1))
	if code, _ := s.find(last); string(code) != "last" {
		t.Error("code beyond its bound was kept")
	}
	for i := range 2 * maxScripts { // texts without code
		s.find(newScriptKey("many", uint32(i), nil))
	}
	if len(s.all) > maxScripts {
		t.Errorf("%d scripts, at most %d", len(s.all), maxScripts)
	}
}

// TestOnlyTheFirstQuestionForCodeIsAnswered: a script that asks in its turn would learn what others
// run.
func TestOnlyTheFirstQuestionForCodeIsAnswered(t *testing.T) {
	kept := newScriptCache()
	text := "return 1"
	key := newScriptKey("somebody", 2, []byte(text))
	kept.find(key)
	kept.store(key, []byte("code"))
	mem := pageOfMemory(t)
	mem.Put(0, []byte(text))
	ask := func(c *call, arguments, p, n uint32) int32 {
		stack := []uint64{uint64(arguments), uint64(p), uint64(n)}
		lookUpCode(c, mem, stack)
		return int32(uint32(stack[0]))
	}
	for _, test := range []struct {
		name            string
		owner           string
		arguments, p, n uint32
		want            int32
	}{
		{"known", "somebody", 2, 0, uint32(len(text)), 4},
		{"another account", "else", 2, 0, uint32(len(text)), -1},
		{"other arguments", "somebody", 3, 0, uint32(len(text)), -1},
		{"another text", "somebody", 2, 1, uint32(len(text)) - 1, -1},
		{"outside the memory", "somebody", 2, ^uint32(0), 8, -1},
		{"too long", "somebody", 2, 0, maxScript + 1, -1},
	} {
		c := &call{account: test.owner, scripts: kept}
		if got := ask(c, test.arguments, test.p, test.n); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
		if got := ask(c, 2, 0, uint32(len(text))); got != -1 {
			t.Errorf("%s: the second question is answered with %d", test.name, got)
		}
	}
	if got := ask(&call{account: "somebody"}, 2, 0, uint32(len(text))); got != -1 {
		t.Errorf("a call without code is answered with %d", got)
	}
}
