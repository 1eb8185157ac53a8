package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"text/tabwriter"

	"tabcell/authn"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

const userHelp = `Add, update, list and remove the accounts of a password file, which TABPY_PWD_FILE names and a running server reads again when it changes.

A new password is asked for twice on a terminal, else it is the first line of standard input. It is stored as PBKDF2-SHA512 with a random
salt and 220 000 rounds. Accounts that TabPy made go on working; an update replaces their hash with one of the new form, which TabPy's own
server cannot check. The file is replaced as a whole, with mode 600; comments and empty lines stay.`

const userExample = `  tabcell user add tableau -f passwords.txt
  tabcell user add ann --generate -f passwords.txt
  pass show tabcell/ann | tabcell user update ann -f passwords.txt
  tabcell user list -f passwords.txt`

// userOptions are the flags of user's commands.
type userOptions struct {
	src                settings.Sources
	file               string
	name, password     string
	fromFlag, generate bool // where the password comes from: the command line, or nowhere yet
}

func (a *App) userCommand() *cobra.Command {
	o := &userOptions{src: settings.Sources{Environ: a.Environ}}
	cmd := &cobra.Command{
		Use:     "user",
		Short:   "Add, update, list and remove accounts of a password file",
		Long:    userHelp + exitHelp,
		Example: userExample,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVarP(&o.file, "pwdfile", "f", "", "password `file` (default: the one of the configuration)")
	cmd.PersistentFlags().StringVar(&o.src.File, "config", "", "configuration `file` that names the password file")
	cmd.AddCommand(
		a.passwordCommand(o, "add", "Add an account; the file is made if need be", a.addUser),
		a.passwordCommand(o, "update", "Change an account's password", a.updateUser),
		a.accountCommand(o, "remove", "Remove an account", a.removeUser),
		&cobra.Command{Use: "list", Short: "List the accounts", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return a.listUsers(o) }},
	)
	return cmd
}

// accountCommand takes the account's name as its argument, or by tabpy-user's flag.
func (a *App) accountCommand(o *userOptions, verb, short string, run func(*userOptions) error) *cobra.Command {
	cmd := &cobra.Command{
		Use: verb + " NAME", Short: short, Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 && o.name != "" || len(args) == 0 && o.name == "" {
				return &usageError{errors.New("one user name is needed"), "tabcell user " + verb}
			}
			if len(args) == 1 {
				o.name = args[0]
			}
			return run(o)
		},
	}
	cmd.Flags().StringVarP(&o.name, "username", "u", "", "the account's `name`, for those who know tabpy-user")
	return cmd
}

func (a *App) removeUser(o *userOptions) error {
	path, err := a.passwordFilePath(o)
	if err != nil {
		return err
	}
	return addHint(o.name, path, a.editPasswordFile(path, false, func(file *authn.File) error { return file.Remove(o.name) }))
}

// edit changes the file, and says so if others could read it until now.
func (a *App) editPasswordFile(path string, missing bool, change func(*authn.File) error) error {
	exposed := authn.Exposure(path)
	if err := authn.Edit(path, missing, change); err != nil {
		return err
	}
	if exposed != "" {
		fmt.Fprintf(a.Stderr, "warning: %s: %s; that is mended now, but somebody may have copied it\n", path, exposed)
	}
	return nil
}

// addHint says what to do instead.
func addHint(name, path string, err error) error {
	hint := ""
	switch {
	case errors.Is(err, authn.ErrExists):
		hint = "; `tabcell user update` changes its password"
	case errors.Is(err, authn.ErrNotFound):
		hint = "; `tabcell user list` shows those that are, `tabcell user add` adds one"
	case !errors.Is(err, authn.ErrLastAccount):
		return err
	}
	return fmt.Errorf("%s: %q: %w%s", path, name, err, hint)
}

func (a *App) listUsers(o *userOptions) error {
	path, err := a.passwordFilePath(o)
	if err != nil {
		return err
	}
	file, err := authn.ReadFile(path)
	if _, isPath := errors.AsType[*fs.PathError](err); err != nil && !isPath {
		return fmt.Errorf("%s:\n%w", path, err)
	}
	if err != nil {
		return err
	}
	if exposed := authn.Exposure(path); exposed != "" {
		fmt.Fprintf(a.Stderr, "warning: %s: %s\n", path, exposed)
	}
	table := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	for _, account := range file.Accounts {
		fmt.Fprintf(table, "%s\t%s\n", printableName(account.Name), account.Scheme)
	}
	return table.Flush()
}

// printableName keeps a name from writing to the terminal anything but itself.
func printableName(name string) string {
	if authn.CheckName(name) == nil {
		return name
	}
	return fmt.Sprintf("%q", name)
}

// passwordFile is the one that was named, or the configuration's.
func (a *App) passwordFilePath(o *userOptions) (string, error) {
	if o.file != "" {
		return o.file, nil
	}
	loaded, err := loadSettings(o.src)
	if err != nil {
		return "", err
	}
	if path := loaded.Settings.Auth.PasswordFile; path != "" {
		return path, nil
	}
	return "", errors.New("no password file is named: give -f FILE, or --config FILE with TABPY_PWD_FILE in it, or set TABPY_PWD_FILE in the environment")
}
