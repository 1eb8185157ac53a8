package settings

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

// AddFlags adds the flags of those names to a command, or all flags if there are no names. It
// panics if no setting has such a flag. Load checks the values.
func AddFlags(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		s, ok := find(func(s setting) bool { return s.flag == name })
		if !ok {
			panic("there is no setting with the flag --" + name)
		}
		s.addFlag(flags)
	}
	if len(names) > 0 {
		return
	}
	for _, s := range table {
		if s.flag != "" {
			s.addFlag(flags)
		}
	}
}

// addFlag adds the flag of a setting, and a hidden flag for its former name.
func (s setting) addFlag(flags *pflag.FlagSet) {
	flags.String(s.flag, "", fmt.Sprintf("%s (default %s)", s.help, s.defaultText()))
	if former := formerNames[s.path].flag; former != "" {
		flags.String(former, "", "deprecated; use --"+s.flag)
		flags.Lookup(former).Hidden = true
	}
}

// WriteMarkdown writes the table of settings for the manual.
func WriteMarkdown(w io.Writer) {
	fmt.Fprintln(w, "| setting | TabPy's name | flag | default | meaning |")
	fmt.Fprintln(w, "|---|---|---|---|---|")
	for _, s := range table {
		fmt.Fprintf(w, "| `%s` | %s | %s | %s | %s |\n", s.own, code(s.tabpy), code(dashed(s.flag)), s.defaultText(), s.help)
	}
}

// Entry describes a setting.
type Entry struct {
	Group   string   // a title such as "Network"
	Names   []string // in the file and the environment; any of them may be used
	Flag    string   // with dashes; "" if there is none
	Help    string   // one line
	Default string
}

// Reference returns all settings, those of a group together.
func Reference() []Entry {
	var all []Entry
	for _, s := range table {
		all = append(all, Entry{groupTitles[s.group()], s.names(), dashed(s.flag), s.help, s.defaultText()})
	}
	return all
}

// WriteExample writes a configuration file in which every setting is a comment with its default.
func WriteExample(w io.Writer) { WriteExampleWith(w, nil) }

// WriteExampleWith writes the same file, except that settings have the values by their own name.
func WriteExampleWith(w io.Writer, values map[string]string) {
	fmt.Fprint(w, exampleHead)
	group := ""
	for _, s := range table {
		if prefix, _, _ := strings.Cut(s.path, "."); prefix != group {
			group = prefix
			fmt.Fprintf(w, "\n# --- %s ---\n", group)
		}
		fmt.Fprintf(w, "\n# %s\n", s.exampleHelp())
		if value, ok := values[s.own]; ok {
			fmt.Fprintf(w, "%s = %s\n", s.own, value)
			continue
		}
		fmt.Fprintln(w, strings.TrimRight("# "+s.names()[0]+" = "+s.exampleText(), " "))
	}
}

const exampleHead = `# Configuration of tabcell. TabPy can read this file too: it ignores settings that it does not know.
#
# To set a value, remove the # in front of its name. A value can continue on indented lines.
# %(NAME)s is the value of an environment variable, and %% is a percent sign. A comment needs a line
# of its own. Each setting can also be an environment variable of the same name, which takes
# precedence over this file. "tabcell config check FILE" reports errors in a file, and
# "tabcell config show --config FILE" prints the effective settings.

[TabPy]
`

func (s setting) exampleHelp() string {
	if s.defaultWords == "" {
		return s.help
	}
	return fmt.Sprintf("%s (default %s)", s.help, s.defaultWords)
}

// exampleText returns the default as a value in a file, or "" if words describe the default.
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
