package vfs

import (
	"slices"
	"strings"
)

// HasModule reports whether the library has a module. Modules that are compiled into the
// interpreter are not part of the library.
func (l *Library) HasModule(name string) bool {
	_, ok := l.Size([]byte("m:" + name))
	return ok
}

// Modules returns the names of the modules in a package, or, if parent is empty, of the top-level
// modules. Each name is without the parent. They are sorted.
func (l *Library) Modules(parent string) []string {
	resources, prefix := l.main.resources(), "m:"
	var names []string
	if parent == "" {
		names = l.partModules()
	} else {
		prefix += parent + "."
		if p, ok := l.part(prefix); ok && resources["m:"+parent] == nil {
			resources = p.resources()
		}
	}
	for name := range resources {
		if module, ok := strings.CutPrefix(name, prefix); ok && !strings.Contains(module, ".") {
			names = append(names, module)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// partModules returns the top-level modules of the parts.
func (l *Library) partModules() (names []string) {
	for entry := range l.parts {
		name := strings.TrimSuffix(strings.TrimSuffix(entry, "/"), ".py")
		if !strings.Contains(name, ".") {
			names = append(names, name)
		}
	}
	return names
}
