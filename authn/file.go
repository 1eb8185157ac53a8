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
	mostFile = 16 << 20 // bytes of a password file
	mostBad  = 20       // bad lines that are told
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
	errUTF8   = errors.New("it is not UTF-8 text")
	errBegins = errors.New("it begins with a space")
	errCount  = errors.New("Incorrect entry: a name and a hash are expected, with one space between them and none after them") //nolint:staticcheck // TabPy's words
	errNoHash = errors.New("the hash is empty")
)

// ReadFile reads a password file. Its errors are the file system's, or those of Parse.
func ReadFile(path string) (*File, error) {
	raw, err := readWhole(path)
	if err != nil {
		return nil, err
	}
	return Parse(raw)
}

func readWhole(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, mostFile+1))
	if err == nil && len(raw) > mostFile {
		err = fmt.Errorf("%s is larger than %d bytes: it is no password file", path, mostFile)
	}
	return raw, err
}

// Parse reads a password file: lines `name hash`, empty lines, and comments, which begin with #. Names that differ in case only are the same name.
// The error names the bad lines, twenty at most, as LineErrors; what stands in the lines is not repeated but for names, since a hash is half a secret.
func Parse(raw []byte) (*File, error) {
	// GAP: TabPy takes a byte order mark for a part of the first name.
	text := string(bytes.TrimPrefix(raw, []byte("\ufeff")))
	f := &File{ending: "\n"}
	if first := strings.IndexByte(text, '\n'); first > 0 && text[first-1] == '\r' {
		f.ending = "\r\n"
	}
	f.lines = splitLines(text)
	var bad []error
	seen := map[string]int{} // name -> line
	for i, line := range f.lines {
		account, err := parseLine(line, i+1)
		if err == nil && account.Name != "" {
			if earlier := seen[account.Name]; earlier > 0 {
				err = fmt.Errorf("the name %s is in line %d already", quote(account.Name), earlier)
			}
			seen[account.Name] = i + 1
			f.Accounts = append(f.Accounts, account)
		}
		if err != nil {
			bad = append(bad, &LineError{i + 1, err})
		}
		if len(bad) == mostBad {
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
		return Account{}, errUTF8
	case line[0] == ' ':
		return Account{}, errBegins
	}
	fields, err := splitFields(line)
	switch {
	case err != nil:
		return Account{}, err
	case strings.HasPrefix(fields[0], "#"): // after a quote; Python looks at what is inside
		return Account{}, nil
	case len(fields) != 2 || fields[0] == "":
		return Account{}, errCount
	case fields[1] == "":
		return Account{}, errNoHash
	}
	name := foldName(fields[0])
	h, err := parseHash(name, fields[1])
	if err != nil && !errors.Is(err, errForm) {
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
	return fmt.Sprintf("%q", shorten(text, 100))
}

// shorten cuts a text after so many bytes.
func shorten(text string, most int) string {
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}
