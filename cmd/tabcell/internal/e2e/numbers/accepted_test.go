package numbers

import "slices"

// accepted lists the scripts in testdata/scripts whose results differ between the guest and a
// native Python, with the reasons. A listed script that does not differ fails.
var accepted = []gap{}

// acceptedGap returns the gap that lists a script, or nil if there is none.
func acceptedGap(family, name string) *gap {
	for i, g := range accepted {
		if g.file == family && slices.Contains(g.names, name) {
			return &accepted[i]
		}
	}
	return nil
}
