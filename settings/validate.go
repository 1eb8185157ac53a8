package settings

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"tabcell/settings/ini"
)

// asked is a setting of TabPy's that somebody made and that is not supported yet.
type asked struct {
	Problem
	protects bool
}

// problem is about the value that is in force.
func (l *loader) problem(path, text string) Problem {
	o := l.origins[path]
	return Problem{Name: o.Name, Value: l.tree.String(path), Origin: o, Text: text}
}

// checkSections warns of sections that nobody reads.
func (l *loader) checkSections(file *ini.File) {
	warn := func(line int, text string) {
		l.warnings = append(l.warnings, Problem{Origin: Origin{Layer: File, File: l.src.File, Line: line}, Text: text})
	}
	if file.Section(tabpySection) == nil {
		warn(0, "there is no section [TabPy] (the name's case counts), so nothing in the file applies")
	}
	logging := false
	for _, s := range file.Sections {
		switch {
		case s.Name == tabpySection, s.Name == ini.Default:
		case isLogging(s.Name) && !logging:
			logging = true
			warn(s.Line, "Python's logging sections have no effect: use TABCELL_LOG_LEVEL and TABCELL_LOG_FORMAT")
		case !isLogging(s.Name):
			warn(s.Line, fmt.Sprintf("section [%s] has no effect", s.Name))
		}
	}
}

func isLogging(section string) bool {
	kind, _, _ := strings.Cut(section, "_")
	return slices.Contains([]string{"loggers", "handlers", "formatters", "logger", "handler", "formatter"}, kind)
}

// checkOptions looks at the names in the section: ours must be right; one that begins like TabPy's may have lain there for years
// unnoticed, and is a warning; others serve %(...)s.
func (l *loader) checkOptions(file *ini.File, options map[string]any) {
	for _, o := range file.Section(tabpySection).All() {
		name := strings.ToUpper(o.Name)
		text, _ := options[o.Name].(string)
		p := Problem{Name: name, Value: text, Origin: Origin{Layer: File, Name: name, File: l.src.File, Line: o.Line}}
		if _, known := byName(name); known || l.ask(p) {
			continue
		}
		p.Text = "there is no such setting" + nearest(name)
		switch {
		case strings.HasPrefix(name, "TABCELL_"):
			l.errors = append(l.errors, p)
		case strings.HasPrefix(name, "TABPY_"):
			l.warnings = append(l.warnings, p)
		}
	}
}

// checkEnvironment looks for settings that are not supported yet. Other variables are none of our business.
func (l *loader) checkEnvironment() {
	for _, pair := range l.environ() {
		name, text, _ := strings.Cut(pair, "=")
		l.ask(Problem{Name: name, Value: text, Origin: Origin{Layer: Environment, Name: name}})
	}
}

// ask remembers a setting that is not supported yet, and tells whether p is one.
func (l *loader) ask(p Problem) bool {
	wanted, known := notYet[strings.ToUpper(p.Name)]
	if known && !slices.Contains(wanted.harmless, strings.ToLower(p.Value)) {
		p.Text = wanted.note
		l.asked = append(l.asked, asked{p, wanted.protects})
	}
	return known
}

// validate finds what is wrong with values that are each right.
func (l *loader) validate(s Settings) {
	open := !isLoopback(s.Server.ListenHost())
	for _, a := range l.asked {
		if a.protects && open {
			a.Text += "; refusing to listen on " + s.Server.Host + " without it"
			l.errors = append(l.errors, a.Problem)
			continue
		}
		a.Text = "has no effect: " + a.Text
		l.warnings = append(l.warnings, a.Problem)
	}
	if open {
		l.warnings = append(l.warnings, l.problem("server.host", "everybody who can reach this address can run scripts: there is no authentication"))
	}
	if s.Evaluate.Timeout.Value == 0 {
		l.warnings = append(l.warnings, l.problem("evaluate.timeout", "every script will be timed out at once"))
	}
	l.explainKubernetes()
}

// explainKubernetes: for a service named "tabpy" Kubernetes puts TABPY_PORT=tcp://10.0.0.1:9004 into every container.
func (l *loader) explainKubernetes() {
	for i, p := range l.errors {
		if p.Origin.Layer == Environment && strings.HasPrefix(p.Value, "tcp://") {
			l.errors[i].Text += "; Kubernetes sets this for a service of that name: set TABCELL_PORT, which wins, or enableServiceLinks: false"
		}
	}
}

// isLoopback is false for names other than localhost: who knows what they resolve to.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback() || strings.EqualFold(host, "localhost")
}

// nearest suggests the known name that is fewest letters away, if it is near enough to be meant.
func nearest(name string) string {
	best, distance := "", 1+len(name)/4
	consider := func(known string) {
		if d := editDistance(name, known); known != "" && (d < distance || d == distance && known < best) {
			best, distance = known, d
		}
	}
	for _, s := range table {
		consider(s.tabpy)
		consider(s.own)
	}
	for known := range notYet {
		consider(known)
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// editDistance is Levenshtein's, in bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
