package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// resumeWindow is how much of the end of a file is read to find its last line.
const resumeWindow = 1 << 20

// ending is the state of a file's end.
type ending struct {
	last    position // of the last line; the zero value if the file has no line
	torn    []byte   // the bytes after the last line feed that are not a line
	open    bool     // the last line lacks only its line feed
	damaged bool     // the last complete line is not a valid line
}

// readEnding reads the end of a file.
func readEnding(f *os.File) (ending, error) {
	info, err := f.Stat()
	if err != nil {
		return ending{}, err
	}
	from := max(0, info.Size()-resumeWindow)
	text, err := io.ReadAll(io.NewSectionReader(f, from, info.Size()-from))
	if err != nil {
		return ending{}, err
	}
	return endingOf(text, from > 0), nil
}

// endingOf returns the ending of a file with the given end. If partial is set, the file begins
// before text, and the first line of text may be incomplete.
func endingOf(text []byte, partial bool) ending {
	feed := bytes.LastIndexByte(text, '\n')
	rest := text[feed+1:]
	if r, hash, err := decode(rest); err == nil {
		return ending{last: position{r.Seq, hash}, open: true}
	}
	e := ending{torn: rest}
	if feed < 0 {
		e.damaged = partial
		return e
	}
	begin := bytes.LastIndexByte(text[:feed], '\n') + 1
	r, hash, err := decode(text[begin:feed])
	if e.damaged = err != nil; !e.damaged {
		e.last = position{r.Seq, hash}
	}
	return e
}

// headText is the content of a head file: a sequence number and a hash. Its length is fixed, so
// that it can be replaced in place.
func headText(at position) []byte { return fmt.Appendf(nil, "%020d %s\n", at.seq, at.hash) }

// parseHead returns the position in the content of a head file.
func parseHead(text []byte) (at position, ok bool) {
	n, err := fmt.Sscanf(string(text), "%020d %64s\n", &at.seq, &at.hash)
	return at, err == nil && n == 2 && bytes.Equal(headText(at), text)
}

// errDamagedEnd means that neither the file nor its head file shows where the chain continues.
var errDamagedEnd = errors.New("the last line of the audit trail is damaged and there is no head file; " +
	"move the file away to begin a new chain, and see `tabcell audit verify`")

// resumeFrom returns the position after which the chain continues, and a note for the log if
// something is wrong. Missing lines leave a gap, which verification reports.
func resumeFrom(e ending, head position, hasHead bool) (at position, note string, err error) {
	switch {
	case !hasHead && e.damaged:
		return at, "", errDamagedEnd
	case !hasHead && e.last.seq == 0:
		return origin, "", nil
	case !hasHead:
		return e.last, "the head file of the audit trail is missing; whether lines are missing at the end is not known", nil
	case e.damaged:
		return head, "the last line of the audit trail is damaged; run `tabcell audit verify`", nil
	case e.last.seq == 0:
		return head, "", nil // moved away by a rotation
	case e.last.seq < head.seq:
		return head, fmt.Sprintf("the audit trail ends with line %d, but line %d was written; the lines between are missing", e.last.seq, head.seq), nil
	case e.last.seq == head.seq && e.last.hash != head.hash:
		return head, "the last line of the audit trail was replaced; run `tabcell audit verify`", nil
	}
	return e.last, "", nil
}
