package vfs

import (
	"fmt"
	"maps"
	"strings"
	"sync"
)

// Loader returns resources.
type Loader = func() (map[string][]byte, error)

// set is a set of resources that are loaded together, at the first use.
type set struct {
	resources func() map[string][]byte
	listings  func() map[string][]byte // by path
}

// newSet returns the set of the resources that load returns, or an empty one after a report if load
// fails. The listing of the root also has the given entries.
func newSet(load Loader, entries map[string]Loader, report func(error)) set {
	resources := sync.OnceValue(func() map[string][]byte {
		resources, err := load()
		if err != nil {
			report(err)
		}
		return maps.Clone(resources)
	})
	return set{resources, sync.OnceValue(func() map[string][]byte { return listings(resources(), entries) })}
}

// find returns a resource in two parts. The first is empty, except for the file of a compiled
// module.
func (s set) find(name string) (header string, b []byte, ok bool) {
	resources := s.resources()
	if b, ok = resources[name]; ok {
		return "", b, true
	}
	switch kind, path, _ := strings.Cut(name, ":"); kind {
	case "l":
		b, ok = s.listings()[path]
	case "f":
		return moduleFile(resources, path)
	}
	return "", b, ok
}

// newParts returns the parts of a library by the entry of the root that each contains.
func newParts(loaders map[string]Loader, report func(error)) map[string]set {
	parts := make(map[string]set, len(loaders))
	for entry, load := range loaders {
		parts[entry] = newSet(load, nil, func(err error) { report(fmt.Errorf("%s/%s: %w", root, entry, err)) })
	}
	return parts
}

// part returns the part to which a resource would belong, if there is one.
func (l *Library) part(name string) (p set, ok bool) {
	kind, rest, _ := strings.Cut(name, ":")
	if kind == "m" {
		top, _, _ := strings.Cut(rest, ".")
		if p, ok = l.parts[top+"/"]; !ok {
			p, ok = l.parts[top+".py"]
		}
		return p, ok
	}
	path, ok := strings.CutPrefix(rest, root+"/")
	if !ok {
		return p, false
	}
	if top, _, inFolder := strings.Cut(path, "/"); inFolder || kind == "l" {
		path = top + "/"
	}
	p, ok = l.parts[path]
	return p, ok
}
