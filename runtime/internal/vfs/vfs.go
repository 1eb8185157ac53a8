// Package vfs provides the read-only library of the guest: compiled Python modules and data files.
//
// Vocabulary: a resource is a name with bytes. The name "m:pandas.core" stands for a compiled
// module, "f:/lib/tzdata/zones" for a data file, and "l:/lib/tzdata" for the listing of a folder.
// "preload" is the list of the modules that the guest imports before its image is captured, and
// "timezone" the zone of its local time. A module also has a data file, so that scripts find it
// where the interpreter says that it is. This package never accesses the host's file system.
package vfs

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// maxNameBytes limits the length of a resource name.
const maxNameBytes = 1024

// Library is an immutable set of resources, which all cells share.
type Library struct {
	boot      map[string][]byte
	resources func() map[string][]byte
	listings  func() map[string][]byte // by path
}

// New returns a library of the resources in boot, which the guest reads while it boots, and of
// those that load returns. It calls load once, when one of them is needed for the first time. If
// load fails, it calls report with the error, and the library contains only boot.
func New(load func() (map[string][]byte, error), boot map[string][]byte, report func(error)) *Library {
	l := &Library{boot: maps.Clone(boot)}
	l.resources = sync.OnceValue(func() map[string][]byte {
		resources, err := load()
		if err != nil {
			report(err)
		}
		return maps.Clone(resources)
	})
	l.listings = sync.OnceValue(func() map[string][]byte { return listings(l.resources()) })
	return l
}

// Load loads the resources now rather than at the first Lookup.
func (l *Library) Load() { l.resources() }

// Lookup returns the resource of exactly the given name, or false if there is none. Names are not
// paths: there are no links or dots to resolve.
func (l *Library) Lookup(name []byte) ([]byte, bool) {
	header, b, ok := l.find(name)
	if header != "" {
		b = slices.Concat([]byte(header), b)
	}
	return b, ok
}

// Size returns the length of a resource, or false if there is none of that name.
func (l *Library) Size(name []byte) (int, bool) {
	header, b, ok := l.find(name)
	return len(header) + len(b), ok
}

// find returns a resource in two parts. The first is empty, except for the file of a compiled
// module.
func (l *Library) find(name []byte) (header string, b []byte, ok bool) {
	if len(name) > maxNameBytes {
		return "", nil, false
	}
	if b, ok = l.boot[string(name)]; ok {
		return "", b, true
	}
	resources := l.resources()
	if b, ok = resources[string(name)]; ok {
		return "", b, true
	}
	switch kind, path, _ := strings.Cut(string(name), ":"); kind {
	case "l":
		b, ok = l.listings()[path]
	case "f":
		return moduleFile(resources, path)
	}
	return "", b, ok
}
