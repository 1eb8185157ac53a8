package cli

import (
	"strings"

	"tabcell/cmd/tabcell/internal/logging"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/settings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *App) serveCommand(name string) *cobra.Command {
	src := settings.Sources{Environ: a.Environ}
	cmd := &cobra.Command{
		Use:   name,
		Short: "Answer Tableau's requests until stopped (the default)",
		Long:  "Answer Tableau's requests until SIGINT or SIGTERM; what runs then is finished. A second signal ends at once." + settingsHelp(),
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.serve(src) },
	}
	addSettings(cmd.Flags(), &src)
	return cmd
}

// addSettings adds --config and the flags of those names, or the flags of all settings if there are
// no names, and sets src to read them.
func addSettings(flags *pflag.FlagSet, src *settings.Sources, names ...string) {
	flags.StringVar(&src.File, "config", "", "configuration `file`, as TabPy reads it")
	settings.AddFlags(flags, names...)
	src.Flags = flags
}

func settingsHelp() string {
	var b strings.Builder
	b.WriteString("\n\nSettings, in the section [TabPy] of the file or in the environment, which wins; a flag wins over both:\n")
	settings.WriteHelp(&b)
	return b.String()
}

// serve runs the server until a signal comes or something breaks.
func (a *App) serve(src settings.Sources) error {
	loaded, err := loadSettings(src)
	if err != nil {
		return err
	}
	return a.runServer(src.File, loaded)
}

// logOutput chooses text for people at a terminal, and for whatever starts TabPy and reads its sentences.
func (a *App) logOutput() logging.Output {
	return logging.Output{Stdout: a.Stdout, Stderr: a.Stderr, Color: a.Terminal, Text: a.Terminal || programName(a.Args[0]) == "tabpy"}
}

// runServer serves what was read from that file, which may be "".
func (a *App) runServer(file string, loaded *settings.Loaded) error {
	log, err := logging.Open(file, loaded, a.logOutput())
	if err != nil {
		return err
	}
	defer log.Close()
	return server.Run(server.Options{File: file, Loaded: loaded, Log: log.Logger, Start: a.Start, Signals: a.Signals})
}
