package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// Run does what the command line says and returns the exit code.
func (a *App) Run() int {
	switch programName(a.Args[0]) {
	case "tabpy":
		return a.runAsTabPy(a.Args[1:])
	case "tabpy-user":
		return a.runAsTabPyUser(a.Args[1:])
	case "tabpy-deploy-models":
		return a.runAsTabPyDeployModels(a.Args[1:])
	}
	root := a.rootCommand()
	root.SetArgs(a.Args[1:])
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	cmd, err := root.ExecuteC()
	if err != nil && !a.parsed {
		err = &usageError{err, cmd.CommandPath()}
	}
	return a.report(err)
}

// rootCommand is the tree. Without a command it serves.
func (a *App) rootCommand() *cobra.Command {
	cobra.MousetrapHelpText = "" // a double click on Windows starts the server as well
	root := a.serveCommand("tabcell")
	root.Short = "Serve Tableau's Python scripts from sealed cells"
	root.Long = root.Short + ".\n\nWithout a command it serves, like `tabcell serve`." + settingsHelp() + exitHelp
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.HiddenDefaultCmd = true
	root.PersistentPreRun = func(*cobra.Command, []string) { a.parsed = true }
	root.AddCommand(
		a.serveCommand("serve"), a.runCommand(), a.warmCommand(), a.versionCommand(), a.doctorCommand(), a.configCommand(), a.userCommand(),
		a.benchCommand(), a.endpointCommand(),
		tabpyToolCommand("tabpy-user", "TabPy's tool for password files", a.runAsTabPyUser),
		tabpyToolCommand("tabpy-deploy-models", "TabPy's tool for ready-made models", a.runAsTabPyDeployModels),
	)
	return root
}

// tabpyToolCommand reaches one of TabPy's tools where the program goes by its own name only.
func tabpyToolCommand(name, short string, run func(args []string) int) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: short, Hidden: true, DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			if run(args) != exitOK {
				return errReported
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
