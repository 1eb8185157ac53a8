package wheel

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tabcell/runtime/wheel/requirement"
)

// chooseVersions keeps the newest wheel of each distribution. A refused file of a distribution of
// which another wheel is used does no harm.
func (f *Folder) chooseVersions() {
	newest := map[string]*File{}
	for i := range f.Files {
		file := &f.Files[i]
		other := newest[file.distributionName()]
		if file.State == Used && (other == nil || file.version.Compare(other.version) > 0) {
			newest[file.distributionName()] = file
		}
	}
	for i := range f.Files {
		file := &f.Files[i]
		best := newest[file.distributionName()]
		switch {
		case best == nil || best == file:
		case file.State == Refused:
			file.leave(best.File + " is used in its place")
		case file.version.Compare(best.version) < 0:
			file.leave(best.File + " is newer")
		default:
			file.leave(best.File + " has the same version")
		}
	}
}

// leave marks a file as not needed.
func (file *File) leave(reason string) { file.State, file.Reason, file.Advice = Unused, reason, "" }

// compareWithLibrary decides between wheels and the library. A wheel replaces a distribution that
// is pure Python and not part of the interpreter's image. It must not replace others: compiled
// code and what is loaded already fit each other.
func (f *Folder) compareWithLibrary(library Library) {
	for i := range f.Files {
		file := &f.Files[i]
		d := library.find(file.distributionName())
		switch {
		case file.State == Unused:
		case d == nil:
			file.omitModules(library)
		case d.Guest != "extra":
			file.leave(fmt.Sprintf("tabcell contains %s %s, which a wheel cannot replace", d.Name, d.Version))
		case file.State == Refused:
			file.leave(fmt.Sprintf("tabcell's own %s %s is used, because the wheel cannot be: %s", d.Name, d.Version, file.Reason))
		default:
			file.replaced = d
			file.Notes = append(file.Notes, fmt.Sprintf("it replaces %s %s of tabcell", d.Name, d.Version))
		}
	}
}

func (l Library) find(name string) *Distribution {
	for i := range l.Distributions {
		if requirement.Normalize(l.Distributions[i].Name) == name {
			return &l.Distributions[i]
		}
	}
	return nil
}

// omitModules leaves out the top-level modules that the library has, for example those of
// backports. A namespace package is shared with the library.
func (file *File) omitModules(library Library) {
	if file.State != Used {
		return
	}
	for _, module := range slices.Clone(file.Modules) {
		if !library.HasModule(module) || isNamespace(file.Resources["m:"+module]) {
			continue
		}
		file.omit(module)
		file.Notes = append(file.Notes, fmt.Sprintf("its module %s is not used, because tabcell contains one of this name", module))
	}
	if len(file.Modules) == 0 {
		file.leave("tabcell contains its modules")
		file.Notes = nil
	}
}

// separateModules leaves out files that an earlier wheel has too, except equal ones. Wheels often
// contain a folder such as tests by mistake, so this is not an error.
func (f *Folder) separateModules() {
	owner := map[string]*File{}
	for i := range f.Files {
		file := &f.Files[i]
		if file.State != Used {
			continue
		}
		shared := map[string]string{} // file of the owner by top-level module
		for name, b := range file.Resources {
			other := owner[name]
			switch {
			case other == nil || isNamespace(other.Resources[name]):
				owner[name] = file
			case isNamespace(b) || bytes.Equal(b, other.Resources[name]): // Add adds one of them
			default:
				delete(file.Resources, name)
				shared[topOf(name)] = other.File
			}
		}
		for _, module := range slices.Sorted(maps.Keys(shared)) {
			file.Notes = append(file.Notes, fmt.Sprintf("%s contains %s too, and its files are used where both have one", shared[module], module))
		}
	}
}

// topOf returns the top-level module or folder to which a resource belongs.
func topOf(name string) string {
	if path, ok := strings.CutPrefix(name, "f:/lib/"); ok {
		top, _, _ := strings.Cut(path, "/")
		return top
	}
	top, _, _ := strings.Cut(strings.TrimPrefix(name, "m:"), ".")
	return top
}
