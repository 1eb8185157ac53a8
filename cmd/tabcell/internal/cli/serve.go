package cli

import (
	"os"

	"tabcell/cmd/tabcell/internal/logging"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/cmd/tabcell/internal/service"
	"tabcell/cmd/tabcell/internal/term"
	"tabcell/settings"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *App) serveCommand(name string) *cobra.Command {
	src := settings.Sources{Environ: a.Environ}
	cmd := &cobra.Command{
		Use:   name,
		Short: "Start the server (the default command)",
		Long:  "Serve Tableau's requests until SIGINT or SIGTERM, and then finish the requests in progress.\nA second signal stops the server at once. SIGHUP opens the log files again and reads the\nconfiguration and its files again; the log says what applies without a restart." + settingsHint,
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.serve(src) },
	}
	addSettings(cmd.Flags(), &src)
	return cmd
}

// keyCommand returns the command that a confined server starts to fetch its key set.
func (a *App) keyCommand() *cobra.Command {
	return &cobra.Command{
		Use: server.KeyCommand, Short: "Fetch a key set for a confined server", Hidden: true, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return server.ServeKeys(a.Stdin, a.Stdout) },
	}
}

// addSettings adds --config and the flags of the named settings, or of all settings if there are no
// names, and makes src read them.
func addSettings(flags *pflag.FlagSet, src *settings.Sources, names ...string) {
	flags.StringVar(&src.File, "config", "", "configuration `file` in TabPy's format")
	settings.AddFlags(flags, names...)
	src.Flags = flags
}

// settingsHint is the section of a help text that says where all settings are described.
const settingsHint = "\n\nMost settings have no flag; the file of --config or the environment sets them. `tabcell help\n" +
	"settings` lists all, and `tabcell help NAME` describes one."

// serve runs the server until it receives a signal or fails.
func (a *App) serve(src settings.Sources) error {
	loaded, err := loadSettings(src)
	if err != nil {
		return err
	}
	return a.runServer(src, loaded)
}

// logOutput returns the default log output. Its format is text on a terminal, and under the name
// tabpy, because a program that starts TabPy may parse its messages. Elsewhere it is JSON.
func (a *App) logOutput() logging.Output {
	return logging.Output{
		Stdout: a.Stdout, Stderr: a.Stderr, Color: a.Terminal, Text: a.Terminal || programName(a.Args[0]) == "tabpy", Events: a.eventReporter(),
	}
}

// runServer runs the server with settings that were loaded from src. SIGHUP reloads them, where the
// system has that signal.
func (a *App) runServer(src settings.Sources, loaded *settings.Loaded) error {
	reload := server.ReloadOptions{Sources: onHost(src), Signals: a.Reloads, HungUp: a.hungUp}
	if a.Reloads == nil {
		var stop func()
		reload.Signals, stop = server.NotifyReload()
		defer stop()
	}
	output := a.logOutput()
	if a.Terminal {
		output.Stderr = a.statusLine()
	}
	log, err := logging.Open(src.File, loaded, output)
	if err != nil {
		return err
	}
	defer log.Close()
	reload.Log = log
	manager := a.openService(log.Logger)
	logger, repeats := logging.LimitRepeats(log.Logger, loaded.Settings.Log.Repeats)
	defer repeats.Close()
	return server.Run(server.Options{
		File: src.File, Loaded: loaded, Log: logger, Stdout: a.Stdout, Start: a.Start, Signals: a.Signals, Reload: reload,
		Service: manager, Confine: a.Confine,
		Progress: a.showProgress, ProgressShown: a.Terminal && loaded.PyLog == nil,
	})
}

// openService returns the service manager, or service.None if there is none or it cannot be
// reached.
func (a *App) openService(log zerolog.Logger) service.Notifier {
	if a.Service != nil {
		return a.Service
	}
	manager, err := service.Open(a.getenv, os.Getpid())
	if err != nil {
		log.Warn().Err(err).Msg("the service manager is not told about the state of the server")
	}
	return manager
}

// hungUp reports whether standard error was a terminal at the start and is none anymore, because
// the terminal was closed.
func (a *App) hungUp() bool {
	file, ok := a.Stderr.(*os.File)
	return ok && a.Terminal && !term.IsTerminal(file)
}
