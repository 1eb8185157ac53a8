package cli

import (
	"cmp"
	"path/filepath"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/service"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

const serviceHelp = `Install the server as a Windows service, and control it. Run these commands as an administrator.

The service runs as the virtual account "` + service.Account + `", which has no password and no rights but
those on its own folders: cache, log and models in %ProgramData%\tabcell, and reading the
configuration there. It starts automatically after the other services, and is restarted when it fails.
Starts, stops, warnings and errors are in the event log, with the source "` + service.Name + `"; the log file has
all lines. A stop finishes the requests in progress.

On Linux, the packages install a unit for systemd; see ` + "`tabcell docs install`."

const serviceExample = `  tabcell service install
  tabcell service start
  tabcell service status`

func (a *App) serviceCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "service", Short: "Install and control the Windows service", Long: serviceHelp + exitHelp, Example: serviceExample}
	cmd.AddCommand(
		a.serviceInstallCommand(),
		a.serviceSubcommand("start", "Start the service and wait until it runs", service.Administrator.Start),
		a.serviceSubcommand("stop", "Stop the service and wait until its requests are finished", service.Administrator.Stop),
		a.serviceSubcommand("status", "Show the state of the service", service.Administrator.Status),
		a.serviceSubcommand("remove", "Stop and remove the service; its files stay", service.Administrator.Remove),
	)
	return cmd
}

func (a *App) serviceInstallCommand() *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Install the service, or change it to this program and configuration",
		Long: "Install this program as a service, with the configuration file of --config. Without --config, it is\n" +
			"%ProgramData%\\tabcell\\tabcell.conf, which is created unless it exists. Moving the program or updating it\n" +
			"in another folder needs another call. The service is not started." + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.installService(config) },
	}
	cmd.Flags().StringVar(&config, "config", "", "configuration `file` in TabPy's format")
	return cmd
}

func (a *App) serviceSubcommand(name, short string, do func(service.Administrator) error) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: short, Long: short + "." + exitHelp, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.administer(do) },
	}
}

// installService installs the service. It refuses a configuration with which the server would not
// start.
func (a *App) installService(config string) error {
	if config != "" {
		if _, err := loadSettings(settings.Sources{File: config}); err != nil {
			return err
		}
		absolute, err := filepath.Abs(config)
		if err != nil {
			return err
		}
		config = absolute
	}
	return a.administer(func(admin service.Administrator) error { return admin.Install(buildinfo.ProgramPath(), config) })
}

// administer calls do with the service manager.
func (a *App) administer(do func(service.Administrator) error) error {
	open := a.Manager
	if open == nil {
		open = service.OpenManager
	}
	manager, err := open()
	if err != nil {
		return err
	}
	defer manager.Close()
	root := filepath.Join(cmp.Or(a.getenv("ProgramData"), `C:\ProgramData`), service.Name)
	return do(service.Administrator{Manager: manager, Out: a.Stdout, Root: root})
}
