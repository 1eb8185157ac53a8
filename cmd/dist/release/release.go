package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	goruntime "runtime"
	"slices"
	"strings"

	"tabcell/cmd/dist/internal/gotool"
	"tabcell/cmd/dist/internal/signature"
	"tabcell/cmd/dist/internal/source"
)

// hostPlatform is the platform of this machine. Its program writes files for all platforms, such as
// man pages.
const hostPlatform = goruntime.GOOS + "/" + goruntime.GOARCH

// builder builds the files of a release.
type builder struct {
	options
	ctx      context.Context
	src      source.Source
	signer   signature.Key     // zero without the option key
	root     string            // of the module
	work     string            // a temporary folder
	files    string            // the folder in which the files of the release are collected
	programs map[string]string // paths of the programs by platform
	progress *progress
	stderr   io.Writer // of other programs
}

// release builds, compares and signs the files, and then replaces the folder o.out.
func release(ctx context.Context, o options, stdout, stderr io.Writer) (err error) {
	b, err := newBuilder(ctx, o, stdout, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.work)) }()
	fmt.Fprintf(stdout, "tabcell %s, commit %.10s of %s\n", b.src.Version, b.src.Revision, b.src.Time.Format("2006-01-02"))
	for _, step := range []func() error{b.build, b.compareWithSecond, b.sign, b.publish} {
		if err := errors.Join(step(), ctx.Err()); err != nil {
			return err
		}
	}
	return nil
}

func newBuilder(ctx context.Context, o options, stdout, stderr io.Writer) (*builder, error) {
	b := &builder{options: o, ctx: ctx, programs: map[string]string{}, progress: newProgress(stdout), stderr: stderr}
	for _, step := range []func() error{b.readSource, b.readKey, b.makeFolders} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// readSource finds the module and its version.
func (b *builder) readSource() (err error) {
	if b.root, err = gotool.Root(); err != nil {
		return err
	}
	b.src, err = source.Read(b.root, b.version)
	switch {
	case err != nil:
		return err
	case b.src.Time.IsZero():
		return errors.New("git does not tell the time of the source; set SOURCE_DATE_EPOCH to seconds since 1970")
	case b.src.Modified && (b.compare || b.key != ""):
		return errors.New("files differ from the commit, so the release would not be that of a commit; commit them, or leave out -compare and -key")
	}
	return nil
}

// readKey reads the key before the long build, because its password may be wrong.
func (b *builder) readKey() (err error) {
	if b.key != "" {
		b.signer, err = signature.ReadKey(b.key, signature.Password(b.passwordFile, os.Stdin, b.stderr))
	}
	return err
}

// makeFolders makes a temporary folder beside that of the release, so that the finished folder can
// be renamed.
func (b *builder) makeFolders() (err error) {
	if b.out, err = filepath.Abs(b.out); err != nil {
		return err
	}
	if err := checkReplaceable(b.out); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(b.out), 0o755); err != nil {
		return err
	}
	if b.work, err = os.MkdirTemp(filepath.Dir(b.out), ".release-"); err != nil {
		return err
	}
	b.files = filepath.Join(b.work, "files")
	return os.Mkdir(b.files, 0o755)
}

// build builds all files and the list of their digests.
func (b *builder) build() error {
	if err := b.stage(); err != nil {
		return err
	}
	for _, platform := range b.platforms {
		if err := b.buildPlatform(platform); err != nil {
			return fmt.Errorf("%s: %w", platform, err)
		}
	}
	if err := b.images(); err != nil {
		return fmt.Errorf("images: %w", err)
	}
	return b.common()
}

// buildPlatform builds the program of a platform, and the files that contain only this program.
func (b *builder) buildPlatform(platform string) error {
	if err := b.program(platform); err != nil {
		return err
	}
	if err := b.bill(platform); err != nil {
		return err
	}
	if b.has("archive") {
		if err := b.archive(platform); err != nil {
			return err
		}
	}
	if err := b.msi(platform); err != nil {
		return err
	}
	return b.packages(platform)
}

// has reports whether a format was asked for.
func (b *builder) has(format string) bool { return slices.Contains(b.formats, format) }

// wantsCode reports whether there are packages and images with compiled code for a platform. Only
// the program itself can compile the code, so the platform must be that of this machine.
func (b *builder) wantsCode(platform string) bool {
	return b.has("code") && platform == hostPlatform && strings.HasPrefix(platform, "linux/")
}

// path returns the path of a file of the release. The formats %[1]s and so on are parts of its
// name.
func (b *builder) path(format string, parts ...any) string {
	return filepath.Join(b.files, fmt.Sprintf(format, parts...))
}

// checkReplaceable returns an error if the folder has files of something else than a release.
func checkReplaceable(folder string) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	isList := func(e os.DirEntry) bool { return e.Name() == sumsName }
	if err == nil && len(entries) > 0 && !slices.ContainsFunc(entries, isList) {
		err = fmt.Errorf("%s has files, but is not an earlier release (it has no %s); choose another folder with -o", folder, sumsName)
	}
	return err
}

// publish replaces the folder of the release by the new one.
func (b *builder) publish() error {
	if err := os.RemoveAll(b.out); err != nil {
		return err
	}
	if err := os.Rename(b.files, b.out); err != nil {
		return err
	}
	return b.progress.total(b.out)
}
