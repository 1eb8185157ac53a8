package hostfs

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"tabcell/runtime/internal/grant"
)

// shown returns a path for texts. It comes from a script.
func shown(path string) string {
	return strings.ToValidUTF8(strings.Trim(strconv.Quote(path[:min(len(path), 300)]), `"`), "?")
}

func notFound(path string) *grant.Error {
	return grant.Errorf(grant.NotFound, "no such file or folder: %s", shown(path))
}

func isFolder(path string) *grant.Error {
	return grant.Errorf(grant.IsFolder, "%s is a folder", shown(path))
}

func notFile(path string) *grant.Error {
	return grant.Errorf(grant.Denied, "%s is a device, a pipe or a socket; a grant is for files and folders", shown(path))
}

func leadsOut(path string) *grant.Error {
	return grant.Errorf(grant.Denied, "%s is a link that leads out of the granted folder", shown(path))
}

// NoGrant returns the error of a path without a grant. The path comes from a script. A path that may
// be one of the host names the grant. Others do not exist, as for TabPy, of which scripts may know
// the error. The host itself is not asked, so that the error says nothing about it.
func NoGrant(path, owner string) *grant.Error {
	p, err := parse(path)
	if err != nil {
		return err
	}
	if !mayBeOfHost(p) {
		return notFound(path)
	}
	return grant.Errorf(grant.Denied, "no grant of this server allows reading %s (%s); ask the administrator", shown(path), owner)
}

// hostFolders are the folders at the root of usual hosts: those of Linux and macOS, and names that
// administrators choose for data.
var hostFolders = strings.Fields("Applications Library Network System Users Volumes app apps bin boot data dev etc export exports home lib lib32 " +
	"lib64 media mnt model models net nfs opt private proc root run sbin scripts share shared shares srv storage sys tableau tabpy tmp usr var work workspace")

// mayBeOfHost reports whether a host may have the path: it is one of Windows, the root, or in one of
// hostFolders.
func mayBeOfHost(p grant.Path) bool {
	return p.Windows() || len(p.Parts) == 0 || slices.Contains(hostFolders, p.Parts[0])
}

// failure returns the error of an operation on a path.
func failure(path string, err error) *grant.Error {
	if known, ok := errors.AsType[*grant.Error](err); ok {
		return known
	}
	errno, _ := errors.AsType[syscall.Errno](err)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return grant.Errorf(grant.Interrupted, "the time limit of the call is over")
	case errors.Is(err, fs.ErrNotExist):
		return notFound(path)
	case errno == syscall.ENOTDIR:
		return grant.Errorf(grant.NotFolder, "%s: a part of the path is not a folder", shown(path))
	case errors.Is(err, fs.ErrPermission):
		return grant.Errorf(grant.Denied, "the server may not read %s; its owner has to permit that", shown(path))
	case strings.Contains(err.Error(), "escapes from parent"):
		return leadsOut(path)
	case errno == syscall.ELOOP, strings.Contains(err.Error(), "too many"):
		return grant.Errorf(grant.Denied, "%s has too many links", shown(path))
	}
	cause := err
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		cause = p.Err // without the path of the host
	}
	return grant.Errorf(grant.IO, "%s: %v", shown(path), cause)
}

// run runs an operation, and returns the error of ctx if that ends before.
func run[T any](ctx context.Context, op func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	var none T
	if err := ctx.Err(); err != nil {
		return none, context.Canceled
	}
	go func() {
		value, err := op()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		return none, context.Canceled
	}
}
