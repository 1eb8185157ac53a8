package buildinfo

import (
	"bytes"
	"debug/elf"
	"os"
	"path/filepath"
	goruntime "runtime"
	"sync"

	"tabcell/runtime"
	"tabcell/runtime/osfile"
	"tabcell/settings"
)

// Program returns the path and the identity of the running executable. Code that was compiled ahead
// of time is valid only for the program that compiled it, because the program contains the
// rewriter and the compiler. If the path is unknown, the result is the zero Program.
var Program = sync.OnceValue(func() runtime.Program {
	path := ProgramPath()
	if path == "" {
		return runtime.Program{}
	}
	file := path
	if goruntime.GOOS == "linux" {
		file = "/proc/self/exe" // is the running program even if the file at path was replaced
	}
	return runtime.Program{Path: path, Digest: identity(file)}
})

// identity returns a digest that only builds with the same content have, or "" if the file cannot
// be read. It is the digest of the build ID in an ELF file, in which the go command puts a hash of
// the content, and otherwise of the file. Reading 90 MB took a quarter of the time of a warm start.
func identity(file string) string {
	if id := buildID(file); len(id) > 0 {
		return osfile.Digest(id)
	}
	digest, _ := osfile.DigestFile(file)
	return digest
}

// buildID returns the note with Go's build ID, or nil if the file has none.
func buildID(file string) []byte {
	f, err := elf.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	section := f.Section(".note.go.buildid")
	if section == nil {
		return nil
	}
	note, err := section.Data()
	if err != nil || bytes.Count(note, []byte{'/'}) < 3 { // a linker without the go command leaves no hashes
		return nil
	}
	return note
}

// ProgramPath returns the path of the running executable, with symbolic links resolved, or "" if it
// is unknown.
func ProgramPath() string {
	path, err := os.Executable()
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return ""
	}
	return path
}

// CodeFolder is the default name of the folder of compiled code. It is next to the program, or in
// lib/tabcell for a program in bin, as packages install it.
const CodeFolder = "tabcell-code"

// CodeDir returns the folder of the code that was compiled ahead of time, or "" if there is none:
// the configured folder, or else the first of the default folders that exists.
func CodeDir(c settings.Cells, program string) string {
	if c.CodeDir != "" || program == "" {
		return c.CodeDir
	}
	for _, dir := range codeDirs(program) {
		if _, err := os.Stat(dir); err == nil {
			return dir
		}
	}
	return ""
}

// codeDirs returns the default folders of compiled code of a program.
func codeDirs(program string) []string {
	folder := filepath.Dir(program)
	dirs := []string{filepath.Join(folder, CodeFolder)}
	if filepath.Base(folder) == "bin" {
		dirs = append(dirs, filepath.Join(filepath.Dir(folder), "lib", "tabcell", CodeFolder))
	}
	return dirs
}
