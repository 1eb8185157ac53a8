package release

import (
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// parseSums parses the output of sha256sum: lines of a digest, a space, a space or an asterisk, and
// a name. It returns the digests by name. Names with a path are refused, because the files of a
// release are in one folder.
func parseSums(text string) (map[string]string, error) {
	sums := map[string]string{}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		digest, name, err := parseSum(line)
		if err == nil && sums[name] != "" {
			err = fmt.Errorf("%s is listed twice", name)
		}
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", sumsName, i+1, err)
		}
		sums[name] = digest
	}
	return sums, nil
}

func parseSum(line string) (digest, name string, err error) {
	digest, name, _ = strings.Cut(line, " ")
	if raw, err := hex.DecodeString(digest); err != nil || len(raw) != 32 {
		return "", "", errors.New("it does not begin with a SHA-256 digest")
	}
	if len(name) < 2 || name[0] != ' ' && name[0] != '*' {
		return "", "", errors.New("it has no name after the digest")
	}
	name = name[1:]
	if name == "." || !filepath.IsLocal(name) || strings.ContainsAny(name, `/\`) {
		return "", "", fmt.Errorf("%q is not the name of a file in the folder", name)
	}
	return strings.ToLower(digest), name, nil
}
