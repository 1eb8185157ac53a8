package settings_test

import (
	"fmt"
	"os"
	"path/filepath"

	"tabcell/settings"

	"github.com/spf13/pflag"
)

// writeFile writes a configuration file and returns its path.
func writeFile(text string) string {
	dir, err := os.MkdirTemp("", "settings")
	if err != nil {
		panic(err)
	}
	file := filepath.Join(dir, "tabpy.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		panic(err)
	}
	return file
}

// The environment takes precedence over the file, and flags over both.
func ExampleLoad() {
	file := writeFile("[TabPy]\nTABPY_PORT = 9100\nTABPY_EVALUATE_TIMEOUT = 60\nTABCELL_QUEUE = 10\n")
	defer os.RemoveAll(filepath.Dir(file))
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	settings.AddFlags(flags, "host", "port")
	if err := flags.Parse([]string{"--port=9300"}); err != nil {
		fmt.Println(err)
		return
	}
	loaded, err := settings.Load(settings.Sources{
		File:    file,
		Environ: []string{"TABPY_PORT=9200", "TABCELL_QUEUE=20"},
		Flags:   flags,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("port:", loaded.Settings.Server.Port)
	fmt.Println("queue:", loaded.Settings.Cells.Queue)
	fmt.Println("timeout:", loaded.Settings.Evaluate.Timeout.Duration())
	fmt.Println("memory:", loaded.Settings.Cells.MemoryMB, "MiB")
	// Output:
	// port: 9300
	// queue: 20
	// timeout: 1m0s
	// memory: 1024 MiB
}

// The error has every problem.
func ExampleLoad_problems() {
	_, err := settings.Load(settings.Sources{Environ: []string{
		"TABPY_PORT=99999",
		"TABCELL_MEMORY_LIMIT_MB=64",
		"TABCELL_PLACES=4",
	}})
	fmt.Println(err)
	// Output:
	// TABPY_PORT = 99999 (environment): must be from 0 to 65535
	// TABCELL_MEMORY_LIMIT_MB = 64 (environment): must be from 128 to 4095
	// warning: TABCELL_PLACES = 4 (environment): this name is deprecated; use TABCELL_CONCURRENCY
}

func ExampleLoaded_Effective() {
	loaded, err := settings.Load(settings.Sources{Environ: []string{"TABPY_PORT=9200"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range loaded.Effective() {
		if e.Origin.Layer != settings.Default {
			fmt.Printf("%s = %s (%s, as %s)\n", e.Name, e.Value, e.Origin, e.Origin.Name)
		}
	}
	// Output:
	// TABCELL_PORT = 9200 (environment, as TABPY_PORT)
}
