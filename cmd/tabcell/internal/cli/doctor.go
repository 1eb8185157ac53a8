package cli

import (
	"errors"
	"fmt"
	"strings"

	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/cmd/tabcell/internal/doctor"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

const doctorHelp = `Check whether this host has everything that the server needs: memory, files, the kernel, folders and
their free space, compiled code, port, clock, and the files of the configuration. Run it as the user
of the server. It changes nothing. Each line that is not ok is followed by advice.

The exit code is 0 if the server can run, also with warnings, and 1 if a check failed: the server
would not start, or not work.

With --json, the output is an object with the members format (1), version, level (ok, warn or fail:
the worst of all checks), failed and warned (numbers of checks), and checks, a list of objects with
id, level, finding and advice.`

func (a *App) doctorCommand() *cobra.Command {
	src := settings.Sources{Environ: a.Environ}
	var asJSON bool
	start := doctor.Start{Listen: server.Listen, HasCode: server.HasCode, TimeZone: server.TimeZone}
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "Check whether this host can run the server",
		Long:    doctorHelp + exitHelp,
		Example: "  tabcell doctor --config tabpy.conf\n  tabcell doctor --json",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.printFindings(doctor.Host(onHost(src), start), asJSON) },
	}
	addSettings(cmd.Flags(), &src, "host", "port", "cache-dir")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.AddCommand(a.doctorTLSCommand(), a.doctorGrantsCommand())
	return cmd
}

// printFindings prints the findings. It returns an error if one of them is a failure.
func (a *App) printFindings(findings []doctor.Finding, asJSON bool) error {
	report := doctor.NewReport(findings)
	if asJSON {
		if err := a.printJSON(report); err != nil {
			return err
		}
	} else {
		a.printLines(findings)
	}
	if report.Failed > 0 {
		return fmt.Errorf("%d of %d checks failed", report.Failed, len(findings))
	}
	return nil
}

func (a *App) printLines(findings []doctor.Finding) {
	for _, finding := range findings {
		text := strings.ReplaceAll(finding.Text, "\n", "\n"+strings.Repeat(" ", 24)) // of several problems
		fmt.Fprintf(a.Stdout, "%-4s  %-17s %s\n", finding.Severity, finding.Subject, text)
		if finding.Advice != "" {
			fmt.Fprintf(a.Stdout, "      %-17s -> %s\n", "", finding.Advice)
		}
	}
}

func (a *App) doctorTLSCommand() *cobra.Command {
	src := settings.Sources{Environ: a.Environ}
	var files certs.Files
	var names []string
	var asJSON bool
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
			return a.printFindings(doctor.Certificate(src, files, names), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, as doctor does")
	cmd.Flags().StringVar(&src.File, "config", "", "configuration `file` in TabPy's format")
	cmd.Flags().StringVar(&files.Certificate, "cert", "", "PEM `file` of the certificate chain, instead of the configured one")
	cmd.Flags().StringVar(&files.Key, "key", "", "PEM `file` of the private key, instead of the configured one")
	cmd.Flags().StringSliceVar(&names, "name", nil, "host `name` that Tableau connects to; may be repeated")
	return cmd
}
