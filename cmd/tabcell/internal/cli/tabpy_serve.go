package cli

import (
	"errors"
	"fmt"
	"strings"

	"tabcell/settings"
)

const tabpyUsage = `Usage:
  tabpy [--config FILE] [--disable-auth-warning]
  tabpy -h | --help
`

const tabpyHelp = `tabcell under TabPy's name: serve Tableau's Python scripts from sealed cells.

` + tabpyUsage + `
Options:
  -h --help               Show this help.
  --config FILE           Read the configuration from FILE.
  --disable-auth-warning  Start without a question where no authentication is configured.

Other commands and settings: see "tabcell --help".
`

// tabpyArgs are TabPy's options.
type tabpyArgs struct {
	help    bool
	config  string
	noAsk   bool // --disable-auth-warning
	configs int
}

var errTabPyUsage = errors.New("wrong usage")

// runAsTabPy takes TabPy's command line as docopt does, which also knows a long option by the beginning of its name. Everything else prints
// the usage and ends with 1.
func (f *App) runAsTabPy(args []string) int {
	a, err := parseTabPy(args)
	switch {
	case err != nil:
		fmt.Fprint(f.Stderr, tabpyUsage)
		return exitFailed
	case a.help:
		fmt.Fprint(f.Stdout, tabpyHelp)
		return exitOK
	}
	return f.report(f.serveAsTabPy(a))
}

func (f *App) serveAsTabPy(a tabpyArgs) error {
	loaded, err := loadSettings(settings.Sources{File: a.config, Environ: f.Environ})
	if err != nil {
		return err
	}
	if !a.noAsk && !loaded.Settings.Authenticates() {
		if proceed, err := f.askToProceed(loaded.Settings); err != nil || !proceed {
			return err
		}
	}
	return f.serveLoaded(a.config, loaded)
}

func parseTabPy(args []string) (tabpyArgs, error) {
	var a tabpyArgs
	for len(args) > 0 {
		name, value, joined := strings.Cut(args[0], "=")
		args = args[1:]
		switch longOption(name) {
		case "--help":
			if joined {
				return a, errTabPyUsage
			}
			return tabpyArgs{help: true}, nil
		case "--disable-auth-warning":
			if joined || a.noAsk {
				return a, errTabPyUsage
			}
			a.noAsk = true
		case "--config":
			if !joined {
				if len(args) == 0 {
					return a, errTabPyUsage
				}
				value, args = args[0], args[1:]
			}
			a.config = value
			a.configs++
		default:
			return a, errTabPyUsage
		}
	}
	if a.configs > 1 || a.configs == 1 && a.config == "" {
		return a, errTabPyUsage
	}
	return a, nil
}

// longOption is the option that name is, or the beginning of; "" when there is none.
func longOption(name string) string {
	if name == "-h" {
		return "--help"
	}
	if len(name) < len("--x") {
		return ""
	}
	for _, option := range []string{"--help", "--config", "--disable-auth-warning"} {
		if strings.HasPrefix(option, name) {
			return option
		}
	}
	return ""
}
