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

const userHelp = `Add, update, list and remove accounts of the password file that TABPY_PWD_FILE names. A running
server reads the file again when it changes.

A new password is asked for twice on a terminal, or else read from the first line of standard input.
It is stored as an argon2id hash (64 MiB, two passes), or with --scheme pbkdf2 as a PBKDF2-SHA512
hash (220,000 rounds) for hosts that must follow FIPS 140, where it is the default. Hashes that TabPy
wrote remain valid, and so do bcrypt hashes of Apache's htpasswd. An update replaces them with a hash
of the new form, which TabPy's own server cannot check. The file is replaced atomically and gets mode
600; its comments and empty lines are kept.

A new account has the roles of TABCELL_DEFAULT_ROLES: by default it can run scripts (evaluate), query
and change endpoints (query, deploy) and read the metrics, but not the state of the server (admin).
The file of TABCELL_ROLES_FILE gives accounts other roles, in lines such as

  account ann evaluate,query

A running server reads that file again when it changes. ` + "`tabcell doctor`" + ` reports lines that name
accounts which do not exist.`

const userExample = `  tabcell user add tableau -f passwords.txt
  tabcell user add ann --generate -f passwords.txt
  pass show tabcell/ann | tabcell user update ann -f passwords.txt
  tabcell user list -f passwords.txt`

// userOptions holds the flags of the user commands.
type userOptions struct {
	src            settings.Sources
	file           string
	name, password string
	fromFlag       bool // whether --password was given
	generate       bool
	scheme         string // of the new hash; "" for the default
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
	cmd.PersistentFlags().StringVarP(&o.file, "pwdfile", "f", "", "password `file` (default: TABPY_PWD_FILE of the configuration)")
	cmd.PersistentFlags().StringVar(&o.src.File, "config", "", "configuration `file`, which names the password file")
	cmd.AddCommand(
		a.passwordCommand(o, "add", "Add an account, and create the file if it does not exist", a.addUser),
		a.passwordCommand(o, "update", "Change the password of an account", a.updateUser),
		a.accountCommand(o, "remove", "Remove an account", a.removeUser),
		&cobra.Command{Use: "list", Short: "List the accounts", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return a.listUsers(o) }},
	)
	return cmd
}

// accountCommand returns a command whose argument is the name of an account. Like tabpy-user, it
// also accepts the name as a flag.
func (a *App) accountCommand(o *userOptions, verb, short string, run func(*userOptions) error) *cobra.Command {
	cmd := &cobra.Command{
		Use: verb + " NAME", Short: short, Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 && o.name != "" || len(args) == 0 && o.name == "" {
				return &usageError{errors.New("exactly one user name is required"), "tabcell user " + verb}
			}
			if len(args) == 1 {
				o.name = args[0]
			}
			return run(o)
		},
	}
	cmd.Flags().StringVarP(&o.name, "username", "u", "", "`name` of the account, as in tabpy-user")
	return cmd
}

func (a *App) removeUser(o *userOptions) error {
	path, err := a.passwordFilePath(o)
	if err != nil {
		return err
	}
	return addHint(o.name, path, a.editPasswordFile(path, false, func(file *authn.File) error { return file.Remove(o.name) }))
}

// editPasswordFile changes the file, and prints a warning if other users could read it before.
func (a *App) editPasswordFile(path string, create bool, change func(*authn.File) error) error {
	exposed := authn.Exposure(path)
	if err := authn.Edit(path, create, change); err != nil {
		return err
	}
	if exposed != "" {
		fmt.Fprintf(a.Stderr, "warning: %s: %s; the permissions have been corrected, but someone may have copied the file\n", path, exposed)
	}
	return nil
}

// addHint adds the file, the account and advice to an error of package authn.
func addHint(name, path string, err error) error {
	hint := ""
	switch {
	case errors.Is(err, authn.ErrExists):
		hint = "; `tabcell user update` changes its password"
	case errors.Is(err, authn.ErrNotFound):
		hint = "; `tabcell user list` shows the accounts, `tabcell user add` adds one"
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

// printableName returns name, quoted if it is invalid, because it could contain control characters.
func printableName(name string) string {
	if authn.CheckName(name) == nil {
		return name
	}
	return fmt.Sprintf("%q", name)
}

// passwordFilePath returns the path from --pwdfile, or else from the configuration.
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
	return "", errors.New("no password file is configured; use -f FILE, or set TABPY_PWD_FILE in the environment or in the file of --config")
}
