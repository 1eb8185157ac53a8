package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// compareWithSecond builds the files a second time and compares the lists of their digests, if that
// was asked for. The second build has nothing in common with the first but the commit, the modules
// and this machine: it works in a clone, with an empty build cache and empty folders for patched
// files and compiled code.
func (b *builder) compareWithSecond() error {
	if !b.compare {
		return nil
	}
	dir := filepath.Join(b.work, "second")
	if err := b.buildSecond(dir); err != nil {
		return fmt.Errorf("the second build: %w", err)
	}
	first, err := os.ReadFile(filepath.Join(b.files, sumsName))
	if err != nil {
		return err
	}
	second, err := os.ReadFile(filepath.Join(dir, "files", sumsName))
	if err != nil {
		return err
	}
	if names := differences(first, second); len(names) > 0 {
		return fmt.Errorf("the second build gave other bytes in %s", strings.Join(names, ", "))
	}
	return b.progress.done(fmt.Sprintf("second build: the same bytes in %d files", bytes.Count(second, []byte("\n"))))
}

// buildSecond builds the release in the folder files of dir.
func (b *builder) buildSecond(dir string) error {
	clone := filepath.Join(dir, "source")
	cache := filepath.Join(dir, "cache")
	env := []string{
		"GOCACHE=" + filepath.Join(cache, "go"), "XDG_CACHE_HOME=" + cache, fmt.Sprintf("SOURCE_DATE_EPOCH=%d", b.src.Time.Unix()),
		"GOPROXY=off", "GOTOOLCHAIN=local", // the second build works without network
	}
	if err := b.command(b.root, nil, "git", "clone", "--quiet", "--shared", b.root, clone); err != nil {
		return err
	}
	if err := b.command(clone, nil, "git", "checkout", "--quiet", "--detach", b.src.Revision); err != nil {
		return err
	}
	return b.command(clone, env, "go", "run", "tabcell/cmd/dist", "release", "-version", b.src.Version, "-o", filepath.Join(dir, "files"),
		"-platforms", strings.Join(b.platforms, ","), "-formats", strings.Join(b.formats, ","))
}

// command runs a program in a folder, with additional variables of the environment.
func (b *builder) command(dir string, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(b.ctx, name, args...)
	cmd.Dir, cmd.Stderr = dir, b.stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it removes its temporary folders
	cmd.WaitDelay = 10 * time.Second
	cmd.Env = append(os.Environ(), env...)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	return nil
}
