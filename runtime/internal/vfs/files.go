package vfs

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// root is the folder of the library in a cell.
const root = "/lib"

// pycHeader precedes the code in the file of a compiled module, as in a .pyc file: the magic number
// of CPython 3.13 (3571), no flags, and the time and size of the source, which are unknown. The
// file has the name of the source all the same, because scripts look for that name. It is not valid
// UTF-8, so a script that reads it as source text gets an error rather than a wrong answer.
const pycHeader = "\xf3\x0d\r\n" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"

// suffixes has the end of a module's file name by the first byte of its resource: compiled package
// and module, and those with source text.
var suffixes = map[byte]string{'P': "/__init__.py", 'M': ".py", 'p': "/__init__.py", 'm': ".py"}

// modulePath returns the path of a module's file, or "" if the resource is not a module.
func modulePath(name string, b []byte) string {
	dotted, ok := strings.CutPrefix(name, "m:")
	if !ok || len(b) == 0 || suffixes[b[0]] == "" {
		return ""
	}
	return root + "/" + strings.ReplaceAll(dotted, ".", "/") + suffixes[b[0]]
}

// moduleFile returns the file of a module, in two parts.
func moduleFile(resources map[string][]byte, file string) (header string, b []byte, ok bool) {
	dotted := strings.TrimPrefix(strings.TrimSuffix(file, path.Ext(file)), root+"/")
	name := "m:" + strings.ReplaceAll(strings.TrimSuffix(dotted, "/__init__"), "/", ".")
	b = resources[name]
	if file == "" || modulePath(name, b) != file {
		return "", nil, false
	}
	if b[0] == 'P' || b[0] == 'M' {
		header = pycHeader
	}
	return header, b[1:], true
}

// listings returns the listing of each folder by its path: for each entry, in alphabetical order,
// "f" (file) or "l" (folder), the name, and a zero byte. That of the root also has the given
// entries; the names of folders end in a slash.
func listings(resources map[string][]byte, entries map[string]Loader) map[string][]byte {
	folders := map[string]map[string]byte{}
	for entry := range entries {
		folder, isFolder := strings.CutSuffix(entry, "/")
		addEntry(folders, root+"/"+folder, map[bool]byte{true: 'l', false: 'f'}[isFolder])
	}
	for name, b := range resources {
		file, isFile := strings.CutPrefix(name, "f:")
		if !isFile {
			file = modulePath(name, b)
		}
		addEntry(folders, file, 'f')
	}
	out := make(map[string][]byte, len(folders))
	for folder, entries := range folders {
		for _, name := range slices.Sorted(maps.Keys(entries)) {
			out[folder] = append(append(append(out[folder], entries[name]), name...), 0)
		}
	}
	return out
}

// addEntry adds a file or folder and the folders above it, if it is below the root.
func addEntry(folders map[string]map[string]byte, entry string, kind byte) {
	for strings.HasPrefix(entry, root+"/") {
		folder, name := path.Split(entry)
		folder = strings.TrimSuffix(folder, "/")
		if folders[folder] == nil {
			folders[folder] = map[string]byte{}
		}
		folders[folder][name] = kind
		entry, kind = folder, 'l'
	}
}
