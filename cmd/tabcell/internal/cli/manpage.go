package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"tabcell/settings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Man pages are in the language of man 7 man. The generator of cobra would put a parser of Markdown
// into the program, and the help texts are no Markdown.

// page is a man page.
type page struct{ strings.Builder }

// newPage returns a page with its head.
func newPage(name string, section int, short string, date time.Time) *page {
	p := &page{}
	fmt.Fprintf(p, ".TH %s %d %s tabcell\n", quoteMan(strings.ToUpper(name)), section, quoteMan(date.Format(time.DateOnly)))
	p.section("Name")
	fmt.Fprintf(p, "%s \\- %s\n", escapeMan(name), escapeMan(short))
	return p
}

func (p *page) section(title string) { fmt.Fprintf(p, ".SH %s\n", quoteMan(strings.ToUpper(title))) }

// text adds a help text: lines that begin with a space are kept, and others are filled.
func (p *page) text(text string) {
	kept := false
	for line := range strings.Lines(strings.Trim(text, "\n") + "\n") {
		line = strings.TrimRight(line, "\n")
		if indented := strings.HasPrefix(line, " "); indented != kept && (indented || line != "") {
			p.WriteString(map[bool]string{true: ".PP\n.nf\n", false: ".fi\n.PP\n"}[indented])
			kept = indented
		}
		switch {
		case line != "":
			p.WriteString(escapeMan(line) + "\n")
		case kept:
			p.WriteString("\n")
		default:
			p.WriteString(".PP\n")
		}
	}
	if kept {
		p.WriteString(".fi\n")
	}
}

// example adds the lines of an example.
func (p *page) example(text string) {
	fmt.Fprintf(p, ".nf\n%s\n.fi\n", escapeLines(text))
}

// item adds an entry of a list.
func (p *page) item(term, text string) {
	fmt.Fprintf(p, ".TP\n.B %s\n%s\n", escapeMan(term), escapeMan(text))
}

// writeCommandPage writes the page of a command.
func writeCommandPage(w io.Writer, cmd *cobra.Command, date time.Time) error {
	p := newPage(pageName(cmd), 1, cmd.Short, date)
	p.section("Synopsis")
	p.text(cmd.UseLine())
	p.section("Description")
	description, _, _ := strings.Cut(cmd.Long, exitHelp)
	p.text(description)
	if flags := cmd.NonInheritedFlags(); flags.HasAvailableFlags() {
		p.section("Options")
		flags.VisitAll(p.option)
	}
	if cmd.HasExample() {
		p.section("Examples")
		p.example(cmd.Example)
	}
	p.section("Exit status")
	p.text(strings.TrimPrefix(exitHelp, "\n\nExit codes:"))
	p.section("See also")
	p.text(strings.Join(related(cmd), ", "))
	_, err := io.WriteString(w, p.String())
	return err
}

// option adds a flag.
func (p *page) option(f *pflag.Flag) {
	if f.Hidden {
		return
	}
	name, usage := pflag.UnquoteUsage(f)
	term := "--" + f.Name
	if f.Shorthand != "" {
		term = "-" + f.Shorthand + ", " + term
	}
	p.item(strings.TrimSpace(term+" "+name), usage)
}

// related returns the names of the pages of the commands above and below a command, and that of the
// configuration file.
func related(cmd *cobra.Command) (names []string) {
	if cmd.HasParent() {
		names = append(names, pageName(cmd.Parent())+"(1)")
	}
	for _, child := range cmd.Commands() {
		if child.IsAvailableCommand() {
			names = append(names, pageName(child)+"(1)")
		}
	}
	return append(names, "tabcell.conf(5)")
}

// pageName returns the name of a command's page, such as tabcell-config-check.
func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// writeSettingsPage writes the page of the configuration file.
func writeSettingsPage(w io.Writer, date time.Time) error {
	p := newPage("tabcell.conf", 5, "configuration of tabcell", date)
	p.section("Description")
	p.text(`The settings are in the section [TabPy], which TabPy can read too. A value continues on indented
lines, %(NAME)s is the value of an environment variable, and %% is a percent sign. A comment has a
line of its own, which begins with #. Environment variables of the same names override the file, and
flags override both. systemctl reload tabcell applies most changes; the log names the others.`)
	var groups []string
	for _, e := range settings.Reference() {
		if !slices.Contains(groups, e.Group) {
			groups = append(groups, e.Group)
			p.section(e.Group)
		}
		help := fmt.Sprintf("%s. Default: %s.", e.Help, e.Default)
		if e.Flag != "" {
			help += " Flag: " + e.Flag + "."
		}
		p.item(strings.Join(e.Names, ", "), help)
	}
	p.section("Files")
	p.item("/etc/tabcell/tabcell.conf", "the configuration of the service")
	p.item("/var/lib/tabcell/models", "the deployed endpoints")
	p.item("/var/cache/tabcell", "compiled Python")
	p.item("/var/log/tabcell", "the audit trail and log files, if the configuration names them")
	p.section("See also")
	p.text("tabcell(1), tabcell-config-check(1)")
	_, err := io.WriteString(w, p.String())
	return err
}

var manEscapes = strings.NewReplacer(`\`, `\e`, `-`, `\-`, `'`, `\(aq`, "`", "\\`", `"`, `\(dq`, `^`, `\(ha`, `~`, `\(ti`)

// escapeMan returns a line of text. A control line would begin with a period or a quote.
func escapeMan(text string) string {
	text = manEscapes.Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}

// escapeLines escapes each line of a text.
func escapeLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = escapeMan(line)
	}
	return strings.Join(lines, "\n")
}

// quoteMan returns an argument of a macro.
func quoteMan(text string) string { return `"` + escapeMan(text) + `"` }
