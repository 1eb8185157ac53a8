package cli

import (
	"errors"
	"fmt"
	"strings"

	"tabcell/authn"
)

const tabpyUserUsage = `Usage:
  tabpy-user add (-u NAME | --username NAME) [-p PASSWORD | --password PASSWORD] (-f FILE | --pwdfile FILE)
  tabpy-user update (-u NAME | --username NAME) [-p PASSWORD | --password PASSWORD] (-f FILE | --pwdfile FILE)
  tabpy-user -h | --help
`

const tabpyUserHelp = `Add and update accounts of a password file. This is tabcell under the name of TabPy's tool.

` + tabpyUserUsage + `
Options:
  -h --help               Show this help.
  -u --username NAME      The name of the account, in upper or lower case.
  -p --password PASSWORD  The password. Other users can see it on the command line. Without this
                          option, a password is generated and printed once.
  -f --pwdfile FILE       The password file.

To type a password, or to list or remove accounts, see "tabcell user --help".
`

// tabpyUserOptions holds the command line of tabpy-user.
type tabpyUserOptions struct {
	help   bool
	verb   string            // add or update
	values map[string]string // by the option's long name
}

// tabpyUserFlags maps the long name of each option to its short name.
var tabpyUserFlags = map[string]string{"--username": "-u", "--password": "-p", "--pwdfile": "-f", "--help": "-h"}

// runAsTabPyUser parses the command line of tabpy-user as docopt does, executes it, and returns the
// exit code. Like the original, it prints its messages to stderr.
//
// GAP: The original exits with 0 after an error, and always prints the password.
func (a *App) runAsTabPyUser(args []string) int {
	o, err := parseTabPyUser(args)
	switch {
	case err != nil:
		fmt.Fprint(a.Stderr, tabpyUserUsage)
		return exitFailed
	case o.help:
		fmt.Fprint(a.Stdout, tabpyUserHelp)
		return exitOK
	}
	if err := a.tabpyUser(o); err != nil {
		fmt.Fprintln(a.Stderr, err)
		return exitCode(err)
	}
	return exitOK
}

// tabpyUser adds or updates an account. It prints the password only if it generated it.
func (a *App) tabpyUser(o tabpyUserOptions) error {
	name, path := o.values["--username"], o.values["--pwdfile"]
	password, given := o.values["--password"]
	password, err := a.newPassword(&userOptions{password: password, fromFlag: given, generate: !given})
	if err != nil {
		return err
	}
	hash, err := authn.NewHash(authn.DefaultScheme(), password)
	if err != nil {
		return err
	}
	doing, done, change := "Adding", "Added", (*authn.File).Add
	if o.verb == "update" {
		doing, done, change = "Updating", "Updated", (*authn.File).Update
	}
	fmt.Fprintf(a.Stderr, "Parsing passwords file %s...\n", path)
	err = a.editPasswordFile(path, o.verb == "add", func(file *authn.File) error {
		for _, account := range file.Accounts {
			fmt.Fprintf(a.Stderr, "Found username %s\n", printableName(account.Name))
		}
		fmt.Fprintf(a.Stderr, "%s username %q\n", doing, name)
		return change(file, name, hash)
	})
	if err != nil {
		return tabpyUserError(name, err)
	}
	fmt.Fprintf(a.Stderr, "%s username %q\n", done, name)
	if !given {
		fmt.Fprintf(a.Stderr, "Generated password: \"%s\"\n", password) // %q could escape characters of the password
	}
	return nil
}

// tabpyUserError returns err with the sentence that TabPy has for it, if any.
func tabpyUserError(name string, err error) error {
	const run = "Do you want to run"
	switch {
	case errors.Is(err, authn.ErrExists):
		//lint:ignore ST1005 TabPy's text
		return fmt.Errorf("Can't add username %s as it is already present in passwords file. %s the \"update\" command instead?", name, run)
	case errors.Is(err, authn.ErrNotFound):
		//lint:ignore ST1005 TabPy's text
		return fmt.Errorf("Username %q not found in passwords file. %s \"add\" command instead?", name, run)
	}
	return err
}

// parseTabPyUser parses the command line of tabpy-user.
func parseTabPyUser(args []string) (tabpyUserOptions, error) {
	o := tabpyUserOptions{values: map[string]string{}}
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if !strings.HasPrefix(arg, "-") {
			if o.verb != "" || arg != "add" && arg != "update" {
				return o, errTabPyUsage
			}
			o.verb = arg
			continue
		}
		option, value, joined := matchUserFlag(arg)
		if option == "--help" && !joined {
			return tabpyUserOptions{help: true}, nil
		}
		if !joined && len(args) > 0 {
			value, args, joined = args[0], args[1:], true
		}
		if _, twice := o.values[option]; twice || !joined || option == "" || option == "--help" {
			return o, errTabPyUsage
		}
		o.values[option] = value
	}
	if o.verb == "" || o.values["--username"] == "" || o.values["--pwdfile"] == "" {
		return o, errTabPyUsage
	}
	return o, nil
}

// matchUserFlag returns the long name of the option in arg, and the value that is joined to it, if
// any. The option may be a short name or an abbreviation. If it is unknown or ambiguous, the name
// is "".
func matchUserFlag(arg string) (option, value string, joined bool) {
	if !strings.HasPrefix(arg, "--") {
		for long, short := range tabpyUserFlags {
			if rest, ok := strings.CutPrefix(arg, short); ok {
				return long, rest, rest != ""
			}
		}
		return "", "", false
	}
	name, value, joined := strings.Cut(arg, "=")
	for long := range tabpyUserFlags {
		if long == name {
			return long, value, joined
		}
		if strings.HasPrefix(long, name) && len(name) > len("--") {
			if option != "" {
				return "", "", false
			}
			option = long
		}
	}
	return option, value, joined
}
