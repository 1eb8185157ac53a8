package buildinfo

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	goruntime "runtime"
	"sync"

	"tabcell/runtime"
	"tabcell/settings"
)

// Program is the file that runs. Compiled code that was made ahead is for one program: for the rewriter and the compiler in it.
var Program = sync.OnceValue(func() runtime.Program {
	path := ProgramPath()
	if path == "" {
		return runtime.Program{}
	}
	content := path
	if goruntime.GOOS == "linux" {
		content = "/proc/self/exe" // also where the file was replaced while it runs
	}
	return runtime.Program{Path: path, Digest: fileDigest(content)}
})

// ProgramPath is "" when it is not known.
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

// fileDigest is "" for a file that cannot be read.
func fileDigest(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

// CodeFolder is the name of the folder of compiled code beside the program.
const CodeFolder = "tabcell-code"

// CodeDir is the folder of compiled code that was made ahead; "" for none.
func CodeDir(c settings.Cells, program string) string {
	if c.CodeDir != "" || program == "" {
		return c.CodeDir
	}
	beside := filepath.Join(filepath.Dir(program), CodeFolder)
	if _, err := os.Stat(beside); err != nil {
		return ""
	}
	return beside
}
