// Package vfs is the read-only library that a script sees: compiled modules and data files, by name.
//
// Vocabulary: a resource is a name and bytes. "m:pandas.core" is a compiled module, "f:/lib/tzdata/zones" a data file, "preload" the
// list of modules that the guest imports before its image is captured. Nothing here ever touches the host's disk.
package vfs

import (
	"maps"
	"strings"
	"sync"
)

// longestName bounds what a guest may ask for, bytes.
const longestName = 1024

// Library is sealed: it never changes, so cells share it.
type Library struct {
	preload   []byte
	resources func() map[string][]byte
}

// New seals what load returns, which is called when a resource is asked for, and once. A library that cannot be loaded is empty; failed hears why.
func New(load func() (map[string][]byte, error), preload []string, failed func(error)) *Library {
	return &Library{[]byte(strings.Join(preload, " ")), sync.OnceValue(func() map[string][]byte {
		resources, err := load()
		if err != nil {
			failed(err)
		}
		return maps.Clone(resources)
	})}
}

// Load loads the resources now.
func (l *Library) Load() { l.resources() }

// Lookup finds a resource by its exact name: there are no folders, links or dots to resolve.
func (l *Library) Lookup(name []byte) ([]byte, bool) {
	if len(name) > longestName {
		return nil, false
	}
	if string(name) == "preload" {
		return l.preload, true
	}
	b, ok := l.resources()[string(name)]
	return b, ok
}
