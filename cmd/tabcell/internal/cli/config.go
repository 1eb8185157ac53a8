package cli

import (
	"fmt"
	"text/tabwriter"

	"tabcell/cmd/tabcell/internal/hostmem"
	"tabcell/cmd/tabcell/internal/logging"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/runtime"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

// loadSettings reads the configuration.
func loadSettings(src settings.Sources) (*settings.Loaded, error) {
	loaded, err := settings.Load(onHost(src))
	if err != nil {
		return nil, fmt.Errorf("the configuration cannot be used:\n%w", err)
	}
	return loaded, nil
}

// onHost returns the sources with the limits of this program and this host, and the accounts in the
// password file.
func onHost(src settings.Sources) settings.Sources {
	src.MaxMemoryMB = int(runtime.MaxMemory() >> 20)
	src.HostMemoryMB = hostmem.Available().MB()
	src.Accounts = server.KnownAccounts
	return src
}

func (a *App) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check, show or create a configuration",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.configCheckCommand(), a.configShowCommand(), a.configInitCommand())
	return cmd
}

func (a *App) configCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Report every problem of a configuration file",
		Long: `Read FILE and the environment as the server does, and report every invalid value with its line,
and then every problem of the certificate, key, password and key set files. The folders of grants
must exist. The command opens no port and looks up no host. The exit code is 1 if the server would not start.` + settingsHint + exitHelp,
		Example: "  tabcell config check tabpy.conf",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.configCheck(settings.Sources{File: args[0], Environ: a.Environ})
		},
	}
}

func (a *App) configCheck(src settings.Sources) error {
	loaded, err := loadSettings(src)
	if err != nil {
		return err
	}
	if err := server.CheckFiles(loaded.Settings, logging.New(settings.Log{Level: "warn", Format: "text"}, a.logOutput())); err != nil {
		return fmt.Errorf("the configuration cannot be used:\n%w", err)
	}
	for _, w := range loaded.Warnings {
		fmt.Fprintf(a.Stdout, "warning: %s\n", w)
	}
	s, origins := loaded.Settings, map[settings.Layer]int{}
	for _, e := range loaded.Effective() {
		origins[e.Origin.Layer]++
	}
	fmt.Fprintf(a.Stdout, "%s can be used; settings from the file: %d, from the environment: %d; warnings: %d\n",
		src.File, origins[settings.File], origins[settings.Environment], len(loaded.Warnings))
	a.describeGrants(loaded.Grants)
	fmt.Fprintf(a.Stdout, "the server listens for %s on %s, port %d; %s\n", s.TLS.Protocol, s.Server.ListenHost(), s.Server.Port, describeAuth(s))
	return nil
}

// describeAuth describes how clients have to authenticate.
func describeAuth(s settings.Settings) string {
	switch {
	case s.Auth.PasswordFile != "" && s.OAuth.Enabled:
		return "clients need a password or a bearer token"
	case s.Auth.PasswordFile != "":
		return "clients need a password"
	case s.OAuth.Enabled:
		return "clients need a bearer token"
	}
	return "there is no authentication, so everyone who can reach it can use it"
}

func (a *App) configShowCommand() *cobra.Command {
	src := settings.Sources{Environ: a.Environ}
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print the value of each setting and its origin",
		Long: `Print the value in force of each setting and the layer that set it: the defaults, the file, the
environment, or the command line, and the options of all grants. User names, passwords and queries
in URLs, and environment variables of grants, are not shown.` + exitHelp,
		Example: "  tabcell config show --config tabpy.conf\n  tabcell config show --json",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.configShow(src, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	addSettings(cmd.Flags(), &src)
	return cmd
}

func (a *App) configShow(src settings.Sources, asJSON bool) error {
	loaded, err := loadSettings(src)
	if err != nil {
		return err
	}
	if asJSON {
		return a.printJSON(settingsAsJSON(append(loaded.Effective(), loaded.GrantOptions()...)))
	}
	table := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	for _, e := range append(loaded.Effective(), loaded.GrantOptions()...) {
		from := e.Origin.String()
		if e.Origin.Layer != settings.Default && e.Origin.Name != e.Name {
			from += ", as " + e.Origin.Name
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", e.Name, e.Value, from)
	}
	return table.Flush()
}

// settingJSON is the JSON form of one setting.
type settingJSON struct {
	Name  string `json:"name"`
	TabPy string `json:"tabpy_name,omitempty"`
	Value string `json:"value"`
	Layer string `json:"layer"`
	As    string `json:"written_as,omitempty"`
	File  string `json:"file,omitempty"`
	Line  int    `json:"line,omitempty"`
}

func settingsAsJSON(all []settings.Effective) []settingJSON {
	shown := make([]settingJSON, len(all))
	for i, e := range all {
		shown[i] = settingJSON{Name: e.Name, TabPy: e.TabPy, Value: e.Value, Layer: e.Origin.Layer.String(), File: e.Origin.File, Line: e.Origin.Line}
		if e.Origin.Layer != settings.Default {
			shown[i].As = e.Origin.Name
		}
	}
	return shown
}
