// Package vfs provides the read-only library of the guest: compiled Python modules and data files.
//
// Vocabulary: a resource is a name with bytes. The name "m:pandas.core" stands for a compiled
// module, "f:/lib/tzdata/zones" for a data file, and "preload" for the list of the modules that the
// guest imports before its image is captured. This package never accesses the host's file system.
package vfs

import (
	"maps"
	"strings"
	"sync"
)

// maxNameBytes limits the length of a resource name.
const maxNameBytes = 1024

// Library is an immutable set of resources, which all cells share.
type Library struct {
	preload   []byte
	resources func() map[string][]byte
}

// New returns a library of the resources that load returns. It calls load once, when a resource is
// needed for the first time. If load fails, it calls report with the error, and the library
// contains only the preload list.
func New(load func() (map[string][]byte, error), preload []string, report func(error)) *Library {
	return &Library{[]byte(strings.Join(preload, " ")), sync.OnceValue(func() map[string][]byte {
		resources, err := load()
		if err != nil {
			report(err)
		}
		return maps.Clone(resources)
	})}
}

// Load loads the resources now rather than at the first Lookup.
func (l *Library) Load() { l.resources() }

// Lookup returns the resource of exactly the given name, or false if there is none. Names are not
// paths: there are no folders, links or dots to resolve.
func (l *Library) Lookup(name []byte) ([]byte, bool) {
	if len(name) > maxNameBytes {
		return nil, false
	}
	if string(name) == "preload" {
		return l.preload, true
	}
	b, ok := l.resources()[string(name)]
	return b, ok
}
