package authn

import (
	"strings"
	"testing"
)

func TestGeneratePassword(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		password := GeneratePassword()
		if len(password) != 16 || seen[password] || strings.ContainsAny(password, ": \"'loNO01") || CheckPassword(password) != nil {
			t.Fatalf("GeneratePassword() = %q", password)
		}
		seen[password] = true
	}
}
