package overlay

import (
	"bytes"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
)

// placeholder is the text in the patched files that the digest of the patches replaces.
const placeholder = "DIGEST OF THE PATCHES"

// apply returns the patched files of the module by their paths below its folder.
func apply(dir string, patches []Patch) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, p := range patches {
		for _, f := range p.Files {
			before, err := original(dir, files, f)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.Name, err)
			}
			var after bytes.Buffer
			if err := gitdiff.Apply(&after, bytes.NewReader(before), f); err != nil {
				return nil, fmt.Errorf("%s does not apply to %s: %w", p.Name, f.NewName, withHunk(f, err))
			}
			files[f.NewName] = after.Bytes()
		}
	}
	return files, parse(files)
}

// original returns a file as the earlier patches have left it. A new file is empty.
func original(dir string, files map[string][]byte, f *gitdiff.File) ([]byte, error) {
	content, changed := files[f.NewName]
	if changed && f.IsNew {
		return nil, fmt.Errorf("%s is added twice", f.NewName)
	}
	if changed {
		return content, nil
	}
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.NewName)))
	switch {
	case f.IsNew && err == nil:
		return nil, fmt.Errorf("%s is added, but exists", f.NewName)
	case f.IsNew && errors.Is(err, os.ErrNotExist):
		return nil, nil
	}
	return content, err
}

// withHunk adds the header of the hunk that failed to an error of gitdiff.Apply.
func withHunk(f *gitdiff.File, err error) error {
	var failed *gitdiff.ApplyError
	if !errors.As(err, &failed) || failed.Fragment < 1 || failed.Fragment > len(f.TextFragments) {
		return err
	}
	return fmt.Errorf("hunk %d (%s), line %d of the file: %w",
		failed.Fragment, f.TextFragments[failed.Fragment-1].Header(), failed.Line, err)
}

// parse returns the first syntax error in the Go files. The go command would report it with the path
// of the original file, in which the line is another one.
func parse(files map[string][]byte) error {
	for name, content := range files {
		if path.Ext(name) != ".go" {
			continue
		}
		if _, err := parser.ParseFile(token.NewFileSet(), name, content, parser.SkipObjectResolution); err != nil {
			return fmt.Errorf("the patched file cannot be parsed: %w", err)
		}
	}
	return nil
}

// setDigest replaces the placeholder, which must occur once.
func setDigest(files map[string][]byte, digest string) error {
	found := 0
	for name, content := range files {
		if n := bytes.Count(content, []byte(placeholder)); n > 0 {
			found += n
			files[name] = bytes.ReplaceAll(content, []byte(placeholder), []byte(digest))
		}
	}
	if found != 1 {
		return fmt.Errorf("the patched files have %q %d times; it must occur once, for the digest of the patches", placeholder, found)
	}
	return nil
}
