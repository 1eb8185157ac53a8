// Package peversion writes the version into programs for Windows, where Explorer and inventories
// of software show it.
package peversion

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/tc-hib/winres"
	"github.com/tc-hib/winres/version"
)

// english is Windows' number of the language of the texts.
const english = 0x409

// Write replaces the version resource of a program. Version is a semantic version, or "" for one
// that is unknown. The same arguments give the same bytes.
func Write(file, number string, modified time.Time) error {
	program, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	resources, err := resource(number, modified)
	if err != nil {
		return err
	}
	var changed bytes.Buffer
	if err := resources.WriteToEXE(&changed, bytes.NewReader(program)); err != nil {
		return fmt.Errorf("%s: no version can be written into the program: %w", file, err)
	}
	return os.WriteFile(file, changed.Bytes(), 0o755)
}

// resource returns the resources of the program.
func resource(number string, modified time.Time) (*winres.ResourceSet, error) {
	info := version.Info{Timestamp: modified}
	var failed []error
	for key, text := range map[string]string{
		version.ProductName: "tabcell", version.FileDescription: "tabcell, Python for Tableau in sealed cells", version.InternalName: "tabcell",
		version.OriginalFilename: "tabcell.exe", version.CompanyName: "the tabcell authors",
		version.LegalCopyright: "Copyright 2026 the tabcell authors, Apache License 2.0",
	} {
		failed = append(failed, info.Set(english, key, text))
	}
	if number == "" {
		number = "0.0.0"
	}
	info.SetFileVersion(number) // Windows compares the three numbers and shows the text
	info.SetProductVersion(number)
	all := &winres.ResourceSet{}
	all.SetVersionInfo(info)
	return all, errors.Join(failed...)
}
