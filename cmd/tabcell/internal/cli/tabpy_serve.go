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

const tabpyHelp = `Run Tableau's Python scripts in sealed cells. This is tabcell under the name of TabPy.

` + tabpyUsage + `
Options:
  -h --help               Show this help.
  --config FILE           Read the configuration from FILE.
  --disable-auth-warning  Do not ask for confirmation if no authentication is configured.

For other commands and the settings, see "tabcell --help".
`

// tabpyOptions holds TabPy's command-line options.
type tabpyOptions struct {
	help           bool
	config         string
	disableWarning bool
	configs        int // number of --config options
}

var errTabPyUsage = errors.New("invalid command line")

// runAsTabPy parses TabPy's command line, runs the server, and returns the exit code. Like docopt,
// which TabPy uses, it accepts unambiguous abbreviations of long options, and for an invalid
// command line prints the usage and returns 1.
func (a *App) runAsTabPy(args []string) int {
	o, err := parseTabPy(args)
	switch {
	case err != nil:
		fmt.Fprint(a.Stderr, tabpyUsage)
		return exitFailed
	case o.help:
		fmt.Fprint(a.Stdout, tabpyHelp)
		return exitOK
	}
	return a.report(a.serveAsTabPy(o))
}

// serveAsTabPy runs the server, after a confirmation if no authentication is configured.
func (a *App) serveAsTabPy(o tabpyOptions) error {
	src := settings.Sources{File: o.config, Environ: a.Environ}
	loaded, err := loadSettings(src)
	if err != nil {
		return err
	}
	if !o.disableWarning && !loaded.Settings.Authenticates() {
		if proceed, err := a.confirmNoAuthentication(loaded.Settings); err != nil || !proceed {
			return err
		}
	}
	return a.runServer(src, loaded)
}

// parseTabPy parses TabPy's command line.
func parseTabPy(args []string) (tabpyOptions, error) {
	var o tabpyOptions
	for len(args) > 0 {
		name, value, joined := strings.Cut(args[0], "=")
		args = args[1:]
		switch longOption(name) {
		case "--help":
			if joined {
				return o, errTabPyUsage
			}
			return tabpyOptions{help: true}, nil
		case "--disable-auth-warning":
			if joined || o.disableWarning {
				return o, errTabPyUsage
			}
			o.disableWarning = true
		case "--config":
			if !joined {
				if len(args) == 0 {
					return o, errTabPyUsage
				}
				value, args = args[0], args[1:]
			}
			o.config = value
			o.configs++
		default:
			return o, errTabPyUsage
		}
	}
	if o.configs > 1 || o.configs == 1 && o.config == "" {
		return o, errTabPyUsage
	}
	return o, nil
}

// longOption returns the option that name is or abbreviates, or "" if there is none.
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
