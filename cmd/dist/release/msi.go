package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/Masterminds/semver/v3"
)

// msi writes the MSI package for Windows on amd64, if wixl is installed.
func (b *builder) msi(platform string) error {
	if !b.has("msi") || platform != "windows/amd64" {
		return nil
	}
	if _, err := exec.LookPath("wixl"); err != nil {
		return b.progress.done("no MSI package, because wixl is not installed (apt-get install wixl)")
	}
	number, err := msiVersion(b.src.Version)
	if err != nil {
		return err
	}
	file := b.path("tabcell-%s-%s.msi", b.src.Version, fileName(platform))
	if err := b.wixl(b.programs[platform], number, file); err != nil {
		return err
	}
	return b.progress.done("", file)
}

// wixl writes the MSI package with a program. The same program and version give the same bytes.
func (b *builder) wixl(program, number, file string) error {
	if err := os.Chtimes(program, b.src.Time, b.src.Time); err != nil { // which the package has
		return err
	}
	cmd := exec.CommandContext(b.ctx, "wixl", "-a", "x64", "-D", "Version="+number, "-D", "ProductCode="+msiCode("product", b.src.Version), "-o", file,
		filepath.Join(b.root, "assets", "install", "windows", "tabcell.wxs"))
	cmd.Dir = filepath.Dir(program) // for the relative path of the program
	cmd.Env = append(os.Environ(), "TZ=UTC")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("wixl: %w\n%s", err, bytes.TrimSpace(text))
	}
	content, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	return fixMSI(file, msiCode("package", fmt.Sprintf("%s %x", b.src.Version, sha256.Sum256(content))), b.src.Time)
}

// fixMSI replaces the random code and the times in the summary of an MSI package.
func fixMSI(file, code string, modified time.Time) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := fixSummary(content, code, modified); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, content, 0o644)
}

// msiVersion returns a version as Windows' installer compares it, which is without a prerelease.
func msiVersion(version string) (string, error) {
	v, err := semver.StrictNewVersion(version)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d.%d.%d", v.Major(), v.Minor(), v.Patch()), nil
}
