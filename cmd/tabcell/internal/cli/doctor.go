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
		Short: "Check whether this host can run the server",
		Long:  "Check whether this host has everything that the server needs, and print advice for each problem.\nThe exit code is 1 if a check failed." + exitHelp,
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.printFindings(doctor.Host(src, server.Listen)) },
	}
	addSettings(cmd.Flags(), &src, "host", "port", "cache-dir")
	cmd.AddCommand(a.doctorTLSCommand())
	return cmd
}

// printFindings prints the findings. It returns an error if one of them is a failure.
func (a *App) printFindings(findings []doctor.Finding) error {
	failed := 0
	for _, finding := range findings {
		fmt.Fprintf(a.Stdout, "%-4s  %-17s %s\n", finding.Severity, finding.Subject, finding.Text)
		if finding.Advice != "" {
			fmt.Fprintf(a.Stdout, "      %-17s -> %s\n", "", finding.Advice)
		}
		if finding.Severity == doctor.Failure {
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
		Short: "Check whether Tableau accepts the certificate and its key",
		Long: `Check a certificate chain and its key as the server would present them: the configured files, or
the files of --cert and --key. The exit code is 1 if Tableau or the server would refuse them. Trust
is checked with the certificate store of this machine; Tableau Cloud trusts only public certificate
authorities.` + exitHelp,
		Example: "  tabcell doctor tls --config tabpy.conf --name tabpy.example.com\n  tabcell doctor tls --cert chain.pem --key key.pem",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (files.Certificate == "") != (files.Key == "") {
				return &usageError{errors.New("--cert and --key belong together: --cert names the certificate, --key its private key"), cmd.CommandPath()}
			}
			return a.printFindings(doctor.Certificate(src, files, names))
		},
	}
	cmd.Flags().StringVar(&src.File, "config", "", "configuration `file` in TabPy's format")
	cmd.Flags().StringVar(&files.Certificate, "cert", "", "PEM `file` of the certificate chain, instead of the configured one")
	cmd.Flags().StringVar(&files.Key, "key", "", "PEM `file` of the private key, instead of the configured one")
	cmd.Flags().StringSliceVar(&names, "name", nil, "host `name` that Tableau connects to; may be repeated")
	return cmd
}
