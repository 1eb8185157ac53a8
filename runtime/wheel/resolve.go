package wheel

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tabcell/runtime/wheel/requirement"
)

// provider is a distribution that can satisfy requirements: a wheel of the folder, or one of the
// library.
type provider struct {
	version requirement.Version
	file    *File         // nil if it is one of the library
	own     *Distribution // nil if it is a wheel
	checked map[string]bool
}

// resolver checks the requirements of the wheels.
type resolver struct {
	library   Library
	dir       string
	env       requirement.Environment
	providers map[string]*provider // by normalised name
}

// resolve checks the requirements of the used wheels, and those of the library's distributions on
// distributions that wheels replace.
func (f *Folder) resolve(library Library) {
	r := &resolver{library, f.Dir, requirement.Cell(library.Python), map[string]*provider{}}
	for i := range library.Distributions {
		d := &library.Distributions[i]
		v, _ := requirement.ParseVersion(d.Version)
		r.providers[requirement.Normalize(d.Name)] = &provider{version: v, own: d, checked: map[string]bool{}}
	}
	for i := range f.Files {
		if file := &f.Files[i]; file.State == Used {
			r.providers[file.distributionName()] = &provider{version: file.version, file: file, checked: map[string]bool{}}
		}
	}
	for i := range f.Files {
		file := &f.Files[i]
		if file.State != Used {
			continue
		}
		for _, err := range file.meta.invalid {
			file.Needs = append(file.Needs, Need{Problem: err.Error()})
		}
		r.check(file.distributionName(), "", file)
	}
	if names := f.Replaced(); len(names) > 0 {
		r.checkLibrary(names)
	}
	for i := range f.Files {
		slices.SortStableFunc(f.Files[i].Needs, func(a, b Need) int {
			return cmp.Or(strings.Compare(a.Of, b.Of), strings.Compare(strings.ToLower(a.Requirement), strings.ToLower(b.Requirement)))
		})
	}
}

// check checks the requirements that a distribution has for an extra ("" for none), and those of
// the extras that it requires of others. The results are needs of file.
func (r *resolver) check(name, extra string, file *File) {
	p := r.providers[name]
	if p == nil || p.checked[extra] {
		return
	}
	p.checked[extra] = true
	of := ""
	if p.own != nil {
		of = p.own.Name
	}
	for _, q := range r.requires(p) {
		if !q.Applies(r.env, extra) || extra != "" && q.Applies(r.env, "") {
			continue
		}
		file.Needs = append(file.Needs, r.need(q, of, file))
		for _, e := range q.Extras {
			r.check(q.Name, e, r.fileOf(q.Name, file))
		}
	}
}

// fileOf returns the file to which the needs of a distribution are added: its own, or that of the
// wheel which requires it.
func (r *resolver) fileOf(name string, by *File) *File {
	if p := r.providers[name]; p != nil && p.file != nil {
		return p.file
	}
	return by
}

// requires returns the requirements of a distribution.
func (r *resolver) requires(p *provider) []requirement.Requirement {
	if p.file != nil {
		return p.file.meta.requires
	}
	if r.library.Metadata == nil {
		return nil
	}
	return parseRequires(headers(r.library.Metadata(*p.own))).requires
}

// need returns the need of a requirement.
func (r *resolver) need(q requirement.Requirement, of string, file *File) Need {
	p := r.providers[q.Name]
	n := Need{Requirement: q.Text, Of: of, provider: p}
	switch {
	case p == nil:
		n.Problem, n.Download = q.Name+" is missing", q.Text
	case q.Specifiers.Contains(p.version):
		n.By = p.describe()
	case p.own != nil && p.own.Guest != "extra":
		n.By, n.Problem = p.describe(), "the version is wrong, and a wheel cannot replace it"
		n.Advice = fmt.Sprintf("use a version of %s that works with %s %s", file.Name, p.own.Name, p.own.Version)
	default:
		n.By, n.Problem, n.Download = p.describe(), "the version is wrong", q.Text
	}
	if n.Download != "" {
		n.Advice = Download(r.dir, r.library.Python, n.Download)
	}
	return n
}

func (p *provider) describe() string {
	if p.own != nil {
		return fmt.Sprintf("%s %s of tabcell", p.own.Name, p.own.Version)
	}
	return p.file.File
}

// checkLibrary checks the requirements that the library's distributions have for the wheels that
// replace others.
// Only problems are needs of the wheels.
func (r *resolver) checkLibrary(replaced []string) {
	for i := range replaced {
		replaced[i] = requirement.Normalize(replaced[i])
	}
	for _, d := range r.library.Distributions {
		name := requirement.Normalize(d.Name)
		if p := r.providers[name]; p.own == nil {
			continue
		}
		for _, q := range r.requires(r.providers[name]) {
			p := r.providers[q.Name]
			if !slices.Contains(replaced, q.Name) || !q.Applies(r.env, "") || q.Specifiers.Contains(p.version) {
				continue
			}
			p.file.Needs = append(p.file.Needs, Need{
				Requirement: q.Text, Of: d.Name, By: p.describe(), Problem: "the version is wrong",
				Download: q.Text, Advice: Download(r.dir, r.library.Python, q.Text),
			})
		}
	}
}

// Problems returns a line for each unsatisfied requirement.
func (file *File) Problems() (lines []string) {
	for _, n := range file.Needs {
		if n.Problem != "" {
			lines = append(lines, n.String())
		}
	}
	return lines
}

// String returns the need as a sentence without a subject, such as "needs six>=1.9: six 1.17.0 of
// tabcell".
func (n Need) String() string {
	text := "needs " + n.Requirement
	if n.Requirement == "" {
		text = "has an invalid requirement"
	}
	if n.Of != "" {
		text = n.Of + " of tabcell " + text
	}
	for _, part := range []string{n.By, n.Problem} {
		if part != "" {
			text += ": " + part
		}
	}
	return strings.TrimSpace(text)
}
