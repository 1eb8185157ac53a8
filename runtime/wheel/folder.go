package wheel

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tabcell/runtime/wheel/requirement"
)

// State says whether scripts can import the modules of a file.
type State string

// The states of a file.
const (
	Used    State = "used"
	Unused  State = "unused"  // something else takes its place: a newer wheel, or the library
	Refused State = "refused" // its modules are missing
)

// File is a wheel, or another archive, in a folder.
type File struct {
	Wheel
	State  State
	Reason string   // why it is not used, or ""
	Advice string   // what to do about it, or ""
	Notes  []string // remarks about a wheel that is used
	Needs  []Need

	replaced *Distribution // of the library, or nil
}

// Need is a requirement of a wheel, or of a distribution of the library for which a wheel takes
// the place of another distribution.
type Need struct {
	Requirement string `json:"requirement"`       // such as "urllib3<3,>=1.26"
	Of          string `json:"of,omitempty"`      // the distribution of the library that has it, or ""
	By          string `json:"by,omitempty"`      // the distribution that is there, or ""
	Problem     string `json:"problem,omitempty"` // "" if it is satisfied
	Advice      string `json:"advice,omitempty"`  // what to do about the problem

	// Download is the requirement if another wheel would resolve the problem, or "".
	Download string `json:"-"`

	provider *provider // that of By, or nil
}

// Distribution is a package of the library.
type Distribution struct {
	Name    string
	Version string
	Guest   string // core, full, or extra: pure Python, which a wheel may replace
}

// Library describes the contents of the guests.
type Library struct {
	Python        string // version, such as 3.13.15
	Distributions []Distribution
	// HasModule reports whether a guest has a top-level module.
	HasModule func(name string) bool
	// Metadata returns the METADATA of a distribution, or nil. It is called only for wheels that
	// replace a distribution or need an extra of one. It may be nil.
	Metadata func(Distribution) []byte
	// Advice returns the alternative to a module that cells cannot have, or "". It may be nil.
	Advice func(module string) string
}

// Folder is the content of a folder of wheels.
type Folder struct {
	Dir   string
	Files []File // by name
}

// notWheels are the name endings of archives that an administrator may take for wheels.
var notWheels = []string{".tar.gz", ".tar.bz2", ".zip", ".egg", ".conda"}

// Open reads the wheels in a folder and decides which are used. It returns an error only if the
// folder cannot be read.
func Open(dir string, library Library) (*Folder, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{Dir: dir}
	for _, entry := range entries {
		switch name := entry.Name(); {
		case entry.IsDir():
		case strings.HasSuffix(name, ".whl"):
			f.Files = append(f.Files, f.read(name, library))
		case slices.ContainsFunc(notWheels, func(suffix string) bool { return strings.HasSuffix(name, suffix) }):
			f.Files = append(f.Files, f.sourceArchive(name))
		}
	}
	f.chooseVersions()
	f.compareWithLibrary(library)
	f.separateModules()
	f.resolve(library)
	return f, nil
}

// Used returns the wheels that are used.
func (f *Folder) Used() (wheels []Wheel) {
	for _, file := range f.Files {
		if file.State == Used {
			wheels = append(wheels, file.Wheel)
		}
	}
	return wheels
}

// Preload returns the modules of the used wheels that a guest can import in advance. Those of
// wheels that need a package of the guest "full" are imported only there.
func (f *Folder) Preload(guest string) (modules []string) {
	for i := range f.Files {
		file := &f.Files[i]
		if file.State == Used && (guest == "full" || !f.needsFull(file, map[*File]bool{})) {
			modules = append(modules, file.Imports()...)
		}
	}
	return modules
}

// needsFull reports whether a wheel needs a package of the guest "full", itself or through others.
func (f *Folder) needsFull(file *File, seen map[*File]bool) bool {
	if seen[file] {
		return false
	}
	seen[file] = true
	return slices.ContainsFunc(file.Needs, func(n Need) bool {
		return n.provider != nil && (n.provider.own != nil && n.provider.own.Guest == "full" || n.provider.file != nil && f.needsFull(n.provider.file, seen))
	})
}

// Replaced returns the names of the library's distributions that wheels replace.
func (f *Folder) Replaced() (names []string) {
	for _, file := range f.Files {
		if file.replaced != nil {
			names = append(names, file.replaced.Name)
		}
	}
	return names
}

// Missing returns the reasons why modules of refused files are missing, by top-level module.
func (f *Folder) Missing() map[string]string {
	reasons := map[string]string{}
	for _, file := range f.Files {
		modules := file.Modules
		if len(modules) == 0 {
			modules = []string{strings.NewReplacer("-", "_", ".", "_").Replace(file.Name)}
		}
		for _, module := range modules {
			if file.State == Refused {
				reasons[module] = fmt.Sprintf("%s is not used: %s", file.File, file.Reason)
			}
		}
	}
	for _, w := range f.Used() { // another version may be used
		for _, module := range w.Modules {
			delete(reasons, module)
		}
	}
	return reasons
}

// read reads a wheel.
func (f *Folder) read(name string, library Library) File {
	w, err := Read(filepath.Join(f.Dir, name), library.Python)
	if err == nil {
		return File{Wheel: w, State: Used}
	}
	file := File{Wheel: w, State: Refused, Reason: err.Error()}
	if errors.Is(err, errNative) {
		file.Advice = nativeAdvice(f.Dir, w, library)
	}
	return file
}

// nativeAdvice returns what to do about a wheel with compiled code.
func nativeAdvice(dir string, w Wheel, library Library) string {
	for _, module := range w.Modules {
		if library.Advice == nil {
			break
		}
		if advice := library.Advice(module); advice != "" {
			return advice
		}
	}
	return "look for a version without compiled code: " + Download(dir, library.Python, w.Name)
}

// sourceArchive returns the file of an archive that is not a wheel.
func (f *Folder) sourceArchive(name string) File {
	file := File{Wheel: Wheel{File: name}, State: Refused, Reason: "it is not a wheel"}
	file.Name, file.Version = fileNameParts(name)
	file.Advice = "make a wheel of it: pip wheel --no-deps -w " + f.Dir + " " + filepath.Join(f.Dir, name)
	return file
}

// Download returns the command that downloads wheels without compiled code.
func Download(dir, python string, requirements ...string) string {
	command := fmt.Sprintf("pip download --no-deps --only-binary :all: --platform any --python-version 3.%d --implementation py --abi none -d %s",
		minor(python), dir)
	for _, r := range requirements {
		if strings.ContainsAny(r, "<>!=~ ;[]()") {
			r = `"` + r + `"`
		}
		command += " " + r
	}
	return command
}

// distributionName returns the name by which a file is compared with others.
func (file *File) distributionName() string { return requirement.Normalize(file.Name) }
