package main

// numberGap is a case whose value in the guest is not the native one.
type numberGap struct {
	file, name string
	reason     string
	within     tolerance // what it still keeps; zero when it is not a matter of size
}

// numberGaps are listed with their reasons. A gap that no longer differs makes its case fail, so that the list stays true.
var numberGaps = []numberGap{}

func gapOf(file, name string) *numberGap {
	for i, g := range numberGaps {
		if g.file == file && g.name == name {
			return &numberGaps[i]
		}
	}
	return nil
}
