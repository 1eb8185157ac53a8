package runtime

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ErrCellLimit means that a script needed more than any cell has: no setting changes these limits.
var ErrCellLimit = errors.New("the script exceeded a fixed limit of its cell")

// openFiles is the number of files that a script can have open. The guest has 256 descriptors
// (FS_OPEN in assets/guest/fs.h), and four of them are open when a script starts.
const openFiles = 252

// osErrors has the texts of the OSErrors that report a limit, with the limit and the advice. The
// guest's own texts about a full /tmp name the limit already.
var osErrors = []struct {
	text   *regexp.Regexp
	limit  error
	advice string
}{
	{regexp.MustCompile(`No space left on device \(/tmp is part of the memory`), ErrMemory, ""},
	{regexp.MustCompile(`No space left on device \(/tmp of a cell holds`), ErrCellLimit, ""},
	{regexp.MustCompile(`^\[Errno \d+\] Too many open files`), ErrCellLimit, fmt.Sprintf(" (a script can have %d files open)", openFiles)},
	{regexp.MustCompile(`^\[Errno \d+\] File too large`), ErrCellLimit, " (a file in a cell is smaller than 2 GB)"},
}

// exceeded returns the text of an exception and the limit that it reports as exceeded, or nil. The
// text of such an exception names the limit, its value and its setting. Python does not know why
// the system has no more memory; the host knows whether it refused some.
func (c *call) exceeded(class, text string) (named string, limit error) {
	switch {
	case isMemoryError(class) && text == "":
		return c.limits.withValue(ErrMemory).Error(), ErrMemory
	case class == "_ArrayMemoryError", isMemoryError(class) && c.memoryDenied:
		return fmt.Sprintf("%s (the memory limit is %d MB, TABCELL_MEMORY_LIMIT_MB)", text, c.limits.Memory>>20), ErrMemory
	case (class == "OverflowError" || class == "ValueError") && beyondWord.MatchString(text):
		return fmt.Sprintf("%s (sizes in a cell are below 2 GB, and its memory is limited to %d MB by TABCELL_MEMORY_LIMIT_MB)", text, c.limits.Memory>>20), ErrCellLimit
	case class == "OSError":
		for _, e := range osErrors {
			if e.text.MatchString(text) {
				return text + e.advice, e.limit
			}
		}
	}
	return text, nil
}

// isMemoryError reports whether a class is Python's MemoryError or numpy's subclass of it.
func isMemoryError(class string) bool { return strings.TrimPrefix(class, "_Array") == "MemoryError" }
