package audit

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Problem is a place where a trail is not the one that was written.
type Problem struct {
	File   string `json:"file"`
	Line   int    `json:"line"` // counted from 1; 0 for the file as a whole
	Reason string `json:"reason"`
}

func (p Problem) String() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", p.File, p.Reason)
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Reason)
}

// maxProblems limits the problems that a Report lists.
const maxProblems = 100

// Report is the result of a verification.
type Report struct {
	Files    int       `json:"files"` // without head files
	Lines    uint64    `json:"lines"` // without those out of order
	Chains   int       `json:"chains"`
	First    uint64    `json:"first"` // sequence number of the first line; 0 if there is none
	Last     uint64    `json:"last"`
	From     string    `json:"from"` // time of the first line
	To       string    `json:"to"`
	Head     string    `json:"head"`     // hash of the last line
	Torn     int       `json:"torn"`     // lines without an end, which a "recovered" line accounts for
	Lost     uint64    `json:"lost"`     // events that could not be stored, as the trail itself records
	Problems []Problem `json:"problems"` // at most maxProblems
	More     int       `json:"more"`     // problems beyond those
}

// Intact reports whether the trail is the one that was written.
func (r Report) Intact() bool { return len(r.Problems) == 0 }

// Options are the demands on a trail.
type Options struct {
	// Stream permits chains that begin in the middle, one for each start of the server, and text
	// before each line. Trails that were collected from standard output and syslog need it.
	Stream bool
	// Complete demands that the trail begins with the first line that was ever written.
	Complete bool
}

// VerifyFiles verifies the trail in the given files, in the order of their first lines. If a file
// has a head file, the trail must end with the line that it names, or after it. The error is
// about a file that cannot be read.
func VerifyFiles(paths []string, o Options) (Report, error) {
	sorted, err := sortFiles(paths)
	if err != nil {
		return Report{}, err
	}
	heads, err := readHeads(sorted) // before the files, to which a running server adds lines
	if err != nil {
		return Report{}, err
	}
	v := &verifier{options: o, report: Report{Files: len(sorted)}}
	for _, path := range sorted {
		if err := v.readFile(path); err != nil {
			return v.report, err
		}
	}
	v.finish(heads)
	return v.report, nil
}

// headFile is the content of a head file.
type headFile struct {
	path  string
	at    position
	valid bool
}

// readHeads reads the head files that belong to the given files.
func readHeads(paths []string) (heads []headFile, err error) {
	for _, path := range paths {
		text, err := os.ReadFile(path + headSuffix)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		at, ok := parseHead(text)
		heads = append(heads, headFile{path + headSuffix, at, ok})
	}
	return heads, nil
}

// finish compares the end of the trail with the head files.
func (v *verifier) finish(heads []headFile) {
	v.line = 0
	if v.report.Lines == 0 && v.report.Problems == nil {
		v.problem("there is no line of an audit trail")
	}
	for _, h := range heads {
		v.file = h.path
		switch {
		case !h.valid:
			v.problem("the head file is damaged; whether lines are missing at the end is not known")
		case h.at.seq > v.last.seq:
			v.problem(missing(v.last.seq+1, h.at.seq) + " at the end of the trail")
		case h.at.seq == v.last.seq && h.at.hash != v.last.hash:
			v.problem(fmt.Sprintf("line %d is not the one that was written last", h.at.seq))
		}
	}
}

// sortFiles sorts files by the sequence number of their first line. Files that do not begin with a
// line keep their order, before the others. Head files, which patterns such as audit.jsonl* match,
// are left out.
func sortFiles(paths []string) ([]string, error) {
	paths = slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return strings.HasSuffix(path, headSuffix) })
	first := map[string]uint64{}
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		first[path] = firstSeq(f)
		_ = f.Close() // it was only read
	}
	slices.SortStableFunc(paths, func(a, b string) int { return cmp.Compare(first[a], first[b]) })
	return slices.Compact(paths), nil
}
