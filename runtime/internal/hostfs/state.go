package hostfs

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"tabcell/runtime/internal/grant"
)

// A loaded model stays as it is while its files change. So the state of all files and folders that
// it has used while it was loaded is kept, and compared before each query.

// maxRecords is the number of paths whose state is kept. A model that uses more is loaded again for
// each query.
const maxRecords = 2000

// coarse is the time within which two changes of a file may have the same time. The content of a
// file that has changed so recently is compared too.
const coarse = 3 * time.Second

// record is the state of a path when it was used first.
type record struct {
	path   grant.Path
	info   Info
	code   grant.Code // of the error; 0 if there was none
	list   string     // digest of the entries, if they were listed
	digest string     // of the content of a file that had just changed; "" for others
}

// State is the state of the files and folders that a call has used.
type State struct {
	overflow bool // there were too many

	mu      sync.Mutex
	records []record // guarded by mu
}

// State returns the state of all that the call has used. Options.Record must be set.
func (fs *FS) State() *State {
	s := &State{overflow: len(fs.records) > maxRecords}
	for _, r := range fs.records {
		s.records = append(s.records, r)
	}
	return s
}

// Empty reports whether the call has used nothing.
func (s *State) Empty() bool { return s == nil || len(s.copy()) == 0 }

func (s *State) copy() []record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.records)
}

// Changed reports whether anything that the call has used is different now. The grants are those of
// a later call. A hanging file system counts as unchanged.
func (s *State) Changed(ctx context.Context, g *grant.Grants) bool {
	if s.Empty() {
		return false
	}
	if s.overflow {
		return true
	}
	fs := New(ctx, Options{Grants: &grant.Grants{List: g.List}, Used: func() {}})
	defer fs.End()
	records, checked := s.copy(), time.Now()
	if slices.ContainsFunc(records, fs.differs) {
		return true
	}
	s.settle(checked)
	return false
}

// settle forgets the digests of files that were unchanged at a time when their next change has
// another time.
func (s *State) settle(checked time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.records {
		if r := &s.records[i]; checked.Sub(time.Unix(0, r.info.ModTime)) > coarse {
			r.digest = ""
		}
	}
}

// differs reports whether the state of a path is not that of the record.
func (fs *FS) differs(r record) bool {
	m, rest := fs.find(r.path)
	if m == nil {
		return true
	}
	now := record{path: r.path}
	if r.list != "" {
		entries, err := run(fs.ctx, func() ([]Entry, error) { return m.list(rest) })
		now.list = digestOf(entries)
		return fs.ctx.Err() == nil && (err != nil || now.list != r.list)
	}
	info, err := fs.stat(m, rest)
	if now.info = info; err != nil {
		now.code = err.Code
	}
	if fs.ctx.Err() != nil {
		return false
	}
	if now.info != r.info || now.code != r.code {
		return true
	}
	return r.digest != "" && fs.contentDigest(m, rest) != r.digest
}

// record keeps the state of a path, unless it is kept already.
func (fs *FS) record(p grant.Path, info Info, err *grant.Error) {
	key := "f" + p.String()
	if _, ok := fs.records[key]; ok || !fs.mayRecord() {
		return
	}
	r := record{path: p, info: info}
	r.info.ID = 0
	if err != nil {
		r.info, r.code = Info{}, err.Code
	}
	if info.Kind == File && time.Since(time.Unix(0, info.ModTime)) < coarse {
		m, rest := fs.find(p)
		r.digest = fs.contentDigest(m, rest)
	}
	fs.records[key] = r
}

// recordList keeps the entries of a folder.
func (fs *FS) recordList(p grant.Path, entries []Entry, err *grant.Error) {
	key := "l" + p.String()
	if _, ok := fs.records[key]; ok || !fs.mayRecord() {
		return
	}
	if err != nil {
		fs.record(p, Info{}, err)
		return
	}
	fs.records[key] = record{path: p, list: digestOf(entries)}
}

// mayRecord reports whether states are kept and there is room for one more.
func (fs *FS) mayRecord() bool {
	if !fs.options.Record || len(fs.records) > maxRecords {
		return false
	}
	if fs.records == nil {
		fs.records = map[string]record{}
	}
	return true
}

// digestOf returns the digest of the entries of a folder, in any order.
func digestOf(entries []Entry) string {
	sorted := slices.SortedFunc(slices.Values(entries), func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	h := sha256.New()
	for _, e := range sorted {
		fmt.Fprintf(h, "%d %q\n", e.Kind, e.Name)
	}
	return string(h.Sum(nil))
}

// contentDigest returns the digest of a file, or "" if it cannot be read.
func (fs *FS) contentDigest(m *mount, rest []string) string {
	file, _, failed := fs.open(m, rest)
	if failed != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	digest, err := run(fs.ctx, func() (string, error) {
		h := sha256.New()
		_, err := io.Copy(h, file)
		return string(h.Sum(nil)), err
	})
	if err != nil {
		return ""
	}
	return digest
}
