package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"tabcell/settings"

	"github.com/spf13/cobra"
)

func (a *App) configInitCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "init [FILE]",
		Short:   "Write a configuration file with every setting as a comment",
		Long:    "Print a configuration file in which every setting is a comment with its default, or write it to\nthe new file FILE. An existing file is never changed." + exitHelp,
		Example: "  tabcell config init tabpy.conf",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				settings.WriteExample(a.Stdout)
				return nil
			}
			return a.configInit(args[0])
		},
	}
}

// configInit writes the example to a new file. It never changes an existing file, and it removes a
// file that was not written completely.
func (a *App) configInit(path string) error {
	var text bytes.Buffer
	settings.WriteExample(&text)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already and was not changed; choose another name", path)
	}
	if err != nil {
		return err
	}
	_, err = file.Write(text.Bytes())
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	fmt.Fprintf(a.Stdout, "wrote %s, in which every setting is a comment\n", path)
	return nil
}
