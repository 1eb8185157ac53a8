package runtime

import (
	"slices"
	"strings"
)

// A script need not fail if a module is missing: it may look for the module first, or catch the
// error and do something else. Its result is then not the one that it has where the module is
// installed. The small guest therefore does not run on after a search for a module that only the
// large guest has. The search reaches the host as a lookup of a resource that does not exist.

// maxSearched is the maximum length in bytes of the name of a resource that may be such a search.
const maxSearched = 256

// searchError ends a call that searched for a module or distribution that only the large guest has.
// Nothing has left the cell until then.
type searchError struct{ name string }

func (e *searchError) Error() string { return "the script needs " + e.name }

// noteMissing stops the call if the guest has looked up a module or distribution that is in another
// guest. A call that has changed something on the server cannot be repeated, so it runs on, and its
// result has the name.
func (c *call) noteMissing(resource []byte) {
	if len(c.watched) == 0 || len(resource) > maxSearched {
		return
	}
	name := searchedLibrary(string(resource))
	if name != "*" && !slices.Contains(c.watched, name) {
		return
	}
	if !c.hadEffect() {
		panic(&stop{&searchError{name}})
	}
	if c.searched == "" {
		c.searched = name
	}
}

// searchedLibrary returns the top-level module or the distribution of which a resource would be a
// part, "*" for the mark of a search for all of them, or "".
func searchedLibrary(resource string) string {
	kind, name, _ := strings.Cut(resource, ":")
	switch kind {
	case "m":
		name, _, _ = strings.Cut(name, ".")
		return name
	case "dist":
		return name
	case "f", "l":
		if path, ok := strings.CutPrefix(name, "/lib/"); ok {
			return path[:len(path)-len(strings.TrimLeft(path, wordCharacters))]
		}
	}
	return ""
}

const wordCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

// anyGrant is the name of a search that stands for the use of a grant. No module has it.
const anyGrant = "a grant"

// noteUse notes that the call is about to use a grant. A call that may have to run in another guest
// is stopped before.
func (c *call) noteUse() {
	if slices.Contains(c.watched, anyGrant) && !c.hadEffect() {
		panic(&stop{&searchError{anyGrant}})
	}
	if p := permitOf(c.ctx); p != nil {
		p.effects.Add(1)
	}
}

// hadEffect reports whether a service has changed something, or the call has used a grant, since the
// call was entered.
func (c *call) hadEffect() bool {
	p := permitOf(c.ctx)
	return p != nil && p.effects.Load() != c.effectsBefore
}
