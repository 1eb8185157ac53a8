// Package vfs provides the read-only library of the guest: compiled Python modules and data files.
//
// Vocabulary: a resource is a name with bytes. The name "m:pandas.core" stands for a compiled
// module, "f:/lib/tzdata/zones" for a data file, and "l:/lib/tzdata" for the listing of a folder.
// A part is a package whose resources are loaded on their own, when one of them is looked up.
// "preload" is the list of the modules that the guest imports before its image is captured, and
// "timezone" the zone of its local time. A module also has a data file, so that scripts find it
// where the interpreter says that it is. This package never accesses the host's file system.
package vfs

import (
	"maps"
	"slices"
)

// maxNameBytes limits the length of a resource name.
const maxNameBytes = 1024

// Library is an immutable set of resources, which all cells share.
type Library struct {
	boot  map[string][]byte
	main  set
	parts map[string]set // by the entry of the root that they contain
}

// New returns a library of the resources in boot, which the guest reads while it boots, of those
// that load returns, and of parts. It calls load once, when one of the resources is needed for the
// first time.
//
// parts has functions that load further resources, by the entry of /lib to which these belong; the
// name of a folder ends in a slash. A function is called when a resource that is not found
// otherwise would belong to its entry. The listing of /lib has all entries without a call.
//
// If a function fails, New's library calls report with the error, once for each entry, and does not
// have the resources.
func New(load Loader, parts map[string]Loader, boot map[string][]byte, report func(error)) *Library {
	return &Library{boot: maps.Clone(boot), main: newSet(load, parts, report), parts: newParts(parts, report)}
}

// Load loads the resources that belong to no part now rather than at the first Lookup.
func (l *Library) Load() { l.main.resources() }

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
	if header, b, ok = l.main.find(string(name)); ok {
		return header, b, true
	}
	if p, isPart := l.part(string(name)); isPart {
		return p.find(string(name))
	}
	return "", nil, false
}
