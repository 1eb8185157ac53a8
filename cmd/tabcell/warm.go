package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"tabcell/runtime"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

const warmHelp = `Compile the Python guests ahead, for installers and images: the first start of the server then is as fast as every other.

The compiled code is kept in the cache folder. It fits this program and this kind of processor; elsewhere it is compiled anew.`

func (f *front) warmCommand() *cobra.Command {
	src := settings.Sources{Environ: f.environ}
	cmd := &cobra.Command{
		Use:   "warm",
		Short: "Compile the Python guests ahead of the first start",
		Long:  warmHelp + exitHelp,
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return f.warm(src) },
	}
	cmd.Flags().StringVar(&src.File, "config", "", "configuration `file`, as TabPy reads it")
	settings.AddFlags(cmd.Flags(), "guest", "cache-dir")
	src.Flags = cmd.Flags()
	return cmd
}

func (f *front) warm(src settings.Sources) error {
	loaded, err := loadSettings(src)
	if err != nil {
		return err
	}
	s := loaded.Settings
	if s.Cells.CacheDir == "" {
		return errors.New("there is no cache folder to keep compiled code in: name one with --cache-dir or TABCELL_CACHE_DIR")
	}
	names := []string{s.Cells.Guest}
	if s.Cells.Guest == "auto" {
		names = slices.Sorted(maps.Keys(carried))
	}
	for _, name := range names {
		if err := f.warmGuest(s, name); err != nil {
			return err
		}
	}
	return nil
}

// warmGuest starts the guest, which proves that what was compiled works, and tells how long it took.
func (f *front) warmGuest(s settings.Settings, name string) error {
	ctx, cancel := f.interruptible()
	defer cancel()
	warm, begun := false, time.Now()
	e, err := startGuest(ctx, s, name, nil, func(p runtime.Progress) {
		f.showProgress(p)
		warm = warm || p.Done && p.Warm
	})
	if err != nil {
		return err
	}
	how := "compiled"
	if warm {
		how = "was compiled before"
	}
	fmt.Fprintf(f.stdout, "%s: %s, ready after %.1f s\n", name, how, time.Since(begun).Seconds())
	return e.Close()
}
