package cli

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/runtime"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

const warmHelp = `Compile the Python guests in advance, for installers and container images, so that the first start
of the server is as fast as later ones. On a terminal, a line shows the progress.

The compiled code is stored in the cache folder. It fits only this program and processors like this
one; elsewhere, it is compiled again.

With --into, it is stored in a separate folder that is installed with the program: as
` + buildinfo.CodeFolder + ` next to the program, or in the folder of TABCELL_CODE_DIR. The server
never writes to this folder. It must belong to root or to the owner of the program, and other users
must not have write access to it. The code fits only this very program, so sign or strip the program
before, not after.`

func (a *App) warmCommand() *cobra.Command {
	src := settings.Sources{Environ: a.Environ}
	var into string
	cmd := &cobra.Command{
		Use:     "warm",
		Short:   "Compile the Python guests before the first start",
		Long:    warmHelp + exitHelp,
		Example: "  tabcell warm --into /opt/tabcell/" + buildinfo.CodeFolder + "      # for /opt/tabcell/tabcell",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.warm(src, into) },
	}
	cmd.Flags().StringVar(&into, "into", "", "`folder` to create or replace, to be installed with the program")
	cmd.Flags().StringVar(&src.File, "config", "", "configuration `file` in TabPy's format")
	settings.AddFlags(cmd.Flags(), "guest", "cache-dir")
	src.Flags = cmd.Flags()
	return cmd
}

func (a *App) warm(src settings.Sources, into string) error {
	loaded, err := loadSettings(src)
	if err != nil {
		return err
	}
	s := loaded.Settings
	if into != "" {
		return a.warmInto(s, into)
	}
	if s.Cells.CacheDir == "" {
		return errors.New("no cache folder is configured for compiled code; set TABCELL_CACHE_DIR or use --cache-dir")
	}
	if err := checkCacheFolder(s.Cells.CacheDir); err != nil {
		return err
	}
	return a.warmGuests(s)
}

func (a *App) warmGuests(s settings.Settings) error {
	for _, name := range guestNames(s) {
		if err := a.warmGuest(s, name); err != nil {
			return err
		}
	}
	return nil
}

// guestNames returns the names of the guests that the settings select.
func guestNames(s settings.Settings) []string {
	if s.Cells.Guest == "auto" {
		return slices.Sorted(maps.Keys(server.Guests))
	}
	return []string{s.Cells.Guest}
}

// warmGuest compiles the guest if necessary and starts it, which proves that the compiled code
// works. It prints the duration.
func (a *App) warmGuest(s settings.Settings, name string) error {
	ctx, cancel := a.signalContext()
	defer cancel()
	cached, begun := false, time.Now()
	e, err := server.StartGuest(ctx, s, name, nil, func(p runtime.Progress) {
		a.showProgress(p)
		cached = cached || p.Code == runtime.CodeCached || p.Code == runtime.CodeShipped
	})
	if err != nil {
		return err
	}
	status := "compiled"
	if cached {
		status = "already compiled"
	}
	fmt.Fprintf(a.Stdout, "%s: %s, ready after %.1f s\n", name, status, time.Since(begun).Seconds())
	return e.Close()
}

// warmInto creates the folder next to its final place and renames it when it is complete.
func (a *App) warmInto(s settings.Settings, into string) error {
	into, err := filepath.Abs(into)
	if err != nil {
		return err
	}
	if err := checkReplaceable(into); err != nil {
		return err
	}
	staging, remove, err := makeStagingFolder(into)
	if err != nil {
		return err
	}
	defer remove()
	for _, name := range guestNames(s) {
		copyCached(s.Cells.CacheDir, staging, name)
	}
	s.Cells.CacheDir, s.Cells.CodeDir = staging, staging // do not use an installed code folder
	if err := a.warmGuests(s); err != nil {
		return err
	}
	v := buildinfo.Current()
	if err := runtime.WriteBundle(staging, v.Version, buildinfo.Program()); err != nil {
		return err
	}
	if err := replaceFolder(staging, into); err != nil {
		return err
	}
	fmt.Fprintf(a.Stdout, "wrote %s for this program (%s) on %s and processors like this one\n", into, v.Version, v.Platform)
	return nil
}
