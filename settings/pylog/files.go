package pylog

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func buildFile(kind Kind) func(*Handler, *call) {
	return func(h *Handler, b *call) {
		h.Kind = kind
		if h.File.Path = b.text("filename", ""); h.File.Path == "" || strings.ContainsRune(h.File.Path, 0) {
			b.fail("filename", "the path of a file")
		}
		switch mode := b.text("mode", "a"); strings.Trim(mode, "t+") {
		case "a":
		case "w":
			h.File.Truncate = true
		case "x":
			h.File.Exclusive = true
		default:
			b.fail("mode", "'a', 'w' or 'x'")
		}
		encoding := strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(b.text("encoding", "")))
		if !slices.Contains([]string{"", "utf8", "ascii", "locale"}, encoding) {
			b.notes = append(b.notes, fmt.Sprintf("encoding %q has no counterpart here: the file is written in UTF-8", b.given["encoding"]))
		}
	}
}

func buildRotating(h *Handler, b *call) {
	buildFile(RotatingFileHandler)(h, b)
	h.File.MaxBytes, h.File.Backups = max(0, b.number("maxBytes", 0)), b.backups()
	if h.File.MaxBytes > 0 {
		h.File.Truncate, h.File.Exclusive = false, false // as in Python: the lines of the run before would be lost
	}
}

// maxBackups bounds a chain that is renamed link by link.
const maxBackups = 10_000

func (b *call) backups() int { return int(min(max(0, b.number("backupCount", 0)), maxBackups)) }

// maxInterval is a hundred years; a time.Duration holds less than three of it.
const maxInterval = 100 * 365 * 24 * time.Hour

func buildTimed(h *Handler, b *call) {
	buildFile(TimedRotatingFileHandler)(h, b)
	when := strings.ToUpper(b.text("when", "h"))
	switch when {
	case "S", "M", "H", "D", "MIDNIGHT", "W0", "W1", "W2", "W3", "W4", "W5", "W6":
	default:
		b.fail("when", "one of 'S', 'M', 'H', 'D', 'midnight', 'W0' to 'W6'")
	}
	interval := b.number("interval", 1)
	if interval < 1 || interval > 1_000_000 {
		b.fail("interval", "from 1 to 1000000")
	} else if when != "" && time.Duration(interval) > maxInterval/When(when).Span() {
		b.fail("interval", "less than a hundred years")
	}
	if b.given["atTime"] != nil {
		b.fail("atTime", "None: there is no counterpart")
	}
	h.File.When, h.File.Interval, h.File.UTC, h.File.Backups = When(when), int(interval), b.truth("utc"), b.backups()
}
