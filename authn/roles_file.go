package authn

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// RoleFile is a roles file that is kept up to date. It is safe for concurrent use.
type RoleFile struct {
	path     string
	fallback Roles
	table    atomic.Pointer[RoleTable]
	loaded   fileStat // of the last version that was read; only Watch uses it after the start
}

// OpenRoles reads a roles file; see ParseRoleTable.
func OpenRoles(path string, fallback Roles) (*RoleFile, error) {
	f := &RoleFile{path: path, fallback: fallback, loaded: statFile(path)}
	return f, f.Reload()
}

// Table returns the table that is in effect.
func (f *RoleFile) Table() *RoleTable { return f.table.Load() }

// Reload reads the file again. If that fails, the last good table stays in effect.
func (f *RoleFile) Reload() error {
	apply, err := f.Prepare()
	if err == nil {
		apply()
	}
	return err
}

// Prepare reads the file again. It takes effect when apply is called.
func (f *RoleFile) Prepare() (apply func(), err error) {
	raw, err := readLimited(f.path)
	if err != nil {
		return nil, fmt.Errorf("roles file %s cannot be read: %w", f.path, err)
	}
	table, err := ParseRoleTable(raw, f.fallback)
	if err != nil {
		return nil, fmt.Errorf("roles file %s is invalid: %w", f.path, err)
	}
	return func() { f.table.Store(table) }, nil
}

// Watch reads the file again when it has changed and is the same in two consecutive checks, until
// ctx is done. It calls report after each attempt, with the error or nil, on its own goroutine.
func (f *RoleFile) Watch(ctx context.Context, interval time.Duration, report func(error)) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for last := f.loaded; ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		stat := statFile(f.path)
		settled := stat.equal(last)
		if last = stat; !settled || stat.equal(f.loaded) {
			continue
		}
		f.loaded = stat
		report(f.Reload())
	}
}
