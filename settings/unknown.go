package settings

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tabcell/settings/ini"
	"tabcell/settings/pylog"
)

// secretName is what people call secrets. None of the settings has one as its value, but who mistakes the name may mistake that, too.
var secretName = regexp.MustCompile(`PASS|PWD|SECRET|TOKEN|KEY|CRED|AUTH`)

// checkOptions looks at the names in the section: ours must be right; one that begins like TabPy's may have lain there for years
// unnoticed, and is a warning; others serve %(...)s.
func (l *loader) checkOptions(file *ini.File, options map[string]any) {
	for _, o := range file.Section(tabpySection).All() {
		name := strings.ToUpper(o.Name)
		text, _ := options[o.Name].(string)
		p := Problem{Name: name, Value: text, Origin: Origin{Layer: File, Name: name, File: l.src.File, Line: o.Line}}
		if _, known := byName(name); known || l.checkUnsupported(p) {
			continue
		}
		p.Text, p.Redacted = "there is no such setting"+suggestion(name), secretName.MatchString(name)
		switch {
		case strings.HasPrefix(name, "TABCELL_"):
			l.errors = append(l.errors, p)
		case strings.HasPrefix(name, "TABPY_"):
			l.warn(p)
		}
	}
}

// checkEnvironment looks for settings that are not supported yet, and for names that are nearly one: Kubernetes makes many that are not.
func (l *loader) checkEnvironment() {
	for _, pair := range l.environ() {
		name, text, _ := strings.Cut(pair, "=")
		upper := strings.ToUpper(name)
		p := Problem{Name: name, Value: text, Origin: Origin{Layer: Environment, Name: name}}
		if _, known := byName(name); known || l.checkUnsupported(p) || !strings.HasPrefix(upper, "TABPY_") && !strings.HasPrefix(upper, "TABCELL_") {
			continue
		}
		if near := suggestion(upper); near != "" {
			p.Text, p.Redacted = "there is no such setting"+near, secretName.MatchString(upper)
			l.warn(p)
		}
	}
}

// ask warns of a setting that is not supported yet, and tells whether p is one.
func (l *loader) checkUnsupported(p Problem) bool {
	wanted, known := unsupported[strings.ToUpper(p.Name)]
	if known && !slices.Contains(wanted.off, strings.ToLower(p.Value)) {
		p.Text = "has no effect: " + wanted.note
		l.warn(p)
	}
	return known
}

// checkSections warns of sections that nobody reads.
func (l *loader) checkSections(file *ini.File) {
	warn := func(line int, text string) {
		l.warn(Problem{Origin: Origin{Layer: File, File: l.src.File, Line: line}, Text: text})
	}
	if file.Section(tabpySection) == nil {
		warn(0, "there is no section [TabPy] (the name's case counts), so nothing in the file applies")
	}
	for _, s := range file.Sections {
		if s.Name != tabpySection && s.Name != ini.Default && !pylog.IsSection(s.Name) {
			warn(s.Line, fmt.Sprintf("section [%s] has no effect", s.Name))
		}
	}
}

// suggestion asks whether the known name was meant that is fewest letters away, if one is near enough.
func suggestion(name string) string {
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
	for known := range unsupported {
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
