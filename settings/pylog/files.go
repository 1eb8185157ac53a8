package pylog

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func buildFile(kind Kind) func(*Handler, *arguments) {
	return func(h *Handler, a *arguments) {
		h.Kind = kind
		if h.File.Path = a.text("filename", ""); h.File.Path == "" || strings.ContainsRune(h.File.Path, 0) {
			a.fail("filename", "the path of a file")
		}
		switch mode := a.text("mode", "a"); strings.Trim(mode, "t+") {
		case "a":
		case "w":
			h.File.Truncate = true
		case "x":
			h.File.Exclusive = true
		default:
			a.fail("mode", "'a', 'w' or 'x'")
		}
		encoding := strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(a.text("encoding", "")))
		if !slices.Contains([]string{"", "utf8", "ascii", "locale"}, encoding) {
			a.notes = append(a.notes, fmt.Sprintf("encoding %q is not supported; the file is written in UTF-8", a.given["encoding"]))
		}
	}
}

func buildRotating(h *Handler, a *arguments) {
	buildFile(RotatingFileHandler)(h, a)
	h.File.MaxBytes, h.File.Backups = max(0, a.number("maxBytes", 0)), a.backups()
	if h.File.MaxBytes > 0 {
		h.File.Truncate, h.File.Exclusive = false, false // as in Python, which would otherwise lose the lines of the previous run
	}
}

// maxBackups limits the rotated files, because each rotation by size renames all of them.
const maxBackups = 10_000

func (a *arguments) backups() int { return int(min(max(0, a.number("backupCount", 0)), maxBackups)) }

// maxRotationTime is 100 years. A time.Duration overflows at 292 years.
const maxRotationTime = 100 * 365 * 24 * time.Hour

func buildTimed(h *Handler, a *arguments) {
	buildFile(TimedRotatingFileHandler)(h, a)
	when := strings.ToUpper(a.text("when", "h"))
	switch when {
	case "S", "M", "H", "D", "MIDNIGHT", "W0", "W1", "W2", "W3", "W4", "W5", "W6":
	default:
		a.fail("when", "one of 'S', 'M', 'H', 'D', 'midnight', 'W0' to 'W6'")
	}
	interval := a.number("interval", 1)
	if interval < 1 || interval > 1_000_000 {
		a.fail("interval", "from 1 to 1000000")
	} else if when != "" && time.Duration(interval) > maxRotationTime/When(when).Span() {
		a.fail("interval", "shorter than 100 years")
	}
	if a.given["atTime"] != nil {
		a.fail("atTime", "None; times of day are not supported")
	}
	h.File.When, h.File.Interval, h.File.UTC, h.File.Backups = When(when), int(interval), a.truth("utc"), a.backups()
}
