package authn

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxFileSize   = 16 << 20 // bytes of a password file
	maxLineErrors = 20       // bad lines that are told
)

// Account is one line of a password file that is neither empty nor a comment.
type Account struct {
	Name string // in lower case
	Line int    // from 1
	Form Form
	hash hash
}

// File is a password file with all its lines, so that it can be written again as it was.
type File struct {
	lines    []string // without their ends
	ending   string   // "\n" or "\r\n"
	Accounts []Account
}

// LineError is what is wrong with one line of a password file.
type LineError struct {
	Line int // from 1
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *LineError) Unwrap() error { return e.Err }

// What can be wrong with a line, besides its quotes.
var (
	errNotUTF8      = errors.New("it is not UTF-8 text")
	errLeadingSpace = errors.New("it begins with a space")
	errFieldCount   = errors.New("Incorrect entry: a name and a hash are expected, with one space between them and none after them") //nolint:staticcheck // TabPy's words
	errEmptyHash    = errors.New("the hash is empty")
)

// ReadFile reads a password file. Its errors are the file system's, or those of Parse.
func ReadFile(path string) (*File, error) {
	raw, err := readLimited(path)
	if err != nil {
		return nil, err
	}
	return Parse(raw)
}

func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err == nil && len(raw) > maxFileSize {
		err = fmt.Errorf("%s is larger than %d bytes: it is no password file", path, maxFileSize)
	}
	return raw, err
}

// Parse reads a password file: lines `name hash`, empty lines, and comments, which begin with #. Names that differ in case only are the same name.
// The error names the bad lines, twenty at most, as LineErrors; what stands in the lines is not repeated but for names, since a hash is half a secret.
func Parse(raw []byte) (*File, error) {
	// GAP: TabPy takes a byte order mark for a part of the first name.
	text := string(bytes.TrimPrefix(raw, []byte("\ufeff")))
	f := &File{ending: "\n"}
	if newline := strings.IndexByte(text, '\n'); newline > 0 && text[newline-1] == '\r' {
		f.ending = "\r\n"
	}
	f.lines = splitLines(text)
	var bad []error
	seen := map[string]int{} // name -> line
	for i, line := range f.lines {
		account, err := parseLine(line, i+1)
		if err == nil && account.Name != "" {
			if firstLine := seen[account.Name]; firstLine > 0 {
				err = fmt.Errorf("the name %s is in line %d already", quote(account.Name), firstLine)
			}
			seen[account.Name] = i + 1
			f.Accounts = append(f.Accounts, account)
		}
		if err != nil {
			bad = append(bad, &LineError{i + 1, err})
		}
		if len(bad) == maxLineErrors {
			break
		}
	}
	if len(bad) > 0 {
		return nil, errors.Join(bad...)
	}
	return f, nil
}

// splitLines: Python's text files know the line ends of all systems.
func splitLines(text string) []string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	lines := strings.Split(text, "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	}
	return lines
}

// parseLine gives an account without a name for empty lines and comments.
func parseLine(line string, number int) (Account, error) {
	switch {
	case line == "" || line[0] == '#':
		return Account{}, nil
	case !utf8.ValidString(line):
		return Account{}, errNotUTF8
	case line[0] == ' ':
		return Account{}, errLeadingSpace
	}
	fields, err := splitFields(line)
	switch {
	case err != nil:
		return Account{}, err
	case strings.HasPrefix(fields[0], "#"): // after a quote; Python looks at what is inside
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
	return Account{Name: name, Line: number, Form: h.form, hash: h}, nil
}

// find is the index of an account, or -1.
func (f *File) find(name string) int {
	name = foldName(name)
	return slices.IndexFunc(f.Accounts, func(a Account) bool { return a.Name == name })
}

// foldName is a name as it is compared: Python's str.lower(), but for the Greek sigma at a word's end.
func foldName(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, "İ", "i̇")) // Go would make a plain i of the former
}

// quote is a text for a log or a message: bounded, in quotes, with what is not printable escaped.
func quote(text string) string {
	return fmt.Sprintf("%q", truncate(text, 100))
}

// shorten cuts a text after so many bytes.
func truncate(text string, maxBytes int) string {
	if len(text) > maxBytes {
		text = strings.ToValidUTF8(text[:maxBytes], "") + "..."
	}
	return text
}
