package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// Run does what the command line says and returns the exit code.
func (f *App) Run() int {
	switch programName(f.Args[0]) {
	case "tabpy":
		return f.runAsTabPy(f.Args[1:])
	case "tabpy-user":
		return f.runAsTabPyUser(f.Args[1:])
	case "tabpy-deploy-models":
		return f.runAsTabPyModels(f.Args[1:])
	}
	root := f.rootCommand()
	root.SetArgs(f.Args[1:])
	root.SetIn(f.Stdin)
	root.SetOut(f.Stdout)
	root.SetErr(f.Stderr)
	cmd, err := root.ExecuteC()
	if err != nil && !f.parsed {
		err = &usageError{err, cmd.CommandPath()}
	}
	return f.report(err)
}

// rootCommand is the tree. Without a command it serves.
func (f *App) rootCommand() *cobra.Command {
	cobra.MousetrapHelpText = "" // a double click on Windows starts the server as well
	root := f.serveCommand("tabcell")
	root.Short = "Serve Tableau's Python scripts from sealed cells"
	root.Long = root.Short + ".\n\nWithout a command it serves, like `tabcell serve`." + settingsHelp() + exitHelp
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.HiddenDefaultCmd = true
	root.PersistentPreRun = func(*cobra.Command, []string) { f.parsed = true }
	root.AddCommand(
		f.serveCommand("serve"), f.runCommand(), f.warmCommand(), f.versionCommand(), f.doctorCommand(), f.configCommand(), f.userCommand(),
		f.benchCommand(), f.endpointCommand(),
		toolCommand("tabpy-user", "TabPy's tool for password files", f.runAsTabPyUser),
		toolCommand("tabpy-deploy-models", "TabPy's tool for ready-made models", f.runAsTabPyModels),
	)
	return root
}

// toolCommand reaches one of TabPy's tools where the program goes by its own name only.
func toolCommand(name, short string, run func(args []string) int) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: short, Hidden: true, DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			if run(args) != exitOK {
				return errSaid
			}
			return nil
		},
	}
}

// programName is the name that the program was started under: "tabcell", or one of TabPy's.
func programName(program string) string {
	return strings.TrimSuffix(strings.ToLower(filepath.Base(program)), ".exe")
}

// usageError is a command line that cannot be understood.
type usageError struct {
	err     error
	command string
}

func (e *usageError) Error() string { return fmt.Sprintf("%s\nSee `%s --help`.", e.err, e.command) }
func (e *usageError) Unwrap() error { return e.err }
