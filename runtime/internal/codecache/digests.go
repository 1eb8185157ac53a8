package codecache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"tabcell/runtime/osfile"

	"github.com/rs/zerolog"
)

// digestsName is the file with the digests of all others in a guest's folder. Its lines are the
// SHA-256, two spaces and the path, sorted by path. A file with compiled code has a second line:
// its digest by blocks, which is computed faster, and the path with blocksPrefix.
const digestsName = "DIGESTS"

const blocksPrefix = "blocks:"

// WriteDigests records the digests of all files, if any were added or removed, and unlocks the
// folder. A code bundle is not changed.
func (c *Cache) WriteDigests() error {
	files, err := c.files()
	unchanged := err == nil && len(files) == len(c.verified) && c.Warm()
	if c.dir == "" || c.bundle || unchanged {
		return errors.Join(c.closeCode(), c.unlock())
	}
	return errors.Join(err, c.writeDigests(files), c.closeCode(), c.unlock())
}

func (c *Cache) writeDigests(files []string) error {
	var lines strings.Builder
	digests, blocks, err := c.allDigests(files)
	if err != nil {
		return err
	}
	for _, name := range files {
		fmt.Fprintf(&lines, "%s  %s\n", digests[name], name)
		if blocks[name] != "" {
			fmt.Fprintf(&lines, "%s  %s%s\n", blocks[name], blocksPrefix, name)
		}
	}
	return c.replace(digestsName, []byte(lines.String()))
}

// allDigests computes the digests of files, and those by blocks of the ones with compiled code.
func (c *Cache) allDigests(files []string) (digests, blocks map[string]string, err error) {
	if digests, err = c.digests(files); err != nil {
		return nil, nil, err
	}
	code := slices.DeleteFunc(slices.Clone(files), func(name string) bool { return !isCode(name) })
	blocks, err = c.digestsWith(code, c.digestBlocks)
	return digests, blocks, err
}

// readDigests returns the recorded digests by path, and sets c.blocks. There are none before the
// first start ends.
func (c *Cache) readDigests() (map[string]string, error) {
	recorded := map[string]string{}
	c.blocks = map[string]string{}
	b, err := os.ReadFile(c.path(digestsName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for line := range strings.Lines(string(b)) {
		digest, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if code, byBlocks := strings.CutPrefix(name, blocksPrefix); byBlocks {
			c.blocks[code] = digest
		} else if ok {
			recorded[name] = digest
		}
	}
	return recorded, nil
}

// removeUnverified removes the files whose digest is not the recorded one, and sets c.verified to
// the others. If a file cannot be read, it removes none: the file may be good, and the process may
// only have too many files open.
func (c *Cache) removeUnverified() error {
	files, err := c.files()
	if err != nil {
		return err
	}
	recorded, err := c.readDigests()
	if err != nil {
		return err
	}
	digests, err := c.digestsWith(files, c.openingDigest(recorded))
	if err != nil {
		return err
	}
	c.verified = map[string]string{}
	for name, digest := range digests {
		if digest != "" && digest == recorded[name] {
			c.verified[name] = digest
			continue
		}
		zerolog.Ctx(c.ctx).Warn().Str("file", name).
			Msg("compiled code without a valid digest was removed from the cache")
		if err := os.Remove(c.path(name)); err != nil {
			return err
		}
	}
	return nil
}

// digests computes the digests of files. It returns an error if one of them cannot be read.
func (c *Cache) digests(files []string) (map[string]string, error) {
	return c.digestsWith(files, c.digestFile)
}

func (c *Cache) digestFile(name string) (string, error) { return osfile.DigestFile(c.path(name)) }

// digestBlocks returns the digest by blocks of a file with compiled code.
func (c *Cache) digestBlocks(name string) (string, error) {
	f, err := os.Open(c.path(name))
	if err != nil {
		return "", err
	}
	digest, err := blocksOf(f)
	return digest, errors.Join(err, f.Close())
}

func blocksOf(f *os.File) (string, error) {
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	return osfile.DigestBlocks(f, info.Size())
}

// digestsWith calls digest in parallel.
func (c *Cache) digestsWith(files []string, digest func(name string) (string, error)) (map[string]string, error) {
	all, errs := make([]string, len(files)), make([]error, len(files))
	var group sync.WaitGroup
	for i, name := range files {
		group.Go(func() { all[i], errs[i] = digest(name) })
	}
	group.Wait()
	digests := map[string]string{}
	for i, name := range files {
		if errs[i] != nil {
			return nil, errs[i]
		}
		digests[name] = all[i]
	}
	return digests, nil
}

// openingDigest returns the function that verifies the files of a cache that is being opened: code
// stays open for wazero. The image and the library have the expected digest until they are read.
func (c *Cache) openingDigest(expected map[string]string) func(name string) (string, error) {
	return func(name string) (string, error) {
		switch {
		case isCode(name):
			return c.openAndDigest(name, expected[name])
		case isImage(name):
			return expected[name], nil
		case isLibrary(name):
			return expected[name], c.keepLibrary(name)
		}
		return c.digestFile(name)
	}
}

// Discard removes the cached files that may have made a start fail. The image is removed first,
// because it is made again fastest; if there is none, all files are removed.
func (c *Cache) Discard() error {
	for name := range c.verified {
		if isImage(name) {
			return c.remove(isImage)
		}
	}
	return c.remove(func(string) bool { return true })
}

// isVerified reports whether the digest of a file was the recorded one when the cache was opened.
func (c *Cache) isVerified(name string) bool { return c.digestOf(name) != "" }

// digestOf returns the digest that a file had when the cache was opened, or "" if that was not the
// recorded one.
func (c *Cache) digestOf(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.verified[name]
}

// remove removes the verified files that match.
func (c *Cache) remove(match func(name string) bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name := range c.verified {
		if !match(name) {
			continue
		}
		if err := os.Remove(c.path(name)); err != nil {
			return err
		}
		delete(c.verified, name)
	}
	return nil
}
