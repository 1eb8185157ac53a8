package registry

import (
	"fmt"
	"strings"

	"tabcell/runtime/osfile"
)

// maxNameBytes limits the length of a name. TabPy has no limit.
const maxNameBytes = 128

const nameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_- "

// CheckName returns nil if name is a valid endpoint name, and ErrInvalidName otherwise. A name
// consists of ASCII letters and digits, underscores, hyphens and spaces.
//
// GAP: TabPy's pattern also accepts line feeds and other white space, which must not occur in logs,
// headers and file names; and TabPy does not limit the length.
func CheckName(name string) error {
	if len(name) > maxNameBytes {
		//lint:ignore ST1005 continues TabPy's sentence
		return fmt.Errorf("%w It has %d characters; the limit is %d.", ErrInvalidName, len(name), maxNameBytes)
	}
	if name == "" || strings.Trim(name, nameCharacters) != "" {
		return ErrInvalidName
	}
	return nil
}

// manifestPath returns the path of an endpoint's manifest. It is made of a digest because names may
// differ only in case, be reserved words of an operating system, or end in a space.
func manifestPath(name string) string {
	return endpointsDir + "/" + osfile.Digest([]byte(name))[:32] + ".json"
}
