package settings

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

// AddFlags adds the flags of those names to a command. A former name of such a flag is accepted as
// well, but hidden. Load checks the values.
func AddFlags(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		s, ok := find(func(s setting) bool { return s.flag == name })
		if !ok {
			panic("there is no setting with the flag --" + name)
		}
		flags.String(name, "", fmt.Sprintf("%s (default %s)", s.help, s.defaultText()))
		if former := formerNames[s.path].flag; former != "" {
			flags.String(former, "", "deprecated; use --"+name)
			flags.Lookup(former).Hidden = true
		}
	}
}

// WriteMarkdown prints the table of settings for the README.
func WriteMarkdown(w io.Writer) {
	fmt.Fprintln(w, "| setting | TabPy's name | flag | default | meaning |")
	fmt.Fprintln(w, "|---|---|---|---|---|")
	for _, s := range table {
		fmt.Fprintf(w, "| `%s` | %s | %s | %s | %s |\n", s.own, code(s.tabpy), code(dashed(s.flag)), s.defaultText(), s.help)
	}
}

// WriteHelp prints the table of settings for a terminal.
func WriteHelp(w io.Writer) {
	for _, s := range table {
		fmt.Fprintf(w, "  %s\n      %s (default %s)\n", strings.Join(s.names(), ", "), s.help, s.defaultText())
	}
}

// WriteExample prints a configuration file in which every setting is a comment that shows its default.
func WriteExample(w io.Writer) {
	fmt.Fprint(w, exampleHead)
	group := ""
	for _, s := range table {
		if begins, _, _ := strings.Cut(s.path, "."); begins != group {
			group = begins
			fmt.Fprintf(w, "\n# --- %s ---\n", group)
		}
		fmt.Fprintf(w, "\n# %s\n", s.exampleHelp())
		fmt.Fprintln(w, strings.TrimRight("# "+s.names()[0]+" = "+s.exampleText(), " "))
	}
}

const exampleHead = `# Configuration of tabcell, which TabPy can read as well: it passes over the settings that it does not know.
#
# Take the # away before a NAME to set it. A value goes on in lines that are indented; %(NAME)s is an environment variable, and %% a percent
# sign; a comment has its own line. Each setting can also be an environment variable of that name, which wins over this file.
# "tabcell config check FILE" tells what is wrong with it, "tabcell config show --config FILE" what is in force.

[TabPy]
`

func (s setting) exampleHelp() string {
	if s.defaultWords == "" {
		return s.help
	}
	return fmt.Sprintf("%s (default %s)", s.help, s.defaultWords)
}

// exampleText is empty where the default is not a value but words.
func (s setting) exampleText() string {
	if s.defaultWords != "" {
		return ""
	}
	return strings.ReplaceAll(s.defaultText(), "%", "%%")
}

func (s setting) defaultText() string {
	if s.defaultWords != "" {
		return s.defaultWords
	}
	d := Defaults()
	return s.value(&d).String()
}

func code(name string) string {
	if name == "" {
		return ""
	}
	return "`" + name + "`"
}

func dashed(flag string) string {
	if flag == "" {
		return ""
	}
	return "--" + flag
}
