package codecache

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"tabcell/runtime/osfile"

	"github.com/rs/zerolog"
)

// The library of a guest is stored unpacked, so that it takes memory only for the pages that scripts
// use. As compiled code, it is mapped only from a file that cannot change any more (protect), and
// whose digest was computed after that. In all other cases it is unpacked to the heap.

const libraryPrefix = "library-"

func isLibrary(name string) bool { return strings.HasPrefix(name, libraryPrefix) }

// Library returns a function that returns the resources of the guest: those that a start has stored,
// or those of load. If load is called before WriteDigests, the resources are stored for later starts.
// The stored ones are valid until the process ends. digest identifies the resources. If it is empty,
// or this system cannot map files, the function is load. Library must be called only once.
func (c *Cache) Library(digest string, load func() (map[string][]byte, error)) func() (map[string][]byte, error) {
	if c.dir == "" || digest == "" || !mapsFiles {
		return load
	}
	name := libraryPrefix + osfile.Digest([]byte(digest))
	stored := c.takeCode(name)
	return func() (map[string][]byte, error) {
		if stored != nil {
			resources, err := stored.mapLibrary(c.digestOf(name))
			if err == nil {
				return resources, nil
			}
			zerolog.Ctx(c.ctx).Warn().Err(err).Str("file", c.path(name)).
				Msg("the stored library of the guest cannot be used; it is unpacked to the memory of this process")
		}
		resources, err := load()
		if err == nil {
			c.saveLibrary(name, resources)
		}
		return resources, err
	}
}

// keepLibrary keeps a stored library open for Library, if it can be mapped.
func (c *Cache) keepLibrary(name string) error {
	f, err := openCodeFile(c.path(name))
	if err != nil {
		return err
	}
	if f.unprotected != nil {
		return f.Close()
	}
	c.keepCode(name, f)
	return nil
}

// saveLibrary stores the library in place of all others of the guest, as long as this start may add
// files.
func (c *Cache) saveLibrary(name string, resources map[string][]byte) {
	if c.lock == nil || c.bundle || c.frozen {
		return
	}
	err := c.remove(isLibrary)
	if err == nil {
		err = c.replace(name, encodeLibrary(resources))
	}
	if err != nil {
		zerolog.Ctx(c.ctx).Warn().Err(err).
			Msg("the library of the guest could not be stored in the cache; later starts unpack it again")
	}
}

// mapLibrary maps the library, verifies its digest, and closes the file.
func (f *codeFile) mapLibrary(expected string) (resources map[string][]byte, err error) {
	defer func() { err = errors.Join(err, f.Close()) }()
	if got, err := f.digest("", ""); err != nil || got != expected {
		return nil, errors.Join(err, errors.New("its digest is not the recorded one"))
	}
	info, err := f.file.Stat()
	if err != nil {
		return nil, err
	}
	content, err := mapFile(f.file, 0, int(info.Size()), false)
	if err != nil {
		return nil, err
	}
	return decodeLibrary(content)
}

// storedLibrary is the head of a library's file; the bytes of the resources follow.
type storedLibrary struct {
	Names   []string
	Lengths []int
}

func encodeLibrary(resources map[string][]byte) []byte {
	names := slices.Sorted(maps.Keys(resources))
	parts := make([][]byte, len(names))
	for i, name := range names {
		parts[i] = resources[name]
	}
	return encodeParts(storedLibrary{names, lengthsOf(parts)}, parts)
}

// decodeLibrary decodes the result of encodeLibrary. The values are slices of b.
func decodeLibrary(b []byte) (map[string][]byte, error) {
	var stored storedLibrary
	rest, err := decodeHead(b, &stored)
	if err != nil {
		return nil, err
	}
	if len(stored.Names) != len(stored.Lengths) {
		return nil, errors.New("names are missing")
	}
	parts, err := splitParts(rest, stored.Lengths)
	if err != nil {
		return nil, err
	}
	resources := make(map[string][]byte, len(parts))
	for i, name := range stored.Names {
		resources[name] = parts[i]
	}
	return resources, nil
}
