package authn

import (
	"strings"
	"testing"
)

func TestCheckName(t *testing.T) {
	for name, want := range map[string]string{
		"user1": "", "é.mile@example.com": "", "DOMAIN\\user": "", "a#": "", strings.Repeat("x", 255): "",
		"": "empty", "a b": "spaces", "a\u00a0b": "spaces", "a\nb": "spaces", "a\x00b": "control", "a\x1bb": "control", "a\u202eb": "control",
		"a:b": "colon", "#a": "comment", `a"b`: "quote", "a\xff": "UTF-8", strings.Repeat("x", 256): "limit of 255",
	} {
		if err := CheckName(name); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", name, err, want)
		}
	}
}

func TestCheckPassword(t *testing.T) {
	for password, good := range map[string]bool{"x": true, "a b:c": true, "é": true, "": false, "a\nb": false, "a\x00": false, "\xff": false} {
		if err := CheckPassword(password); (err == nil) != good {
			t.Errorf("%q: %v", password, err)
		}
	}
}
