package audit

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"sort"
)

// Entry is a line of a trail, for programs that show it.
type Entry struct {
	record
	Hash   string `json:"hash"`
	Intact bool   `json:"intact"` // the content of the line matches its hash
}

// Number returns the sequence number of the line.
func (e Entry) Number() uint64 { return e.Seq }

// MaxTail is the largest number of lines that Tail returns.
const MaxTail = 200

// ErrNoFile is the error of Tail for a trail that is not in a file.
var ErrNoFile = errors.New("the audit trail does not go to a file, so the server cannot read it")

// Tail returns the last lines of a trail in a file, the newest first, and whether there are earlier
// ones. Only lines with a smaller sequence number than before count, unless before is 0. Text that
// is not a line is left out; VerifyFiles reports it. Tail reads at most maxTailBytes.
func (t *Trail) Tail(before uint64, limit int) (entries []Entry, more bool, err error) {
	f, ok := t.sink.(*fileSink)
	if !ok {
		return nil, false, ErrNoFile
	}
	w := tailWalk{before: before, limit: min(limit, MaxTail) + 1, bytes: maxTailBytes}
	for _, path := range slices.Backward(append(Rotated(f.path), f.path)) {
		if err := w.readFile(path); err != nil {
			return nil, false, err
		}
		if w.done() {
			break
		}
	}
	if more = len(w.entries) == w.limit || w.bytes <= 0; len(w.entries) == w.limit {
		w.entries = w.entries[:w.limit-1]
	}
	return w.entries, more, nil
}

const (
	// tailBlock is the number of bytes that are read at once. A line fits into it.
	tailBlock = 64 << 10
	// maxTailBytes limits the bytes that one Tail reads: MaxTail lines of the greatest length, and some more.
	maxTailBytes = 8 << 20
)

// tailWalk collects lines from the end of the trail.
type tailWalk struct {
	before  uint64
	limit   int
	bytes   int // that may still be read
	entries []Entry
}

func (w *tailWalk) done() bool { return len(w.entries) >= w.limit || w.bytes <= 0 }

// readFile collects the lines of one file. A file that is missing has just been rotated or removed.
func (w *tailWalk) readFile(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	end := info.Size()
	if w.before > 0 {
		end = w.find(f, end)
	}
	return w.readBackwards(f, end)
}

// find returns an offset before which all lines with a smaller sequence number than before begin.
// The lines are in the order of their numbers.
func (w *tailWalk) find(f *os.File, size int64) int64 {
	block := make([]byte, 2*maxLine)
	blocks := int(size / tailBlock)
	first := sort.Search(blocks, func(i int) bool { // the first block after which a greater number begins
		n, _ := f.ReadAt(block, int64(i)*tailBlock)
		w.bytes -= n
		number := firstNumber(block[:n])
		return number >= w.before
	})
	return min(size, int64(first+1)*tailBlock)
}

// firstNumber returns the sequence number of the first whole line in text, or 0 if there is none.
func firstNumber(text []byte) uint64 {
	for line := range bytes.Lines(text) {
		if r, _, err := decode(line); err == nil {
			return r.Seq
		}
	}
	return 0
}

// readBackwards collects the lines that end at or before an offset.
func (w *tailWalk) readBackwards(f *os.File, end int64) error {
	var rest []byte // the beginning of a line whose other part has been read
	for end > 0 && !w.done() {
		begin := max(0, end-tailBlock)
		text := make([]byte, end-begin, int(end-begin)+len(rest))
		if _, err := f.ReadAt(text, begin); err != nil && err != io.EOF {
			return err
		}
		w.bytes -= len(text)
		text = append(text, rest...)
		start := 0
		if begin > 0 { // the first line may have begun earlier
			start = bytes.IndexByte(text, '\n') + 1
		}
		rest = text[:start]
		if len(rest) > tailBlock {
			rest = nil // not a line of a trail
		}
		w.collect(text[start:])
		end = begin
	}
	return nil
}

// collect collects the lines in text, the last one first.
func (w *tailWalk) collect(text []byte) {
	for _, line := range slices.Backward(bytes.Split(text, []byte("\n"))) {
		r, hash, err := decode(line)
		if err != nil && !errors.Is(err, errChanged) || w.before > 0 && r.Seq >= w.before {
			continue
		}
		if len(w.entries) < w.limit {
			w.entries = append(w.entries, Entry{r, hash, err == nil})
		}
	}
}
