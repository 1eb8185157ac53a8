package settings

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

// AddFlags gives a command the flags of those names. Their values are checked by Load, with all the others.
func AddFlags(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		for _, s := range table {
			if s.flag == name {
				flags.String(name, "", fmt.Sprintf("%s (default %s)", s.help, s.defaultText()))
			}
		}
	}
}

// Markdown prints the table of settings for the README.
func Markdown(w io.Writer) {
	fmt.Fprintln(w, "| setting | TabPy's name | flag | default | meaning |")
	fmt.Fprintln(w, "|---|---|---|---|---|")
	for _, s := range table {
		fmt.Fprintf(w, "| `%s` | %s | %s | %s | %s |\n", s.own, code(s.tabpy), code(dashed(s.flag)), s.defaultText(), s.help)
	}
}

// Help prints the table of settings for a terminal.
func Help(w io.Writer) {
	for _, s := range table {
		fmt.Fprintf(w, "  %s\n      %s (default %s)\n", strings.Join(s.names(), ", "), s.help, s.defaultText())
	}
}

func (s setting) defaultText() string {
	if s.shown != "" {
		return s.shown
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
