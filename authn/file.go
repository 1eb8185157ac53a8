package authn

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxFileSize   = 16 << 20 // bytes
	maxLineErrors = 20       // invalid lines that an error lists
)

// Account is one account of a password file.
type Account struct {
	Name   string // in lower case
	Line   int    // counted from 1
	Scheme HashScheme
	hash   hash
}

// File is a password file with all its lines, so that an edit keeps comments and empty lines.
type File struct {
	lines    []string // without line endings
	ending   string   // "\n" or "\r\n"
	Accounts []Account
}

// LineError is an error in one line of a password file.
type LineError struct {
	Line int // counted from 1
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *LineError) Unwrap() error { return e.Err }

// The errors of a line, apart from errQuote and those of the hash.
var (
	errNotUTF8      = errors.New("it is not UTF-8 text")
	errLeadingSpace = errors.New("it begins with a space")
	//lint:ignore ST1005 TabPy's text
	errFieldCount = errors.New("Incorrect entry: a name and a hash are expected, with one space between them and none after them")
	errEmptyHash  = errors.New("the hash is empty")
)

// ReadFile reads a password file. The error is one of the file system or of Parse.
func ReadFile(path string) (*File, error) {
	raw, err := readLimited(path)
	if err != nil {
		return nil, err
	}
	return Parse(raw)
}

// readLimited reads a file of at most maxFileSize bytes.
func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err == nil && len(raw) > maxFileSize {
		err = fmt.Errorf("%s is larger than %d MiB, the limit for a password file", path, maxFileSize>>20)
	}
	return raw, err
}

// Parse parses a password file: lines `name hash`, empty lines, and comments, which begin with #.
// Names that differ only in case are the same name. Lines `name:$hash` of Apache's htpasswd are
// accepted as well. The error joins a *LineError for each invalid line, at most twenty. It repeats
// nothing of a line except the name and the parameters of the hash, since a hash is almost a
// secret.
func Parse(raw []byte) (*File, error) {
	text := textOf(raw)
	f := &File{ending: "\n"}
	if newline := strings.IndexByte(text, '\n'); newline > 0 && text[newline-1] == '\r' {
		f.ending = "\r\n"
	}
	f.lines = splitLines(text)
	seen := map[string]int{} // name -> line
	err := parseLines(f.lines, func(line string, number int) error {
		account, err := parseLine(line, number)
		if err != nil || account.Name == "" {
			return err
		}
		if firstLine := seen[account.Name]; firstLine > 0 {
			return fmt.Errorf("the name %s is already on line %d", quote(account.Name), firstLine)
		}
		seen[account.Name] = number
		f.Accounts = append(f.Accounts, account)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// parseLine returns an account without a name for an empty line or a comment.
func parseLine(line string, number int) (Account, error) {
	switch {
	case line == "" || line[0] == '#':
		return Account{}, nil
	case !utf8.ValidString(line):
		return Account{}, errNotUTF8
	case line[0] == ' ':
		return Account{}, errLeadingSpace
	}
	fields, err := splitEntry(line)
	switch {
	case err != nil:
		return Account{}, err
	case strings.HasPrefix(fields[0], "#"): // a quoted #, which Python treats as a comment too
		return Account{}, nil
	case len(fields) != 2 || fields[0] == "":
		return Account{}, errFieldCount
	case fields[1] == "":
		return Account{}, errEmptyHash
	}
	name := foldName(fields[0])
	h, err := parseHash(name, fields[1])
	if err != nil && !errors.Is(err, errUnknownScheme) {
		return Account{}, err
	}
	return Account{Name: name, Line: number, Scheme: h.scheme, hash: h}, nil
}

// find returns the index of an account, or -1.
func (f *File) find(name string) int {
	name = foldName(name)
	return slices.IndexFunc(f.Accounts, func(a Account) bool { return a.Name == name })
}

// foldName returns a name in the form in which names are compared: Python's str.lower(), except for
// the Greek sigma at the end of a word.
func foldName(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, "İ", "i̇")) // Go would turn İ into a plain i
}

// quote returns a text for a log or a message: truncated, quoted, with unprintable characters
// escaped.
func quote(text string) string {
	return fmt.Sprintf("%q", truncate(text, 100))
}

// truncate shortens a text to at most maxBytes bytes and marks the cut with an ellipsis.
func truncate(text string, maxBytes int) string {
	if len(text) > maxBytes {
		text = strings.ToValidUTF8(text[:maxBytes], "") + "..."
	}
	return text
}
