package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// upgradeCode is the code of all versions of the product, which tabcell.wxs has as well.
var upgradeCode = uuid.MustParse("0c5f0a52-7f0b-4f5a-9b0e-64a8d6f1b2c7")

// msiCode returns a code that follows from its arguments, in upper case as Windows Installer
// requires.
func msiCode(kind, text string) string {
	return strings.ToUpper(uuid.NewSHA1(upgradeCode, []byte(kind+" "+text)).String())
}

// The summary of an MSI package is a property set, a format of Microsoft's specification MS-OLEPS.
// It begins with its format, its class and the number of its sections; the section has a table of
// properties with their positions.
const (
	summaryHeader = 28 // bytes before the identifier of the section
	sectionOffset = summaryHeader + 16

	packageCode, created, saved = 9, 12, 13 // properties
	typeString, typeTime        = 30, 64
)

// summaryID identifies a section with a summary, F29F85E0-4FF9-1068-AB91-08002B27B3D9.
var summaryID = []byte{0xe0, 0x85, 0x9f, 0xf2, 0xf9, 0x4f, 0x68, 0x10, 0xab, 0x91, 0x08, 0x00, 0x2b, 0x27, 0xb3, 0xd9}

var errNoSummary = errors.New("the package has no summary in the format that wixl 0.101 writes")

// fixSummary replaces the code of the package and both times in its summary, which wixl draws at
// random and takes from the clock. It changes content in place.
func fixSummary(content []byte, code string, modified time.Time) error {
	at := bytes.Index(content, summaryID) - summaryHeader
	if at < 0 || len(content) < at+sectionOffset+4 {
		return errNoSummary
	}
	start := at + int(binary.LittleEndian.Uint32(content[at+sectionOffset:]))
	if start < at || len(content) < start+8 {
		return errNoSummary
	}
	section := content[start:]
	found := 0
	for i := range min(int(binary.LittleEndian.Uint32(section[4:])), 50) {
		entry := 8 + 8*i
		if len(section) < entry+8 {
			return errNoSummary
		}
		value := int(binary.LittleEndian.Uint32(section[entry+4:]))
		if value < 0 || len(section) < value+8 {
			return errNoSummary
		}
		changed, err := fixProperty(binary.LittleEndian.Uint32(section[entry:]), section[value:], code, modified)
		if err != nil {
			return err
		}
		if changed {
			found++
		}
	}
	if found != 3 {
		return errNoSummary
	}
	return nil
}

// fixProperty replaces the value of a property, if it is one of the three, and reports whether it
// is.
func fixProperty(id uint32, value []byte, code string, modified time.Time) (changed bool, err error) {
	kind := binary.LittleEndian.Uint32(value)
	switch {
	case id == packageCode && kind == typeString:
		text := "{" + code + "}"
		if end := 8 + len(text); len(value) <= end || value[8] != '{' || value[end-1] != '}' {
			return false, fmt.Errorf("the code of the package is not a UUID: %w", errNoSummary)
		}
		copy(value[8:], text)
		return true, nil
	case (id == created || id == saved) && kind == typeTime && len(value) >= 12:
		binary.LittleEndian.PutUint64(value[4:], fileTime(modified))
		return true, nil
	}
	return false, nil
}

// fileTime returns a time in Windows' unit, 100 ns since 1601.
func fileTime(t time.Time) uint64 {
	const between = 11644473600 // seconds from 1601 to 1970
	return uint64(t.Unix()+between) * 1e7
}
