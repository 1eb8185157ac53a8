package cli

import (
	"errors"
	"fmt"

	"tabcell/cmd/tabcell/internal/audit"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

const auditVerifyHelp = `Verify that the lines of an audit trail are those that the server wrote. The lines are chained by
hashes: verify finds lines that were changed, removed, added or moved, in one file or across the
files of a rotation. It prints each place with its file, line and reason.

FILE... are the files of the trail, in any order, uncompressed. Without FILE, they are the file of
TABCELL_AUDIT and the earlier files beside it. The head file (FILE.head) shows whether lines are
missing at the end; keep it with the file. Verification works while the server is running.

The hashes contain no secret. To find out whether a whole trail was replaced, send the lines to
another host, or note the line number and hash that verify and the server's log print, and compare
them later.

Exit codes:
  0    every line is intact
  1    a line is not intact or is missing, or a file cannot be read
  2    the command line is invalid`

const auditVerifyExample = `  tabcell audit verify --config tabcell.conf
  tabcell audit verify --complete /var/log/tabcell/audit.jsonl*
  journalctl -u tabcell -o cat > lines && tabcell audit verify --stream lines`

// auditOptions holds the flags of the audit commands.
type auditOptions struct {
	src    settings.Sources
	verify audit.Options
	asJSON bool
}

func (a *App) auditCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Verify the audit trail",
		Long:  "Work with the audit trail, which the server writes if TABCELL_AUDIT is set. The page\nassets/docs/audit.md of the manual describes its lines." + exitHelp,
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	o := &auditOptions{src: settings.Sources{Environ: a.Environ}}
	verify := &cobra.Command{
		Use:     "verify [FILE...]",
		Short:   "Find lines that were changed, removed, added or moved",
		Long:    auditVerifyHelp,
		Example: auditVerifyExample,
		RunE:    func(_ *cobra.Command, args []string) error { return a.verifyAudit(o, args) },
	}
	verify.Flags().StringVar(&o.src.File, "config", "", "configuration `file`, which names the audit file")
	verify.Flags().BoolVar(&o.verify.Complete, "complete", false, "the trail must begin with the first line that was ever written")
	verify.Flags().BoolVar(&o.verify.Stream, "stream", false, "the lines come from standard output or syslog: each start of the server begins a chain, and other text is skipped")
	verify.Flags().BoolVar(&o.asJSON, "json", false, "print JSON")
	cmd.AddCommand(verify)
	return cmd
}

// verifyAudit verifies the given files, or those of the configuration.
func (a *App) verifyAudit(o *auditOptions, files []string) error {
	if len(files) == 0 {
		var err error
		if files, err = configuredAudit(o.src); err != nil {
			return err
		}
	}
	report, err := audit.VerifyFiles(files, o.verify)
	if err != nil {
		return err
	}
	if o.asJSON {
		err = a.printJSON(report)
	} else {
		a.printAudit(report)
	}
	if err == nil && !report.Intact() {
		err = errReported
	}
	return err
}

// configuredAudit returns the files of the trail that the configuration names.
func configuredAudit(src settings.Sources) ([]string, error) {
	loaded, err := loadSettings(src)
	if err != nil {
		return nil, err
	}
	cfg := loaded.Settings.Audit
	switch {
	case cfg.To == "":
		return nil, &usageError{errors.New("no file is given, and TABCELL_AUDIT is not set"), "tabcell audit verify"}
	case !cfg.IsFile():
		return nil, &usageError{fmt.Errorf("TABCELL_AUDIT is %s; name the files in which its lines were collected", cfg.To), "tabcell audit verify"}
	}
	return append(audit.Rotated(cfg.To), cfg.To), nil
}

// printAudit prints a report for people.
func (a *App) printAudit(r audit.Report) {
	for _, p := range r.Problems {
		fmt.Fprintln(a.Stdout, p)
	}
	if r.More > 0 {
		fmt.Fprintf(a.Stdout, "and %d more problems\n", r.More)
	}
	if r.Torn > 0 {
		fmt.Fprintf(a.Stdout, "lines without an end, each of which the next line accounts for (a crash or a full disk): %d\n", r.Torn)
	}
	if r.Lost > 0 {
		fmt.Fprintf(a.Stdout, "events that could not be written, as the trail itself records: %d\n", r.Lost)
	}
	if r.Lines > 0 {
		fmt.Fprintf(a.Stdout, "files: %d, lines: %d, from line %d of %s to line %d of %s\nlast line: %d %s\n",
			r.Files, r.Lines, r.First, r.From, r.Last, r.To, r.Last, r.Head)
	}
	if r.Intact() {
		fmt.Fprintln(a.Stdout, "ok: the trail is intact")
		return
	}
	fmt.Fprintf(a.Stdout, "FAILED: the trail is not intact; problems: %d\n", len(r.Problems)+r.More)
}
