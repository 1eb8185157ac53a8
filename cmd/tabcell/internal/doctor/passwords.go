package doctor

import (
	"os"

	"tabcell/authn"
	"tabcell/settings"
)

// checkPasswords checks the password file. It returns nothing if there is none, or if it is not a
// regular file: a pipe can be read only once.
func checkPasswords(a settings.Auth) []Finding {
	const subject = "password file"
	if info, err := os.Stat(a.PasswordFile); a.PasswordFile == "" || err == nil && !info.Mode().IsRegular() {
		return nil
	}
	passwords, err := authn.OpenPasswords(a.PasswordFile, int64(a.MemoryMB)<<20)
	if err != nil {
		return []Finding{{Failure, subject, err.Error(), "correct the lines, or set the passwords again with `tabcell user`"}}
	}
	findings := []Finding{{OK, subject, a.PasswordFile, ""}}
	for _, warning := range passwords.Warnings() {
		findings = append(findings, Finding{Warning, subject, warning, "set the password again with `tabcell user update`, or correct the line"})
	}
	if exposed := authn.Exposure(a.PasswordFile); exposed != "" {
		findings = append(findings, Finding{Warning, subject, exposed, "run chmod 600 " + a.PasswordFile})
	}
	return findings
}
