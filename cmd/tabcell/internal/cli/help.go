package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"tabcell/settings"

	"github.com/spf13/cobra"
)

// helpTopics lists the pages of the help command that describe no command.
var helpTopics = []struct {
	name  string
	write func(io.Writer)
}{
	{"settings", writeSettingsHelp},
	{"exit-codes", func(w io.Writer) { fmt.Fprintln(w, exitCodesHelp) }},
}

// commonFlags lists the flags of the server that the short help shows.
var commonFlags = []string{"config", "host", "port", "timeout", "memory", "concurrency", "log-level"}

// helpCommand returns the command that replaces cobra's own, which prints the whole help for an
// unknown topic and exits with 0.
func (a *App) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND|TOPIC|SETTING]",
		Short: "Describe a command, a setting, or a topic: settings, exit-codes",
		Long: "Describe a command, a setting by one of its names (TABCELL_QUEUE, TABPY_PORT, port), or a topic:\n" +
			"settings (all settings, grouped) or exit-codes.",
		Example: "  tabcell help endpoint deploy\n  tabcell help settings\n  tabcell help TABCELL_MEMORY_LIMIT_MB",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.help(cmd.Root(), args) },
	}
}

// help prints the help for a command, a topic or a setting. Without arguments it prints that of the
// program.
func (a *App) help(root *cobra.Command, args []string) error {
	if cmd := findCommand(root, args); cmd != nil {
		return cmd.Help()
	}
	for _, topic := range helpTopics {
		if len(args) == 1 && topic.name == args[0] {
			topic.write(a.Stdout)
			return nil
		}
	}
	if len(args) == 1 && settings.WriteSetting(a.Stdout, args[0]) {
		return nil
	}
	name := strings.Join(args, " ")
	text := fmt.Sprintf("there is no help for %q", name)
	if near := nearTopics(root, args[len(args)-1]); len(near) > 0 {
		text += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return &usageError{fmt.Errorf("%s", text), root.CommandPath()}
}

// findCommand returns the command that the arguments name, or nil if there is none.
func findCommand(root *cobra.Command, args []string) *cobra.Command {
	for _, name := range args {
		i := slices.IndexFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == name || c.HasAlias(name) })
		if i < 0 {
			return nil
		}
		root = root.Commands()[i]
	}
	return root
}

// nearTopics returns the commands, topics and settings that name may be a misspelling of.
func nearTopics(root *cobra.Command, name string) []string {
	topics := &cobra.Command{SuggestionsMinimumDistance: 2}
	for _, topic := range helpTopics {
		topics.AddCommand(&cobra.Command{Use: topic.name, Run: func(*cobra.Command, []string) {}})
	}
	root.SuggestionsMinimumDistance = 2 // the default of Find, which is not called here
	near := slices.Concat(root.SuggestionsFor(name), topics.SuggestionsFor(name), settings.Near(name))
	slices.Sort(near)
	return slices.Compact(near)
}

func writeSettingsHelp(w io.Writer) {
	fmt.Fprint(w, "A setting comes from section [TabPy] of the file of --config, or from the environment, which\n"+
		"overrides the file. A flag overrides both. `tabcell help NAME` describes one setting,\n"+
		"`tabcell config init` prints a file with all of them, and `tabcell config check FILE` checks one.\n")
	settings.WriteHelp(w)
}

// rootHelp prints the help of the program, which fits on a screen.
func rootHelp(root *cobra.Command) {
	out := root.OutOrStdout()
	fmt.Fprintf(out, "%s.\n\nUsage:\n  tabcell [FLAGS]          start the server\n  tabcell COMMAND [FLAGS]\n\nCommands:\n", root.Short)
	for _, cmd := range root.Commands() {
		if cmd.IsAvailableCommand() || cmd.Name() == "help" {
			fmt.Fprintf(out, "  %-10s %s\n", cmd.Name(), cmd.Short)
		}
	}
	fmt.Fprint(out, "\nFlags of the server (`tabcell serve --help` lists all):\n")
	for _, name := range commonFlags {
		if flag := root.Flags().Lookup(name); flag != nil {
			fmt.Fprintf(out, "  --%-13s %s\n", flag.Name, firstClause(flag.Usage))
		}
	}
	fmt.Fprint(out, "  --version       print the version\n\nRead more:\n"+
		"  tabcell COMMAND --help     a command\n"+
		"  tabcell help settings      all settings, for a file or the environment\n"+
		"  tabcell help SETTING       one setting, such as TABPY_PORT\n"+
		"  tabcell help exit-codes    the exit codes\n")
	if findCommand(root, []string{"docs"}) != nil {
		fmt.Fprint(out, "  tabcell docs               the manual\n")
	}
}

// firstClause returns the beginning of the usage of a flag, without its default, further clauses
// and the marks of the value's name.
func firstClause(usage string) string {
	for _, end := range []string{" (default", ";", ": "} {
		usage, _, _ = strings.Cut(usage, end)
	}
	return strings.ReplaceAll(usage, "`", "")
}
