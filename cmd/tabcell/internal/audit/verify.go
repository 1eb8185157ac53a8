package audit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// verifier follows a chain through several files.
type verifier struct {
	options Options
	report  Report
	last    position // of the last line; the zero value before the first
	file    string
	line    int
	torn    *tear // what is not a line since the last line of this file; nil if there is nothing
	tornAt  int   // the number of its first line
	feed    bool  // a line feed follows torn
}

func (v *verifier) readFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(v.read(path, f), f.Close())
}

// read verifies one file.
func (v *verifier) read(name string, src io.Reader) error {
	v.file, v.line, v.torn = name, 0, nil
	in := bufio.NewReaderSize(src, maxLine)
	for begins := true; ; {
		text, err := in.ReadSlice('\n')
		whole := !errors.Is(err, bufio.ErrBufferFull)
		if len(text) > 0 {
			if begins {
				v.line++
			}
			v.check(text, begins && whole)
			begins = whole
		}
		switch {
		case err == io.EOF:
			v.endFile()
			return nil
		case err != nil && whole:
			return err
		}
	}
}

// endFile reports a tear at the end of a file.
func (v *verifier) endFile() {
	if v.torn != nil {
		v.problemAt(v.tornAt, "the line has no end, and no later line accounts for it; after a crash the next start of the server adds that line")
	}
}

// check verifies the next line. A line that is longer than any line of a trail arrives in parts,
// none of which is whole.
func (v *verifier) check(text []byte, whole bool) {
	if at := bytes.Index(text, []byte(`{"seq":`)); v.options.Stream && at > 0 {
		text = text[at:]
	}
	r, hash, err := decode(text)
	if !whole || errors.Is(err, errNotLine) {
		v.addTear(text)
		return
	}
	v.checkTear(r)
	if err != nil {
		v.problem(err.Error())
	}
	v.checkOrder(r)
	v.accept(r, hash)
}

// addTear adds bytes that are not a line. The line feed that ends a tear does not belong to it.
func (v *verifier) addTear(text []byte) {
	if v.options.Stream {
		return // another program's line; a missing line is found by its number
	}
	if v.torn == nil {
		v.torn, v.tornAt = newTear(nil), v.line
	} else if v.feed {
		v.torn.add([]byte("\n"))
	}
	content := bytes.TrimSuffix(text, []byte("\n"))
	v.feed = len(content) < len(text)
	v.torn.add(content)
}

// checkTear checks that r accounts for the tear before it, if there is one.
func (v *verifier) checkTear(r record) {
	torn := v.torn
	v.torn = nil
	switch {
	case torn == nil && r.Event == recovered && !v.options.Stream:
		v.problem("the line accounts for a line without an end, but the line before it is complete")
	case torn == nil:
	case r.Event == recovered && r.TornBytes == torn.size && r.TornSHA256 == torn.digest():
		v.report.Torn++
	default:
		v.problemAt(v.tornAt, errNotLine.Error())
	}
}

// checkOrder checks that r follows the last line.
func (v *verifier) checkOrder(r record) {
	begins := r.Seq == 1 && r.Prev == origin.hash
	switch {
	case v.last.seq == 0, begins && v.options.Stream:
		v.report.Chains++
		if r.Seq == 1 && !begins {
			v.problem("the first line names a line before it")
		}
		if v.options.Complete && r.Seq > 1 {
			v.problem(missing(1, r.Seq-1))
		}
	case begins:
		v.problem("a new chain begins here; the one before it was given up, or its end was removed")
	case r.Seq == v.last.seq+1:
		if r.Prev != v.last.hash {
			v.problem("the line does not follow the one before it, which was replaced")
		}
	case r.Seq > v.last.seq:
		v.problem(missing(v.last.seq+1, r.Seq-1) + " before this one")
	default:
		v.problem(fmt.Sprintf("line %d is out of order or appears twice; line %d is expected here", r.Seq, v.last.seq+1))
	}
}

// missing describes missing lines by their sequence numbers.
func missing(from, to uint64) string {
	if from == to {
		return fmt.Sprintf("line %d is missing", from)
	}
	return fmt.Sprintf("lines %d to %d are missing", from, to)
}

// accept makes r the last line. A line that is out of order is not expected to be continued.
func (v *verifier) accept(r record, hash string) {
	begins := r.Seq == 1 && r.Prev == origin.hash
	if r.Seq <= v.last.seq && !begins {
		return
	}
	if v.report.Lines == 0 {
		v.report.First, v.report.From = r.Seq, r.Time
	}
	v.report.Lines++
	v.report.Lost += r.Lost
	v.report.Last, v.report.To, v.report.Head = r.Seq, r.Time, hash
	v.last = position{r.Seq, hash}
}

func (v *verifier) problem(reason string) { v.problemAt(v.line, reason) }

func (v *verifier) problemAt(line int, reason string) {
	if len(v.report.Problems) == maxProblems {
		v.report.More++
		return
	}
	v.report.Problems = append(v.report.Problems, Problem{v.file, line, reason})
}
