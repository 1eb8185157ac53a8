package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/runtime/registry"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

// The values of --existing.
const (
	existingSkip    = "skip"
	existingReplace = "replace"
	existingFail    = "fail"
)

const importLong = `Restore the endpoints of a file that export wrote, or of standard input if the file is "-", with their
versions and history, or deploy those of TabPy's state folder (TABPY_STATE_PATH), which contains
state.ini and the archives in query_objects. The folder or file is only read.

An endpoint that exists already and is not the same is left alone (--existing skip), gets the state
in the file and loses its own history (replace), or stops the import before anything is changed
(fail, the default). With --dry-run, the command checks everything and says what it would do.

Endpoints of TabPy's folder that are the same already are left alone, so the import can be repeated.
Those that differ become new versions of existing ones, unless --existing is skip.

Restored models are not loaded first, and those that do not load are restored as well. Endpoints that
cannot be restored are named; the others are restored nevertheless, and the exit code is 1. Each
endpoint is restored as a whole or not at all.`

func (a *App) importCommand(o *endpointOptions) *cobra.Command {
	i := &importRun{app: a, options: o}
	cmd := &cobra.Command{
		Use: "import FOLDER|FILE.tar|-", Short: "Restore the endpoints of an exported file, or deploy those of TabPy's state folder",
		Long: importLong,
		Example: "  tabcell endpoint import backup.tar --dry-run\n  tabcell endpoint import backup.tar --existing replace\n" +
			"  tabcell endpoint import /var/lib/tabpy      # TabPy's state folder",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch i.existing {
			case existingSkip, existingReplace, existingFail:
			default:
				return &usageError{fmt.Errorf("--existing is %q, but must be skip, replace or fail", i.existing), cmd.CommandPath()}
			}
			return a.withStore(o, true, func(ctx context.Context, s endpoints.Store) error { return i.run(ctx, s, args[0]) })
		},
	}
	cmd.Flags().StringVar(&i.existing, "existing", existingFail, "`mode` for endpoints that exist and differ: skip, replace or fail")
	cmd.Flags().BoolVar(&i.dryRun, "dry-run", false, "check everything and change nothing")
	return cmd
}

// importRun is one run of the command.
type importRun struct {
	app      *App
	options  *endpointOptions
	existing string
	dryRun   bool
	failed   int
}

func (i *importRun) run(ctx context.Context, s endpoints.Store, path string) error {
	existing, err := s.List() // also signs in, before a body is sent that cannot be sent twice
	if err != nil {
		return err
	}
	if info, err := os.Stat(path); path != "-" && err == nil && info.IsDir() {
		return i.result(i.importFolder(ctx, s, path, existing))
	}
	file, remove, err := i.open(path)
	if err != nil {
		return err
	}
	defer remove()
	if path == "-" {
		path = "standard input"
	}
	if err = i.importArchive(s, file); errors.Is(err, registry.ErrNotArchive) {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return i.result(err)
}

// result returns the error of the command.
func (i *importRun) result(err error) error {
	if i.failed > 0 {
		err = errors.Join(err, fmt.Errorf("%d endpoints could not be imported", i.failed))
	}
	return err
}

// open opens the file. Standard input goes to a temporary file, because it is read twice. The
// caller must call remove.
func (i *importRun) open(path string) (file *os.File, remove func(), err error) {
	if path != "-" {
		file, err = os.Open(path)
		return file, func() { _ = file.Close() }, err
	}
	if file, err = os.CreateTemp("", "tabcell-import-*.tar"); err != nil {
		return nil, nil, err
	}
	remove = func() { _ = errors.Join(file.Close(), os.Remove(file.Name())) }
	if _, err = io.Copy(file, i.app.Stdin); err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		remove()
	}
	return file, remove, err
}

// importArchive restores an archive. With --existing fail, it first checks the whole archive.
func (i *importRun) importArchive(s endpoints.Store, file *os.File) error {
	if i.existing == existingFail && !i.dryRun {
		if err := i.checkConflicts(s, file); err != nil {
			return err
		}
	}
	o := endpoints.ImportOptions{Replace: i.existing == existingReplace, DryRun: i.dryRun}
	return endpoints.ImportArchive(s, file, i.maxBytes(), o, i.report)
}

// checkConflicts returns an error if endpoints of the archive exist and differ.
func (i *importRun) checkConflicts(s endpoints.Store, file *os.File) error {
	conflicts := 0
	err := endpoints.ImportArchive(s, file, i.maxBytes(), endpoints.ImportOptions{DryRun: true}, func(r endpoints.Imported) {
		if errors.Is(r.Err, registry.ErrExists) {
			conflicts++
			fmt.Fprintf(i.app.Stderr, "tabcell: %q exists already and differs\n", r.Name)
		}
	})
	if errors.Is(err, registry.ErrNotArchive) { // the second pass says so, after the intact endpoints
		err = nil
	}
	if conflicts > 0 {
		err = fmt.Errorf("%d endpoints exist already and differ, so nothing was changed; use --existing skip or --existing replace", conflicts)
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	return err
}

// report prints the result of one endpoint.
func (i *importRun) report(r endpoints.Imported) {
	var would string
	if i.dryRun {
		would = "would be "
	}
	switch {
	case errors.Is(r.Err, registry.ErrExists) && i.existing == existingSkip:
		fmt.Fprintf(i.app.Stdout, "%s exists already and was not changed\n", r.Name)
	case errors.Is(r.Err, registry.ErrExists):
		i.failed++
		fmt.Fprintf(i.app.Stderr, "tabcell: %q exists already and differs; use --existing skip or --existing replace\n", r.Name)
	case r.Err != nil:
		i.failed++
		fmt.Fprintf(i.app.Stderr, "tabcell: %q was not imported: %v\n", r.Name, r.Err)
	case r.Outcome == registry.Unchanged:
		fmt.Fprintf(i.app.Stdout, "%s is the same already (version %d)\n", r.Name, r.Version)
	default:
		fmt.Fprintf(i.app.Stdout, "%s %s%s (version %d)\n", r.Name, would, r.Outcome, r.Version)
	}
	if r.Dropped > 0 {
		fmt.Fprintf(i.app.Stderr, "tabcell: %q: its %d oldest versions are not kept (TABCELL_MODELS_KEEP_VERSIONS)\n", r.Name, r.Dropped)
	}
}

// maxBytes returns the maximum size of a model's code.
func (i *importRun) maxBytes() int64 {
	limit := settings.Defaults().Models.MaxMB
	if loaded, err := settings.Load(i.options.src); err == nil {
		limit = loaded.Settings.Models.MaxMB
	}
	return int64(limit) << 20
}
