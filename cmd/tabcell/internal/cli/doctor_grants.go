package cli

import (
	"tabcell/cmd/tabcell/internal/doctor"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

func (a *App) doctorGrantsCommand() *cobra.Command {
	src := settings.Sources{Environ: a.Environ}
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "grants",
		Short: "Check whether scripts can reach what the grants name",
		Long: `Check the grants of a configuration: read each folder, resolve each name, and connect to each
server, with TLS if the grant has it. No request is sent. The command also lists the grants of each
account and endpoint. Run it on the host of the server, as its user. The exit code is 1 if a check
failed.` + exitHelp,
		Example: "  tabcell doctor grants --config tabpy.conf",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.printFindings(doctor.Grants(onHost(src), server.GrantLimits), asJSON)
		},
	}
	cmd.Flags().StringVar(&src.File, "config", "", "configuration `file` in TabPy's format")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, as doctor does")
	return cmd
}
