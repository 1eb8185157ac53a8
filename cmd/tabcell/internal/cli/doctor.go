package cli

import (
	"errors"
	"fmt"

	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/cmd/tabcell/internal/doctor"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

func (a *App) doctorCommand() *cobra.Command {
	src := settings.Sources{Environ: a.Environ}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Tell what this host can and cannot do, and what to do about it",
		Long:  "Check this host for what the server needs. The exit code is 1 when something is missing." + exitHelp,
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.printFindings(doctor.Host(src, server.Listen)) },
	}
	addSettings(cmd.Flags(), &src, "host", "port", "cache-dir")
	cmd.AddCommand(a.doctorTLSCommand())
	return cmd
}

// tell prints findings; it is an error when something failed.
func (a *App) printFindings(findings []doctor.Finding) error {
	failed := 0
	for _, found := range findings {
		fmt.Fprintf(a.Stdout, "%-4s  %-17s %s\n", found.Severity, found.Subject, found.Text)
		if found.Advice != "" {
			fmt.Fprintf(a.Stdout, "      %-17s -> %s\n", "", found.Advice)
		}
		if found.Severity == doctor.Failure {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d checks failed", failed, len(findings))
	}
	return nil
}

func (a *App) doctorTLSCommand() *cobra.Command {
	src := settings.Sources{Environ: a.Environ}
	var files certs.Files
	var names []string
	cmd := &cobra.Command{
		Use:   "tls",
		Short: "Tell what Tableau will think of the certificate and its key",
		Long: "Check a certificate and its key, as the server would present them: those of the configuration, or those that --cert and --key name.\n" +
			"The exit code is 1 when Tableau or the server would refuse them. What is only a matter of this machine's trust is judged with its\n" +
			"certificate store; Tableau Cloud trusts public certificate authorities only." + exitHelp,
		Example: "  tabcell doctor tls --config tabpy.conf --name tabpy.example.com\n  tabcell doctor tls --cert chain.pem --key key.pem",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (files.Certificate == "") != (files.Key == "") {
				return &usageError{errors.New("--cert and --key belong together: one names the certificate, the other its key"), cmd.CommandPath()}
			}
			return a.printFindings(doctor.Certificate(src, files, names))
		},
	}
	cmd.Flags().StringVar(&src.File, "config", "", "configuration `file`, as TabPy reads it")
	cmd.Flags().StringVar(&files.Certificate, "cert", "", "PEM `file` of the certificate chain, instead of the configured one")
	cmd.Flags().StringVar(&files.Key, "key", "", "PEM `file` of the private key, instead of the configured one")
	cmd.Flags().StringSliceVar(&names, "name", nil, "host `name` that Tableau will use; may be repeated")
	return cmd
}
