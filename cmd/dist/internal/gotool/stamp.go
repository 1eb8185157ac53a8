package gotool

import (
	"strconv"

	"tabcell/cmd/dist/internal/source"
)

// buildinfoPath is the path of the package that has the variables for the version.
const buildinfoPath = "tabcell/cmd/tabcell/internal/buildinfo"

// Stamp returns the flags of go build and go run that write the version into the program. The go
// command's own stamp (-buildvcs) depends on the history and the tags that a checkout has.
//
// Without symbol table (-s) and debug information (-w), the program is smaller. Its stack traces
// and profiles have the names of functions nevertheless.
func Stamp(src source.Source) []string {
	flags := "-s -w"
	if src.Version != "" {
		flags += " -X " + buildinfoPath + ".version=" + src.Version +
			" -X " + buildinfoPath + ".revision=" + src.Revision +
			" -X " + buildinfoPath + ".modified=" + strconv.FormatBool(src.Modified)
	}
	return []string{"-buildvcs=false", "-ldflags", flags}
}
