package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// Run executes the command line and returns the exit code. Under the name of one of TabPy's
// programs, it accepts that program's command line.
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
	if err == nil {
		err = a.misspelt
	}
	if err != nil && !a.parsed {
		err = &usageError{err, cmd.CommandPath()}
	}
	return a.report(err)
}

// rootCommand returns the command tree. The root itself is the serve command.
//
// To add a command:
//
//  1. Write NAME.go with a method NAMECommand that returns the cobra command, and a method that
//     does the work and returns an error. Use the streams, environment and signals of App, not
//     those of package os.
//  2. Complete Short, Long, Example and the usages of the flags: --help must be enough to use the
//     command. End Long with exitHelp. Add settings with addSettings, so that they have the same
//     names and precedence everywhere.
//  3. Add the command to the list below. A new kind of failure gets its code in exit.go.
//  4. Write a session in testdata/script. If it needs a real guest, put it in
//     ../e2e/testdata/script instead.
//  5. Mention the command in a page of assets/docs, and add a line to CHANGELOG.md.
func (a *App) rootCommand() *cobra.Command {
	cobra.MousetrapHelpText = "" // on Windows, a double click starts the server, too
	root := a.serveCommand("tabcell")
	root.Short = "Run Tableau's Python scripts in sealed cells, as a server compatible with TabPy"
	root.Long = root.Short + ".\n\nWithout a command, tabcell starts the server, like `tabcell serve`." + settingsHint + exitHelp
	a.addVersionFlag(root)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.HiddenDefaultCmd = true
	root.PersistentPreRun = func(*cobra.Command, []string) { a.parsed = true }
	root.SetHelpCommand(a.helpCommand())
	commandHelp := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		// The help of the parent would hide a misspelt command, also from a script that checks it.
		if names := cmd.Flags().Args(); len(names) > 0 && cmd.HasAvailableSubCommands() {
			a.misspelt = unknownCommand(cmd, names[0])
			return
		}
		if cmd == root {
			rootHelp(root)
			return
		}
		commandHelp(cmd, args)
	})
	root.AddCommand(
		a.serveCommand("serve"), a.runCommand(), a.warmCommand(), a.versionCommand(), a.doctorCommand(), a.healthCommand(), a.configCommand(), a.userCommand(),
		a.benchCommand(), a.endpointCommand(), a.clusterCommand(), a.packagesCommand(), a.grantCommand(), a.auditCommand(), a.serviceCommand(),
		a.docsCommand(), a.keyCommand(), a.releaseCommand(), a.generateCommand(),
		tabpyToolCommand("tabpy-user", "TabPy's tool for password files", a.runAsTabPyUser),
		tabpyToolCommand("tabpy-deploy-models", "TabPy's tool that deploys ready-made models", a.runAsTabPyDeployModels),
	)
	explainArguments(root)
	return root
}

// tabpyToolCommand returns the command that runs one of TabPy's tools where the program is
// installed only under its own name. The tool parses its own command line.
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

// programName returns the name of the program in args[0], in lower case and without folder and
// .exe.
func programName(program string) string {
	return strings.TrimSuffix(strings.ToLower(filepath.Base(program)), ".exe")
}

// usageError reports an invalid command line and names the help of the command.
type usageError struct {
	err     error
	command string
}

func (e *usageError) Error() string { return fmt.Sprintf("%s\nSee `%s --help`.", e.err, e.command) }
func (e *usageError) Unwrap() error { return e.err }
