package registry

import (
	"fmt"
	"strings"

	"tabcell/runtime/osfile"
)

// longestName bounds a name, bytes. TabPy has no bound.
const longestName = 128

// CheckName is nil for what may be an endpoint's name: ASCII letters and digits, underscores, hyphens and spaces. GAP: of white space
// TabPy's pattern also takes line feeds and their kin, which have no place in logs, headers and file names; and it has no bound on length.
func CheckName(name string) error {
	if len(name) > longestName {
		return fmt.Errorf("%w It has %d characters; %d are possible.", ErrInvalidName, len(name), longestName) //nolint:staticcheck // a sentence
	}
	if name == "" || strings.Trim(name, nameCharacters) != "" {
		return ErrInvalidName
	}
	return nil
}

const nameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_- "

// fileOf is the path of a name's manifest. Names may differ only in case, be reserved words of an operating system, or end in a space:
// none of that reaches the disk.
func fileOf(name string) string {
	return endpointsDir + "/" + osfile.Digest([]byte(name))[:32] + ".json"
}
