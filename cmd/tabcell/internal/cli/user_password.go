package cli

import (
	"fmt"
	"unicode/utf8"

	"tabcell/authn"

	"github.com/spf13/cobra"
)

const flagPasswordWarning = "warning: every user of this machine can read a password on the command line, and it stays in the shell history"

// minPasswordLength is the shortest length that NIST SP 800-63B permits, in characters. Shorter
// passwords cause a warning.
const minPasswordLength = 8

// passwordCommand returns an account command that needs a new password.
func (a *App) passwordCommand(o *userOptions, verb, short string, run func(*userOptions) error) *cobra.Command {
	cmd := a.accountCommand(o, verb, short, run)
	cmd.Flags().StringVarP(&o.password, "password", "p", "", "the `password`; other users can see it on the command line, so prefer to type or pipe it")
	cmd.Flags().BoolVar(&o.generate, "generate", false, "generate a password and print it once")
	cmd.Flags().StringVar(&o.scheme, "scheme", "", "`name` of the hash scheme: argon2id or pbkdf2 (default argon2id, or pbkdf2 in FIPS 140 mode)")
	cmd.MarkFlagsMutuallyExclusive("password", "generate")
	cmd.PreRun = func(cmd *cobra.Command, _ []string) { o.fromFlag = cmd.Flags().Changed("password") }
	return cmd
}

func (a *App) addUser(o *userOptions) error {
	if err := authn.CheckName(o.name); err != nil {
		return err
	}
	return a.setPassword(o, true, func(file *authn.File, hash string) error { return file.Add(o.name, hash) })
}

func (a *App) updateUser(o *userOptions) error {
	return a.setPassword(o, false, func(file *authn.File, hash string) error { return file.Update(o.name, hash) })
}

// setPassword reads a new password and changes the file. It tries the change with a placeholder
// first, so that a mistake is reported before the user types a password.
func (a *App) setPassword(o *userOptions, create bool, change func(file *authn.File, hash string) error) error {
	path, err := a.passwordFilePath(o)
	if err != nil {
		return err
	}
	if file, err := authn.ReadFile(path); err == nil {
		if err := change(file, "placeholder"); err != nil {
			return addHint(o.name, path, err)
		}
	}
	scheme, err := o.hashScheme()
	if err != nil {
		return err
	}
	password, err := a.newPassword(o)
	if err != nil {
		return err
	}
	hash, err := authn.NewHash(scheme, password)
	if err != nil {
		return err
	}
	if err := a.editPasswordFile(path, create, func(file *authn.File) error { return change(file, hash) }); err != nil {
		return addHint(o.name, path, err)
	}
	if o.generate {
		_, err = fmt.Fprintln(a.Stdout, password)
	}
	return err
}

// hashScheme returns the scheme of --scheme, or the default.
func (o *userOptions) hashScheme() (authn.HashScheme, error) {
	if o.scheme == "" {
		return authn.DefaultScheme(), nil
	}
	return authn.ParseScheme(o.scheme)
}

// newPassword generates the password, or returns the one of the command line, or reads it from
// stdin. It prints a warning if the password is exposed or short.
func (a *App) newPassword(o *userOptions) (string, error) {
	var password string
	var err error
	switch {
	case o.generate:
		return authn.GeneratePassword(), nil
	case o.fromFlag:
		fmt.Fprintln(a.Stderr, flagPasswordWarning)
		password = o.password
	default:
		password, err = a.readPassword()
	}
	if err == nil {
		err = authn.CheckPassword(password)
	}
	if n := utf8.RuneCountInString(password); err == nil && n < minPasswordLength {
		fmt.Fprintf(a.Stderr, "warning: a password of %d characters can be guessed; use at least %d\n", n, minPasswordLength)
	}
	return password, err
}
