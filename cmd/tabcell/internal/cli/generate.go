package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"tabcell/settings"

	"github.com/spf13/cobra"
)

// packagedFolders are the folders of an installed server. Its configuration names them, so that
// other commands with that configuration find the same models and compiled code.
var packagedFolders = map[string]string{
	"TABCELL_MODELS_PATH": "/var/lib/tabcell/models",
	"TABCELL_CACHE_DIR":   "/var/cache/tabcell",
}

// generateCommand returns the command that writes the files of packages that follow from the
// command tree and the settings. cmd/dist runs it.
func (a *App) generateCommand() *cobra.Command {
	var date string
	cmd := &cobra.Command{
		Use:   "generate FOLDER",
		Short: "Write the man pages, shell completions and configuration of packages",
		Long: `Write into FOLDER the files of packages that follow from the commands and settings: man pages,
completions for bash, zsh and fish, and the configuration file. The same program and date give the
same files on every host.` + exitHelp,
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			day, err := time.Parse(time.DateOnly, date)
			if err != nil {
				return fmt.Errorf("--date %q is not a date such as 2026-11-29: %w", date, err)
			}
			return generate(cmd.Root(), args[0], day)
		},
	}
	cmd.Flags().StringVar(&date, "date", "", "`day` of the version, for the man pages")
	return cmd
}

// generate writes the files into a folder, which it creates if necessary.
func generate(root *cobra.Command, folder string, date time.Time) error {
	out := outputFolder{root: folder}
	out.write("tabcell.conf", func(w io.Writer) error { settings.WriteExampleWith(w, packagedFolders); return nil })
	out.write("man/tabcell.conf.5", func(w io.Writer) error { return writeSettingsPage(w, date) })
	out.write("completions/tabcell.bash", func(w io.Writer) error { return root.GenBashCompletionV2(w, true) })
	out.write("completions/tabcell.zsh", root.GenZshCompletion)
	out.write("completions/tabcell.fish", func(w io.Writer) error { return root.GenFishCompletion(w, true) })
	for _, cmd := range visible(root) {
		out.write("man/"+pageName(cmd)+".1", func(w io.Writer) error { return writeCommandPage(w, cmd, date) })
	}
	return out.err
}

// outputFolder is a folder of generated files. After an error, it writes no more.
type outputFolder struct {
	root string
	err  error
}

// write writes a file, and the folders that it is in.
func (o *outputFolder) write(name string, content func(io.Writer) error) {
	path := filepath.Join(o.root, filepath.FromSlash(name))
	var text bytes.Buffer
	if o.err == nil {
		o.err = content(&text)
	}
	if o.err == nil {
		o.err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if o.err == nil {
		o.err = os.WriteFile(path, text.Bytes(), 0o644)
	}
}

// visible returns a command and all commands below it, except hidden ones.
func visible(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, child := range cmd.Commands() {
		if child.IsAvailableCommand() {
			all = append(all, visible(child)...)
		}
	}
	return all
}
