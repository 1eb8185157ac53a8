package osfile

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// Policy states who may have access to a file that a program trusts. Where permissions are access
// lists rather than mode bits (Windows), only the kind of the file is checked: a list is inherited
// from the folder, which by default is in the user's own profile.
type Policy struct {
	// Folder demands a folder. Otherwise the file may be a folder or a regular file. A symbolic
	// link is neither, if the file's info comes from Lstat.
	Folder bool
	// Denied has the permission bits that the file must not have. With 0o022, only the owner may
	// write; with 0o077, other users have no access.
	Denied fs.FileMode
	// Owners has the ids of the users who may own the file. If it is empty, any user may.
	Owners []int
}

// CurrentUser returns the effective user id of this process, and -1 on Windows.
func CurrentUser() int { return os.Geteuid() }

// Check returns an error if a file does not comply with the policy. The name is used in the error;
// info comes from Lstat or Stat.
func (p Policy) Check(name string, info fs.FileInfo) error {
	switch {
	case p.Folder && !info.IsDir():
		return fmt.Errorf("%s is not a folder", name)
	case !info.IsDir() && !info.Mode().IsRegular():
		return fmt.Errorf("%s is neither a file nor a folder", name)
	case Exposed(info, p.Denied) != 0:
		return fmt.Errorf("%s (mode %04o) is %s; run chmod %s %s",
			name, info.Mode().Perm(), p.exposure(info), p.remedy(), name)
	case !p.acceptsOwner(info):
		return fmt.Errorf("%s belongs to user %d, but must belong to %s", name, OwnerOf(info), p.owners())
	}
	return nil
}

// CheckPath checks the file at path, without following a symbolic link.
func (p Policy) CheckPath(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	return p.Check(path, info)
}

// Exposed returns those of the given permission bits that a file has. It returns 0 where
// permissions are not mode bits.
func Exposed(info fs.FileInfo, bits fs.FileMode) fs.FileMode {
	if !HasModes {
		return 0
	}
	return info.Mode().Perm() & bits
}

// acceptsOwner reports whether one of the permitted users owns the file. It accepts a file whose
// owner is unknown, which happens only where users have no numbers.
func (p Policy) acceptsOwner(info fs.FileInfo) bool {
	owner := OwnerOf(info)
	return owner < 0 || len(p.Owners) == 0 || slices.Contains(p.Owners, owner)
}

// exposure describes the denied bits that the file has.
func (p Policy) exposure(info fs.FileInfo) string {
	who := "other users"
	if p.Denied&0o070 == 0 {
		who = "all users" // a group is permitted
	}
	if Exposed(info, p.Denied)&0o022 != 0 {
		return "writable by " + who
	}
	return "accessible to " + who
}

// remedy returns the argument of chmod that clears the denied bits.
func (p Policy) remedy() string {
	var mode strings.Builder
	for _, part := range []struct {
		bits   fs.FileMode
		letter string
	}{{0o070, "g"}, {0o007, "o"}, {0o777, "-"}, {0o044, "r"}, {0o022, "w"}, {0o011, "x"}} {
		if p.Denied&part.bits != 0 {
			mode.WriteString(part.letter)
		}
	}
	return mode.String()
}

// owners lists the permitted users.
func (p Policy) owners() string {
	var users []string
	for _, id := range p.Owners {
		switch {
		case id == CurrentUser():
			users = append(users, fmt.Sprintf("user %d, as which this process runs", id))
		case id >= 0:
			users = append(users, fmt.Sprintf("user %d", id))
		}
	}
	return strings.Join(users, " or ")
}
