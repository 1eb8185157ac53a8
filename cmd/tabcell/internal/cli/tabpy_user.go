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

const tabpyUserHelp = `tabcell under the name of TabPy's tool: manage the accounts of a password file.

` + tabpyUserUsage + `
Options:
  -h --help               Show this help.
  -u --username NAME      The account's name; its case does not matter.
  -p --password PASSWORD  The password. Others can see it there; without this option one is made and shown, once.
  -f --pwdfile FILE       The password file.

To type a password, or to list and remove accounts: see "tabcell user --help".
`

// tabpyUserOptions are tabpy-user's options.
type tabpyUserOptions struct {
	help   bool
	verb   string
	values map[string]string // by the option's long name
}

// tabpyUserFlags: long names, each with its short one.
var tabpyUserFlags = map[string]string{"--username": "-u", "--password": "-p", "--pwdfile": "-f", "--help": "-h"}

// runAsTabPyUser takes the command line of TabPy's tool as docopt does. What it says goes to stderr, as there.
// GAP: there, errors end with 0, and the password is always shown.
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

// tabpyUser does what the command line says. A password that was made here is shown; one that was given is not.
func (a *App) tabpyUser(o tabpyUserOptions) error {
	name, path := o.values["--username"], o.values["--pwdfile"]
	password, given := o.values["--password"]
	password, err := a.newPassword(&userOptions{password: password, fromFlag: given, generate: !given})
	if err != nil {
		return err
	}
	hash, err := authn.NewHash(password)
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
		fmt.Fprintf(a.Stderr, "Generated password: \"%s\"\n", password) // as it is: with escapes it would be another one
	}
	return nil
}

// tabpyUserError says it in TabPy's words, where there are some.
func tabpyUserError(name string, err error) error {
	const run = "Do you want to run"
	switch {
	case errors.Is(err, authn.ErrExists):
		return fmt.Errorf("Can't add username %s as it is already present in passwords file. %s the \"update\" command instead?", name, run) //nolint:staticcheck // TabPy's sentence
	case errors.Is(err, authn.ErrNotFound):
		return fmt.Errorf("Username %q not found in passwords file. %s \"add\" command instead?", name, run) //nolint:staticcheck // TabPy's sentence
	}
	return err
}

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

// matchUserFlag is the long name of an option, which may be its beginning or the short one, and what is joined to it; "" when there is none, or
// more than one.
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
