package testenv

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
)

// BuiltPrograms returns the folder for programs that tests build. It is in the user's cache folder,
// so that each is built once.
func BuiltPrograms() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "tabcell-test")
	return dir, os.MkdirAll(dir, 0o755)
}

// Helm returns the path of the program helm: that of TABCELL_HELM, or else one that is built from
// its module, which takes minutes at the first time.
func Helm() (string, error) {
	if program := os.Getenv("TABCELL_HELM"); program != "" {
		return program, nil
	}
	return goProgram("helm.sh/helm/v3/cmd/helm", "v3.22.0")
}

// goProgram returns the path of the program that a package of another module is. It builds the
// program unless that was done before.
func goProgram(pkg, version string) (string, error) {
	dir, err := BuiltPrograms()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, path.Base(pkg)+"-"+version)
	file := filepath.Join(dir, path.Base(pkg))
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	install := exec.Command("go", "install", "-trimpath", "-ldflags=-s -w", pkg+"@"+version)
	install.Dir = os.TempDir() // outside of this module
	install.Env = append(os.Environ(), "GOBIN="+dir, "CGO_ENABLED=0", "GOWORK=off")
	if out, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go install %s@%s: %w\n%s", pkg, version, err, out)
	}
	return file, nil
}
