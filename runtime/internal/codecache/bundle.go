package codecache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"tabcell/runtime/osfile"

	"github.com/rs/zerolog"
)

// A bundle is used where it is, and not copied into the cache folder: nothing is stored twice, and
// a host without a writable folder can use it too.

// openBundle opens the guest's folder in the code bundle, after verifying all of its files. It
// returns nil without an error if no bundle is configured or the bundle does not have this guest.
// The error is the reason why the bundle cannot be used.
func openBundle(cfg Config) (*Cache, error) {
	if cfg.BundleDir == "" {
		return nil, nil
	}
	program, folder := cfg.program(), cfg.Key.Folder()
	b, err := usableBundle(cfg.BundleDir, program, cfg.Key.Engine)
	if err != nil || !slices.Contains(slices.Collect(maps.Values(b.Guests)), folder) {
		return nil, err
	}
	c := &Cache{
		dir: filepath.Join(cfg.BundleDir, folder), bundle: true,
		verified: filesIn(folder, b.Files), blocks: filesIn(folder, b.Blocks),
	}
	if err := c.verifyBundle(trustedFile(program)); err != nil {
		return nil, errors.Join(err, c.closeCode())
	}
	return c, c.openWazero()
}

// CheckBundle returns the reason why a program with an engine (Key.Engine) cannot use the code
// bundle in dir, or nil. It trusts the manifest: the files are verified when a guest starts.
func CheckBundle(dir string, program Program, engine string) error {
	_, err := usableBundle(dir, program, engine)
	return err
}

func usableBundle(dir string, program Program, engine string) (CodeBundle, error) {
	if err := trustedFile(program).CheckPath(dir); err != nil {
		return CodeBundle{}, err
	}
	b, err := ReadBundle(dir)
	if err == nil {
		err = b.fits(program, engine)
	}
	return b, err
}

// trustedFile is the policy for the files of a bundle. Their code runs in this process, so only
// root and the owner of the program may be able to change them.
func trustedFile(program Program) osfile.Policy {
	owners := []int{0}
	if info, err := os.Stat(program.Path); err == nil {
		owners = append(owners, osfile.OwnerOf(info))
	}
	return osfile.Policy{Denied: 0o022, Owners: owners}
}

// verifyBundle returns an error unless the folder has exactly the files of the manifest, with their
// digests, and all of it complies with the policy.
func (c *Cache) verifyBundle(policy osfile.Policy) error {
	err := filepath.WalkDir(c.dir, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, policy.CheckPath(path))
	})
	if err != nil {
		return err
	}
	files, err := c.files()
	if err != nil {
		return err
	}
	digests, err := c.digestsWith(files, c.openingDigest(c.verified))
	if err != nil {
		return err
	}
	for name, want := range c.verified {
		if digests[name] != want {
			return fmt.Errorf("its file %s is missing or damaged: the digest differs from the manifest", c.path(name))
		}
	}
	if len(digests) != len(c.verified) {
		return fmt.Errorf("%s has files that are not in the manifest", c.dir)
	}
	return nil
}

// WarnUnused logs the reason why the code bundle is not used: it explains a slow start.
func WarnUnused(ctx context.Context, cfg Config, reason error) {
	zerolog.Ctx(ctx).Warn().Err(reason).Str("folder", cfg.BundleDir).Str("guest", cfg.Key.Guest).
		Msg("the compiled code that was installed with the program is not used; " +
			"make it again with `tabcell warm --into`, or remove it")
}
