package runtime

import (
	"bytes"
	"slices"
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
//
// "m:NAME" is a module, which may be part of a package, and "d:NAME" a distribution. With the name
// "*", the guest lists all of them.
func (c *call) noteMissing(resource []byte) {
	if len(c.watched) == 0 || len(resource) > maxSearched {
		return
	}
	kind, name, _ := bytes.Cut(resource, []byte(":"))
	if string(kind) != "m" && string(kind) != "d" {
		return
	}
	top, _, _ := bytes.Cut(name, []byte("."))
	if string(top) != "*" && !slices.Contains(c.watched, string(top)) {
		return
	}
	if !c.hadEffect() {
		panic(&stop{&searchError{string(top)}})
	}
	if c.searched == "" {
		c.searched = string(top)
	}
}

// hadEffect reports whether a service has changed something since the call was entered.
func (c *call) hadEffect() bool {
	p := permitOf(c.ctx)
	return p != nil && p.effects.Load() != c.effectsBefore
}
