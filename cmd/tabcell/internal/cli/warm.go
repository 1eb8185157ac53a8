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

const warmHelp = `Compile the Python guests ahead, for installers and images: the first start of the server then is as fast as every other.

The compiled code is kept in the cache folder. It fits this program and this kind of processor; elsewhere it is compiled anew.

With --into it goes into a folder of its own, to be installed with the program: as ` + buildinfo.CodeFolder + ` beside it, or where TABCELL_CODE_DIR says.
There it is only read. It must belong to root or to the owner of the program, nobody else may be able to write to it, and it is for this very
program: sign or strip the program before, not after.`

func (a *App) warmCommand() *cobra.Command {
	src := settings.Sources{Environ: a.Environ}
	var into string
	cmd := &cobra.Command{
		Use:     "warm",
		Short:   "Compile the Python guests ahead of the first start",
		Long:    warmHelp + exitHelp,
		Example: "  tabcell warm --into /opt/tabcell/" + buildinfo.CodeFolder + "      # where the program is /opt/tabcell/tabcell",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.warm(src, into) },
	}
	cmd.Flags().StringVar(&into, "into", "", "`folder` to make or to replace, for installing it with the program")
	cmd.Flags().StringVar(&src.File, "config", "", "configuration `file`, as TabPy reads it")
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
		return errors.New("there is no cache folder to keep compiled code in: name one with --cache-dir or TABCELL_CACHE_DIR")
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

// guestNames are those that the settings ask for.
func guestNames(s settings.Settings) []string {
	if s.Cells.Guest == "auto" {
		return slices.Sorted(maps.Keys(server.Guests))
	}
	return []string{s.Cells.Guest}
}

// warmGuest starts the guest, which proves that what was compiled works, and tells how long it took.
func (a *App) warmGuest(s settings.Settings, name string) error {
	ctx, cancel := a.signalContext()
	defer cancel()
	warm, begun := false, time.Now()
	e, err := server.StartGuest(ctx, s, name, nil, func(p runtime.Progress) {
		a.showProgress(p)
		warm = warm || p.Done && p.Warm
	})
	if err != nil {
		return err
	}
	how := "compiled"
	if warm {
		how = "was compiled before"
	}
	fmt.Fprintf(a.Stdout, "%s: %s, ready after %.1f s\n", name, how, time.Since(begun).Seconds())
	return e.Close()
}

// warmInto makes the folder beside its place first: it is there whole or not at all.
func (a *App) warmInto(s settings.Settings, into string) error {
	into, err := filepath.Abs(into)
	if err != nil {
		return err
	}
	if err := checkReplaceable(into); err != nil {
		return err
	}
	made, remove, err := makeStagingFolder(into)
	if err != nil {
		return err
	}
	defer remove()
	for _, name := range guestNames(s) {
		copyCached(s.Cells.CacheDir, made, name)
	}
	s.Cells.CacheDir, s.Cells.CodeDir = made, made // which is what is being made, and not what was shipped
	if err := a.warmGuests(s); err != nil {
		return err
	}
	v := buildinfo.Current()
	if err := runtime.WriteBundle(made, v.Version, buildinfo.Program()); err != nil {
		return err
	}
	if err := replaceFolder(made, into); err != nil {
		return err
	}
	fmt.Fprintf(a.Stdout, "%s: for this program (%s) on %s and processors like this one\n", into, v.Version, v.Platform)
	return nil
}
