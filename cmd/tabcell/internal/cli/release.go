package cli

import (
	"fmt"

	"tabcell/cmd/tabcell/internal/release"

	"github.com/spf13/cobra"
)

const releaseVerifyHelp = `Verify the files of a release before they are installed: SHA256SUMS must have the signature of the
given minisign key, the folder must have exactly the files that it lists, and their digests and
signatures must be right. It prints each file. The command uses no network.

The key is that of the project's security page, as text or in a file; do not take it from where the
files come from. Without a trusted tabcell, use minisign and sha256sum:

  minisign -V -P KEY -m SHA256SUMS && sha256sum --check SHA256SUMS

The line before the last names the release that was signed. Compare it with the version that you expect: an old
release has a valid signature, too.

Exit codes:
  0    all files are those of the release
  1    a file is changed, missing, or not part of the release, or the signature is not valid
  2    the command line is invalid`

func (a *App) releaseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "release",
		Short: "Verify the files of a release",
		Long:  "Work with the files of a release of tabcell." + exitHelp,
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var key string
	var asJSON bool
	var o release.Options
	verify := &cobra.Command{
		Use:     "verify --key KEY FOLDER",
		Short:   "Verify the signature and the digests of all files of a release",
		Long:    releaseVerifyHelp,
		Example: "  tabcell release verify --key minisign.pub /media/usb/tabcell-0.1.0\n  tabcell release verify --key RWQf6LRC... --ignore-missing Downloads",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			if o.Key, err = release.ParseKey(key); err != nil {
				return err
			}
			return a.verifyRelease(args[0], o, asJSON)
		},
	}
	verify.Flags().StringVar(&key, "key", "", "public `key` of minisign: its text, or a file")
	verify.Flags().BoolVar(&o.IgnoreMissing, "ignore-missing", false, "accept a folder that has only some files of the release")
	verify.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	if err := verify.MarkFlagRequired("key"); err != nil {
		panic(err)
	}
	cmd.AddCommand(verify)
	return cmd
}

func (a *App) verifyRelease(folder string, o release.Options, asJSON bool) error {
	report, err := release.Verify(folder, o)
	if err != nil {
		return err
	}
	problems := len(report.Problems())
	if asJSON {
		err = a.printJSON(report)
	} else {
		a.printRelease(report, problems)
	}
	if err == nil && problems > 0 {
		err = errReported
	}
	return err
}

// printRelease prints a report for people.
func (a *App) printRelease(r release.Report, problems int) {
	for _, f := range r.Files {
		reason := f.Reason
		if reason != "" {
			reason = ": " + reason
		}
		fmt.Fprintf(a.Stdout, "%-9s %s%s\n", f.State, f.Name, reason)
	}
	if problems > 0 {
		fmt.Fprintf(a.Stdout, "FAILED: problems: %d; do not install these files\n", problems)
		return
	}
	fmt.Fprintf(a.Stdout, "signed by the key %s: %s\nok: the files are those of the release; files: %d\n", r.Key, r.Signed, len(r.Files))
}
