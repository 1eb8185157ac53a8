// Package vfs is the read-only library that a script sees: compiled modules and data files, by name.
//
// Vocabulary: a resource is a name and bytes. "m:pandas.core" is a compiled module, "f:/lib/tzdata/zones" a data file, "preload" the
// list of modules that the guest imports before its image is captured. Nothing here ever touches the host's disk.
package vfs

import "strings"

// longestName bounds what a guest may ask for, bytes.
const longestName = 1024

// Library is sealed: it never changes, so cells share it.
type Library struct{ resources map[string][]byte }

// New seals the resources; they must not be changed afterwards.
func New(resources map[string][]byte, preload []string) *Library {
	all := make(map[string][]byte, len(resources)+1)
	for name, b := range resources {
		all[name] = b
	}
	all["preload"] = []byte(strings.Join(preload, " "))
	return &Library{all}
}

// Lookup finds a resource by its exact name: there are no folders, links or dots to resolve.
func (l *Library) Lookup(name []byte) ([]byte, bool) {
	if len(name) > longestName {
		return nil, false
	}
	b, ok := l.resources[string(name)]
	return b, ok
}
