package doctor

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"tabcell/authn"
	"tabcell/cmd/tabcell/internal/term"
	"tabcell/settings"
)

// checkRoles checks the roles file, if there is one, and that the accounts that it names exist.
func checkRoles(s settings.Settings) []Finding {
	const subject = "roles"
	path := s.Auth.RolesFile
	if path == "" {
		return nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return []Finding{{Failure, subject, err.Error(), "correct TABCELL_ROLES_FILE"}}
	}
	table, err := authn.ParseRoleTable(raw, 0)
	if err != nil {
		return []Finding{{Failure, subject, path + ": " + strings.ReplaceAll(err.Error(), "\n", "; "),
			"write lines such as account ann evaluate,query"}}
	}
	unknown := unknownAccounts(table, s.Auth.PasswordFile)
	switch {
	case len(unknown) == 0:
		return []Finding{{OK, subject, fmt.Sprintf("%s names %d accounts, all of which exist", path, len(table.Accounts)), ""}}
	case s.TLS.ClientCA != "":
		return []Finding{{OK, subject, path + " names accounts that only client certificates can have: " + strings.Join(unknown, ", "), ""}}
	}
	return []Finding{{Warning, subject, path + " names accounts that the password file does not have: " + strings.Join(unknown, ", "),
		"correct their names (`tabcell user list` shows the accounts), or remove the lines; the accounts that were meant have the roles of TABCELL_DEFAULT_ROLES"}}
}

// unknownAccounts returns the accounts of a role table that are not in the password file, with
// their lines. Without a usable password file there are no accounts.
func unknownAccounts(table *authn.RoleTable, passwords string) []string {
	known := map[string]bool{}
	if file, err := authn.ReadFile(passwords); err == nil {
		for _, account := range file.Accounts {
			known[account.Name] = true
		}
	}
	var unknown []string
	for name, entry := range table.Accounts {
		if !known[name] {
			unknown = append(unknown, fmt.Sprintf("%s (line %d)", term.OneLine(name), entry.Line))
		}
	}
	slices.Sort(unknown)
	return unknown
}
