package settings

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxFileSize is the size limit of a configuration file in bytes.
const maxFileSize = 1 << 20

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, failed.Err // the caller names the path
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err == nil && len(raw) > maxFileSize {
		err = fmt.Errorf("the file is larger than %d bytes, the limit of a configuration file", maxFileSize)
	}
	return raw, err
}

// environLookup returns a function that finds environment variables by their name in lower case.
//
// GAP: if two names differ only in case, the first variable is used; TabPy refuses to start.
func environLookup(environ []string) func(string) (string, bool) {
	texts := map[string]string{}
	for _, pair := range environ {
		name, text, _ := strings.Cut(pair, "=")
		if lower := strings.ToLower(name); texts[lower] == "" {
			texts[lower] = text
		}
	}
	return func(name string) (string, bool) { text, ok := texts[name]; return text, ok }
}

// expandHome is Python's os.path.expanduser, for the current user only.
func expandHome(path string) string {
	rest, ok := strings.CutPrefix(path, "~")
	if !ok || rest != "" && rest[0] != '/' && rest[0] != filepath.Separator {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return home + rest
}
