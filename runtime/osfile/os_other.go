//go:build !unix

package osfile

import "io/fs"

// HasModes reports whether the permissions of files are mode bits on this system.
const HasModes = false

// OwnerOf returns the id of the user who owns a file, and -1 if it is unknown.
func OwnerOf(fs.FileInfo) int { return -1 }

// flushFolder does nothing: Windows has no fsync for folders, and renames are in the journal of its
// file system.
func flushFolder(folder, string) error { return nil }
