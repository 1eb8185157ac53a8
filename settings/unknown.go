package settings

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tabcell/settings/ini"
	"tabcell/settings/pylog"
)

// secretName matches names that suggest a secret. No setting has a secret as its value, but a user
// who mistakes the name may put one there.
var secretName = regexp.MustCompile(`PASS|PWD|SECRET|TOKEN|KEY|CRED|AUTH`)

// checkOptions checks the names of the options in the section [TabPy]. An unknown name with our
// prefix is an error. One with TabPy's prefix is a warning, because TabPy has always ignored it.
// Other names are allowed: %(NAME)s can refer to them.
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

// checkEnvironment warns of unsupported settings, and of names that resemble a setting. Other
// unknown names are ignored: Kubernetes sets many variables that begin with the name of a service.
func (l *loader) checkEnvironment() {
	for _, pair := range l.environ() {
		name, text, _ := strings.Cut(pair, "=")
		upper := strings.ToUpper(name)
		p := Problem{Name: name, Value: text, Origin: Origin{Layer: Environment, Name: name}}
		if _, known := byName(name); known || l.checkUnsupported(p) || !strings.HasPrefix(upper, "TABPY_") && !strings.HasPrefix(upper, "TABCELL_") {
			continue
		}
		if hint := suggestion(upper); hint != "" {
			p.Text, p.Redacted = "there is no such setting"+hint, secretName.MatchString(upper)
			l.warn(p)
		}
	}
}

// checkUnsupported reports whether p is about an unsupported setting, and warns unless its value
// switches the feature off.
func (l *loader) checkUnsupported(p Problem) bool {
	known, ok := unsupported[strings.ToUpper(p.Name)]
	if ok && !slices.Contains(known.off, strings.ToLower(p.Value)) {
		p.Text = "has no effect: " + known.reason
		l.warn(p)
	}
	return ok
}

// checkSections warns of sections that are not read.
func (l *loader) checkSections(file *ini.File) {
	warn := func(line int, text string) {
		l.warn(Problem{Origin: Origin{Layer: File, File: l.src.File, Line: line}, Text: text})
	}
	if file.Section(tabpySection) == nil {
		warn(0, "there is no section [TabPy] (its name is case-sensitive), so the file sets nothing")
	}
	for _, s := range file.Sections {
		if s.Name != tabpySection && s.Name != ini.Default && !pylog.IsSection(s.Name) && !grantLike.MatchString(s.Name) {
			warn(s.Line, fmt.Sprintf("section [%s] has no effect", s.Name))
		}
	}
}

// suggestion returns a question that names the known setting closest to name, or "" if none is
// close enough to be a misspelling.
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

// editDistance returns the Levenshtein distance of a and b in bytes.
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
