package authn

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxNameSize = 255 // bytes of a new name

// CheckName says why a name cannot be given to a new account: the file could not hold it, TabPy could not read it, or no client could send it.
func CheckName(name string) error {
	reason := ""
	switch {
	case name == "":
		return errors.New("the user name is empty")
	case !utf8.ValidString(name):
		reason = "it is not UTF-8 text"
	case len(name) > maxNameSize:
		reason = fmt.Sprintf("it is longer than %d bytes", maxNameSize)
	case strings.ContainsFunc(name, unicode.IsSpace):
		reason = "a name cannot hold spaces: they separate the fields of the file"
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		reason = "a name cannot hold control characters"
	case strings.Contains(name, ":"):
		reason = "a name cannot hold a colon: in HTTP Basic authentication it ends the name"
	case strings.HasPrefix(name, "#"):
		reason = "a name cannot begin with #: its line would be a comment"
	case strings.Contains(name, `"`):
		reason = "a name cannot hold a quote: it has a meaning in the file"
	default:
		return nil
	}
	return fmt.Errorf("the user name %s is not possible: %s", quote(name), reason)
}

// CheckPassword says why a password cannot be set.
func CheckPassword(password string) error {
	switch {
	case password == "":
		return errors.New("the password is empty")
	case !utf8.ValidString(password):
		return errors.New("the password is not UTF-8 text")
	case strings.ContainsFunc(password, unicode.IsControl):
		return errors.New("the password holds control characters, which most clients cannot send")
	}
	return nil
}
