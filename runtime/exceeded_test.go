package runtime

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// An exception about a limit names the limit, its value and the setting, and is equal to the error
// of the limit.
func TestExceeded(t *testing.T) {
	const sizes = " (sizes in a cell are below 2 GB, and its memory is limited to 512 MB by TABCELL_MEMORY_LIMIT_MB)"
	const memory = " (the memory limit is 512 MB, TABCELL_MEMORY_LIMIT_MB)"
	for _, c := range []struct {
		class, text string
		denied      bool // the host refused memory
		limit       error
		named       string
	}{
		{"MemoryError", "", false, ErrMemory, "the script exceeded its memory limit of 512 MB (TABCELL_MEMORY_LIMIT_MB)"},
		{"MemoryError", "own text", false, nil, "own text"},
		{"MemoryError", "own text", true, ErrMemory, "own text" + memory},
		{"_ArrayMemoryError", "Unable to allocate 8. GiB", false, ErrMemory, "Unable to allocate 8. GiB" + memory},
		{"KeyError", "x", true, nil, "x"},
		{"OverflowError", "cannot fit 'int' into an index-sized integer", false, ErrCellLimit, "cannot fit 'int' into an index-sized integer" + sizes},
		{"ValueError", "array is too big; `arr.size` is too large", false, ErrCellLimit, "array is too big; `arr.size` is too large" + sizes},
		{"OverflowError", "math range error", false, nil, "math range error"},
		{"OSError", "[Errno 51] No space left on device (/tmp of a cell holds at most 1000 files and folders): '/tmp/x'", false, ErrCellLimit,
			"[Errno 51] No space left on device (/tmp of a cell holds at most 1000 files and folders): '/tmp/x'"},
		{"OSError", "[Errno 51] No space left on device (/tmp is part of the memory of the cell, which TABCELL_MEMORY_LIMIT_MB limits)", true, ErrMemory,
			"[Errno 51] No space left on device (/tmp is part of the memory of the cell, which TABCELL_MEMORY_LIMIT_MB limits)"},
		{"OSError", "[Errno 33] Too many open files: 'x'", false, ErrCellLimit, "[Errno 33] Too many open files: 'x' (a script can have 252 files open)"},
		{"OSError", "[Errno 22] File too large", false, ErrCellLimit, "[Errno 22] File too large (a file in a cell is smaller than 2 GB)"},
		{"FileNotFoundError", "[Errno 44] No such file or directory: 'Too many open files'", false, nil, "[Errno 44] No such file or directory: 'Too many open files'"},
	} {
		named, limit := (&call{limits: Limits{Memory: 512 << 20}, memoryDenied: c.denied}).exceeded(c.class, c.text)
		if limit != c.limit || named != c.named {
			t.Errorf("%s %q: limit %v, text %q, want %v, %q", c.class, c.text, limit, named, c.limit, c.named)
		}
		err := &ScriptError{Kind: KindScript, Class: c.class, Text: named, Limit: limit}
		if errors.Is(err, ErrMemory) != (c.limit == ErrMemory) || errors.Is(err, ErrCellLimit) != (c.limit == ErrCellLimit) || errors.Is(err, ErrTimeout) {
			t.Errorf("%s %q is equal to the wrong limit", c.class, c.text)
		}
	}
}

// A call that waits until its time is over gets an error with the limit and its setting.
func TestTimeoutWhileWaiting(t *testing.T) {
	err := Limits{Timeout: 3 * time.Second}.whileWaiting(ErrTimeout)
	if !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "of 3s (TABCELL_EVALUATE_TIMEOUT) before it could run") {
		t.Error(err)
	}
	if err := (Limits{}).whileWaiting(ErrClosed); err != ErrClosed {
		t.Error(err)
	}
}
