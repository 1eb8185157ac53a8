package cli

import (
	"strings"
	"testing"
)

func TestParseTabPy(t *testing.T) {
	for line, want := range map[string]tabpyOptions{
		"":                              {},
		"-h":                            {help: true},
		"--help":                        {help: true},
		"--config a.conf":               {config: "a.conf", configs: 1},
		"--config=a=b.conf":             {config: "a=b.conf", configs: 1},
		"--conf a.conf --disable":       {config: "a.conf", configs: 1, disableWarning: true},
		"--disable-auth-warning":        {disableWarning: true},
		"--disable-auth-warning --c=-x": {config: "-x", configs: 1, disableWarning: true},
	} {
		if got, err := parseTabPy(strings.Fields(line)); err != nil || got != want {
			t.Errorf("%q: %+v, error %v", line, got, err)
		}
	}
	for _, line := range []string{
		"serve", "--port 1", "--version", "--config", "--config=", "--config a --config b", "--disable-auth-warning=1", "--help=1", "-x", "--", "-", "-c a",
		"--disable --disable", "--configuration a",
	} {
		if got, err := parseTabPy(strings.Fields(line)); err == nil {
			t.Errorf("%q was accepted as %+v", line, got)
		}
	}
}

func TestProgramName(t *testing.T) {
	for program, want := range map[string]bool{
		"tabpy": true, "/usr/bin/tabpy": true, "TabPy.EXE": true, "./tabpy.exe": true, "tabcell": false, "tabpy-user": false, "": false,
	} {
		if (programName(program) == "tabpy") != want {
			t.Errorf("%q: %v", program, !want)
		}
	}
}
