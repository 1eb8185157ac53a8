package logging

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// rotation moves a file away when it has reached a size or an age.
type rotation interface {
	// due reports whether a file of the given size must be rotated before a line is added.
	due(size, lineSize int64, now time.Time) bool
	// rotate moves the file at path away, which is closed.
	rotate(path string, now time.Time) error
}

// sizeRotation is the rotation of RotatingFileHandler: NAME becomes NAME.1, NAME.1 becomes NAME.2,
// and so on, up to the number of backups.
type sizeRotation struct {
	maxBytes int64 // a file stays below this size, unless it has a single longer line
	backups  int   // at least 1
}

func (s *sizeRotation) due(size, lineSize int64, _ time.Time) bool {
	return size > 0 && size+lineSize >= s.maxBytes
}

func (s *sizeRotation) rotate(path string, _ time.Time) error {
	numbers, err := s.numbers(path)
	if err != nil {
		return err
	}
	for _, n := range slices.Backward(numbers) {
		if err := os.Rename(numbered(path, n), numbered(path, n+1)); err != nil {
			return err
		}
	}
	return os.Rename(path, numbered(path, 1))
}

// numbers returns the numbers of the existing backups that have to be renamed, in ascending order.
// The last backup is not among them, because it is overwritten.
func (s *sizeRotation) numbers(path string) ([]int, error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	var numbers []int
	for _, e := range entries {
		suffix, _ := strings.CutPrefix(e.Name(), filepath.Base(path)+".")
		if n, err := strconv.Atoi(suffix); err == nil && n >= 1 && n < s.backups && filepath.Base(numbered(path, n)) == e.Name() {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, err
}

// numbered returns the name of the n-th backup.
func numbered(path string, n int) string { return path + "." + strconv.Itoa(n) }
