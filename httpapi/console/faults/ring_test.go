package faults

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// ids returns the call IDs of a list.
func ids(list []Entry) string {
	var all []string
	for _, e := range list {
		all = append(all, e.ID)
	}
	return strings.Join(all, " ")
}

func TestList(t *testing.T) {
	r := New()
	for i, owner := range []string{"a", "b", "a", "a", "b"} {
		r.Add(Entry{ID: fmt.Sprint("id", i), Owner: owner, Account: "name " + owner, Class: "ValueError", Endpoint: fmt.Sprint("end", i)})
	}
	for _, c := range []struct {
		query Query
		want  string
		more  bool
	}{
		{Query{Limit: 9}, "id4 id3 id2 id1 id0", false},
		{Query{Limit: 2}, "id4 id3", true},
		{Query{Limit: 2, Before: "id3"}, "id2 id1", true},
		{Query{Limit: 2, Before: "id1"}, "id0", false},
		{Query{Limit: 5, Before: "dropped"}, "", false},
		{Query{Limit: 9, Owner: "a"}, "id3 id2 id0", false},
		{Query{Limit: 9, Owner: "a", Before: "id4"}, "", false}, // not this owner's
		{Query{Limit: 9, Owner: "c"}, "", false},
		{Query{Limit: 9, Search: "END3"}, "id3", false},
		{Query{Limit: 9, Search: "name B"}, "id4 id1", false},
		{Query{Limit: 9, Search: "valueerror", Owner: "b"}, "id4 id1", false},
		{Query{Limit: 9, Search: "name b", Owner: "a"}, "", false},
		{Query{Limit: 9, Search: "nothing"}, "", false},
	} {
		list, more := r.List(c.query)
		if ids(list) != c.want || more != c.more {
			t.Errorf("%+v: %s, %v; want %s, %v", c.query, ids(list), more, c.want, c.more)
		}
	}
}

func TestFind(t *testing.T) {
	r := New()
	r.Add(Entry{ID: "0a1b2c3d-1111", Owner: "a", Line: 1})
	r.Add(Entry{ID: "0a1b2c3d-2222", Owner: "b", Line: 2})
	for _, c := range []struct {
		owner, id string
		line      int
	}{
		{"", "0a1b2c3d-1111", 1}, {"", "0a1b2c3d", 2}, {"a", "0a1b2c3d", 1}, {"a", "0A1B2C3D-1", 1}, {"a", "0a1b2c3d-2222", 0}, {"", "0a1b2c3", 0}, {"", "", 0},
		{"", "0a1b2c3d-1111x", 0},
	} {
		if e, ok := r.Find(c.owner, c.id); e.Line != c.line || ok != (c.line > 0) {
			t.Errorf("%s of %q: line %d, %v", c.id, c.owner, e.Line, ok)
		}
	}
}

// The failures of a noisy client take the place of its own, and not of those of others.
func TestRingIsFair(t *testing.T) {
	r := New()
	r.Add(Entry{ID: "quiet", Owner: "quiet"})
	for i := range 2 * Max {
		r.Add(Entry{ID: fmt.Sprint("noise", i), Owner: "noisy"})
	}
	list, more := r.List(Query{Limit: Max + 1})
	if len(list) != Max || more || list[0].ID != fmt.Sprint("noise", 2*Max-1) || list[Max-1].ID != "quiet" {
		t.Errorf("%d entries, %s ... %s", len(list), list[0].ID, list[len(list)-1].ID)
	}
	for i := range Max { // each owner has one entry at the end
		r.Add(Entry{ID: fmt.Sprint("id", i), Owner: fmt.Sprint("owner ", i)})
	}
	if len(r.entries) != Max || len(r.counts) > Max {
		t.Errorf("%d entries of %d owners", len(r.entries), len(r.counts))
	}
}

func TestTextsAreBounded(t *testing.T) {
	r, long := New(), strings.Repeat("ä", 1<<20)
	r.Add(Entry{ID: long, Class: long, Account: long, Owner: long, Endpoint: long, Route: long, Limit: long, Digest: long, Message: long, Traceback: long})
	list, _ := r.List(Query{Limit: 1})
	e := list[0]
	for _, text := range []string{e.ID, e.Class, e.Account, e.Owner, e.Endpoint, e.Route, e.Limit, e.Digest} {
		if len(text) > maxName+3 || !strings.HasSuffix(text, "ä...") {
			t.Errorf("a name has %d bytes and ends with %q", len(text), text[len(text)-5:])
		}
	}
	if len(e.Message) > maxText+3 || len(e.Traceback) > maxText+3 {
		t.Errorf("the texts have %d and %d bytes", len(e.Message), len(e.Traceback))
	}
}

func TestHammer(t *testing.T) {
	r := New()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 150 {
				r.Add(Entry{ID: fmt.Sprintf("%08d", j), Owner: fmt.Sprint(i), Time: time.Unix(int64(j), 0)})
				r.List(Query{Owner: fmt.Sprint(i), Limit: 10})
				r.Find("", "00000001")
			}
		})
	}
	all.Wait()
	sum := 0
	for _, n := range r.counts {
		sum += n
	}
	if len(r.entries) != Max || sum != Max {
		t.Errorf("%d entries, %d counted", len(r.entries), sum)
	}
}
