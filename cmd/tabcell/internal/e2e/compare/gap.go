package compare

import "slices"

// Gap is a group of cases of one file whose results differ between the guest and a native Python
// for the same reason.
type Gap struct {
	File   string
	Reason string
	Names  []string
	Within Tolerance // limit of the difference; the zero value permits any difference
}

// NoFlags is the reason of differences in floating-point errors.
const NoFlags = "WebAssembly has no floating-point flags, which numpy reads to detect errors"

// GapOf returns the gap that lists a case, or nil if there is none.
func GapOf(gaps []Gap, file, name string) *Gap {
	for i, g := range gaps {
		if g.File == file && slices.Contains(g.Names, name) {
			return &gaps[i]
		}
	}
	return nil
}
