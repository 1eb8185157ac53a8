package authn

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxNameSize = 255 // bytes, of new names

// CheckName returns an error if a new account cannot have the name: because the file cannot
// represent it, TabPy cannot read it, or no client can send it.
func CheckName(name string) error {
	reason := ""
	switch {
	case name == "":
		return errors.New("the user name is empty")
	case !utf8.ValidString(name):
		reason = "it is not UTF-8 text"
	case len(name) > maxNameSize:
		reason = fmt.Sprintf("it has %d bytes, more than the limit of %d", len(name), maxNameSize)
	case strings.ContainsFunc(name, unicode.IsSpace):
		reason = "a name cannot contain spaces, which separate the fields of the file"
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		reason = "a name cannot contain control characters"
	case strings.Contains(name, ":"):
		reason = "a name cannot contain a colon, which ends the name in HTTP Basic authentication"
	case strings.HasPrefix(name, "#"):
		reason = "a name cannot begin with #, which starts a comment"
	case strings.Contains(name, `"`):
		reason = "a name cannot contain a quote, which is special in the file"
	default:
		return nil
	}
	return fmt.Errorf("invalid user name %s: %s", quote(name), reason)
}

// CheckPassword returns an error if the password cannot be set.
func CheckPassword(password string) error {
	switch {
	case password == "":
		return errors.New("the password is empty")
	case !utf8.ValidString(password):
		return errors.New("the password is not UTF-8 text")
	case strings.ContainsFunc(password, unicode.IsControl):
		return errors.New("the password contains control characters, which most clients cannot send")
	}
	return nil
}
