package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/Masterminds/semver/v3"
)

// msi writes the MSI package for Windows on amd64, if wixl is installed. It is not compared with a
// second build: wixl draws the codes of the product and the package at random, and writes the time.
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
	cmd := exec.CommandContext(b.ctx, "wixl", "-a", "x64", "-D", "Version="+number, "-o", file,
		filepath.Join(b.root, "assets", "install", "windows", "tabcell.wxs"))
	cmd.Dir = filepath.Dir(b.programs[platform]) // for the relative path of the program
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("wixl: %w\n%s", err, bytes.TrimSpace(text))
	}
	return b.progress.done("", file)
}

// msiVersion returns a version as Windows' installer compares it, which is without a prerelease.
func msiVersion(version string) (string, error) {
	v, err := semver.StrictNewVersion(version)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d.%d.%d", v.Major(), v.Minor(), v.Patch()), nil
}
