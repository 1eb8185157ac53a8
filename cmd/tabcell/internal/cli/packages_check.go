package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"tabcell/cmd/tabcell/internal/packages"
	"tabcell/runtime"
	"tabcell/runtime/wheel"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

const checkPackagesHelp = `Check what scripts will be able to use of a folder of wheels, by default that of TABCELL_PACKAGES.

For each file, the command prints "ok", "skip" (it is not needed), or "fail", with the reason and
what to do. It compares the requirements of each wheel with the other wheels and with the packages
of tabcell, and imports each module in a cell. The exit code is 1 if something will not work.`

func (a *App) checkPackagesCommand() *cobra.Command {
	src := settings.Sources{Environ: a.Environ}
	asJSON := false
	cmd := &cobra.Command{
		Use:     "check [FOLDER]",
		Short:   "Check what scripts will be able to use of a folder of wheels",
		Long:    checkPackagesHelp + exitHelp,
		Example: "  tabcell packages check /srv/wheels\n  TABCELL_PACKAGES=/srv/wheels tabcell packages check --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			loaded, err := loadSettings(src)
			if err != nil {
				return err
			}
			s, open := loaded.Settings, packages.OpenConfigured
			if len(args) > 0 {
				s.Cells.Packages, open = args[0], packages.Open
			}
			if s.Cells.Packages == "" {
				return &usageError{errors.New("name a folder, or set TABCELL_PACKAGES"), cmd.CommandPath()}
			}
			folder, err := open(s.Cells.Packages)
			if err != nil {
				return err
			}
			return a.checkPackages(s, folder, asJSON)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	addSettings(cmd.Flags(), &src, "timeout", "memory", "guest", "cache-dir")
	return cmd
}

// checkPackages prints the reports about the folder of s. It returns an error if a file will not work,
// or if there is none.
func (a *App) checkPackages(s settings.Settings, folder *wheel.Folder, asJSON bool) error {
	reports, err := a.importPackages(s, folder)
	if err != nil {
		return err
	}
	failed := 0
	for _, r := range reports {
		if !asJSON {
			printReport(a.Stdout, r)
		}
		if !r.Works {
			failed++
		}
	}
	if asJSON {
		err = a.printJSON(reports)
	} else if missing := packages.Downloads(reports); len(missing) > 0 {
		fmt.Fprintf(a.Stdout, "\nWhat is missing can be downloaded on another computer:\n  %s\n", packages.DownloadCommand(s.Cells.Packages, missing))
	}
	switch {
	case err != nil:
		return err
	case failed > 0:
		return fmt.Errorf("%d of %d files will not work", failed, len(reports))
	case len(reports) == 0:
		return fmt.Errorf("there is no wheel (.whl) in %s; `tabcell docs packages` shows how to download some", s.Cells.Packages)
	}
	return nil
}

// importPackages returns the reports about a folder. It starts an engine with the wheels and
// imports their modules.
func (a *App) importPackages(s settings.Settings, folder *wheel.Folder) ([]packages.Report, error) {
	if len(folder.Used()) == 0 {
		return packages.Check(folder, nil), nil
	}
	ctx, cancel := a.signalContext()
	defer cancel()
	engine, err := a.startEngine(ctx, s)
	if err != nil {
		return nil, err
	}
	reports := packages.Check(folder, func(script string) ([]byte, error) {
		result, err := engine.Evaluate(ctx, runtime.Call{ID: "check", Body: requestBody(script, "{}"), Context: callContext(s)})
		return result.Body, err
	})
	return reports, errors.Join(ctx.Err(), engine.Close())
}

// printReport prints a report for people.
func printReport(w io.Writer, r packages.Report) {
	word := "ok"
	switch {
	case !r.Works:
		word = "fail"
	case r.State == wheel.Unused:
		word = "skip"
	}
	fmt.Fprintf(w, "%-4s  %s\n", word, r.File)
	line := func(format string, values ...any) { fmt.Fprintf(w, "      "+format+"\n", values...) }
	if r.State == wheel.Used {
		line("%s %s, modules: %s", r.Name, r.Version, strings.Join(r.Modules, ", "))
	}
	for _, text := range append([]string{r.Reason}, r.Notes...) {
		if text != "" {
			line("%s", text)
		}
	}
	for _, need := range r.Needs {
		line("%s", need)
		if need.Advice != "" && need.Download == "" { // downloads are printed at the end
			line("  -> %s", need.Advice)
		}
	}
	for _, i := range r.Imports {
		if i.Error != "" {
			line("import %s: %s", i.Module, i.Error)
			continue
		}
		line("import %s: ok, guest %s", i.Module, i.Guest)
	}
	if r.Advice != "" {
		line("-> %s", r.Advice)
	}
}
