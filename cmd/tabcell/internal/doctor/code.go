package doctor

import (
	"fmt"
	"strings"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/runtime"
	"tabcell/settings"
)

// codeMB has the size of the compiled code of each guest with its image in MiB, rounded up from a
// measurement on amd64.
var codeMB = map[string]int{"core": 170, "full": 350}

// guestsOf returns the names of the guests that the settings select.
func guestsOf(c settings.Cells) []string {
	if c.Guest == "auto" {
		return []string{"core", "full"}
	}
	return []string{c.Guest}
}

// checkInstallation finds out which compiled code a start will use. A start prefers the code
// that was installed with the program, so it comes first, and the cache folder matters only to
// the guests that it lacks.
func checkInstallation(s settings.Settings, hasCode func(settings.Settings, string) bool) []Finding {
	installed := s // without a cache folder
	installed.Cells.CacheDir = ""
	cached := s // the folder of installed code is the cache, so that only that is looked at
	cached.Cells.CodeDir = s.Cells.CacheDir
	sources := map[string][]string{}
	var missing []string
	for _, guest := range guestsOf(s.Cells) {
		switch {
		case hasCode(installed, guest):
			sources["installed"] = append(sources["installed"], guest)
		case s.Cells.CacheDir != "" && hasCode(cached, guest):
			sources["cached"] = append(sources["cached"], guest)
			missing = append(missing, guest)
		default:
			sources["none"] = append(sources["none"], guest)
			missing = append(missing, guest)
		}
	}
	dir := buildinfo.CodeDir(s.Cells, buildinfo.ProgramPath())
	return []Finding{checkShippedCode(dir, len(missing) == 0), checkSources(s.Cells, dir, sources), checkCache(s.Cells.CacheDir, missing, sources["none"])}
}

// checkShippedCode checks the compiled code that was installed with the program, if any. complete
// reports whether it has all guests.
func checkShippedCode(dir string, complete bool) Finding {
	const subject = "installed code"
	if dir == "" {
		return Finding{OK, subject, "no compiled code is installed with the program", ""}
	}
	advice := "create it again with tabcell warm --into " + dir + ", or remove it"
	if err := runtime.CheckBundle(dir, buildinfo.Program()); err != nil {
		return Finding{Warning, subject, fmt.Sprintf("%s is not used: %v", dir, err), advice}
	}
	if !complete {
		return Finding{Warning, subject, dir + " belongs to this program, but has not all of its guests", advice}
	}
	return Finding{OK, subject, dir + " belongs to this program", ""}
}

// checkSources says which code the next start will use.
func checkSources(c settings.Cells, dir string, sources map[string][]string) Finding {
	const subject = "compiled code"
	var parts []string
	add := func(source, text string) {
		if guests := sources[source]; guests != nil {
			parts = append(parts, fmt.Sprintf(text, strings.Join(guests, ", ")))
		}
	}
	add("installed", "a start uses the code of %s in "+dir)
	add("cached", "a start uses the code of %s in "+c.CacheDir)
	add("none", "a start compiles %s, which takes minutes on a slow machine")
	f := Finding{OK, subject, strings.Join(parts, "; "), ""}
	if sources["none"] != nil {
		f.Advice = "run tabcell warm to compile them before the first start"
		if c.CacheDir == "" {
			f.Severity, f.Advice = Warning, "set TABCELL_CACHE_DIR to a folder of this user, or install compiled code (tabcell warm --into)"
			f.Text += ", every time"
		}
	}
	return f
}
