package egress

import (
	"strings"
	"testing"
)

func TestOpening(t *testing.T) {
	mysql := func(flags string) string { return " \x00\x00\x01" + flags + strings.Repeat("\x00", 28) }
	startup := "\x00\x00\x00\x20\x00\x03\x00\x00user\x00ann\x00"
	ldap := "0\x1d\x02\x01\x01w\x18\x80\x16" + ldapStartTLS
	for _, opening := range []string{
		string(postgresRequest), mysql("\x05\xae\xff\x01"), ldap,
		"EHLO client.example\r\n", "EHLO [127.0.0.1]\r\nSTARTTLS\r\n", "ehlo x\nstarttls\n", "HELO x\r\nNOOP\r\nSTARTTLS\r\n",
		"a001 CAPABILITY\r\na002 STARTTLS\r\n", "A1 STARTTLS\r\n", "CAPA\r\nSTLS\r\n", "AUTH TLS\r\n",
	} {
		if !isOpening([]byte(opening)) {
			t.Errorf("%q is refused", opening)
		}
		for n := range len(opening) { // it may arrive in pieces
			if !isOpening([]byte(opening[:n])) && opening != ldap && !(strings.HasPrefix(opening, " \x00") && n == 5) {
				t.Errorf("%q is refused", opening[:n])
			}
		}
	}
	for _, other := range []string{
		startup, startup[:5], string(postgresRequest) + "x", string(postgresRequest) + startup, "\x00\x00\x00\x08\x04\xd2\x16\x30",
		mysql("\x05\xa6\xff\x01"), mysql("\x05\xae\xff\x01") + "x", "\x50\x00\x00\x01\x05\xae\xff\x01", " \x00\x00\x02\x05\xae",
		"0\x0c\x02\x01\x01`\x07\x02\x01\x03\x04\x00\x80\x00", ldap + ldap, "0",
		"EHLO x\r\nMAIL FROM:<a>\r\n", "AUTH PLAIN xyz\r\n", "AUTH LOGIN\r\n", "a001 LOGIN ann secret\r\n", "USER ann\r\n", "PASS secret\r\n", "GET / HTTP/1.1\r\n", "STARTTLSX\r\n",
		"EHLO x\r\n\x00", "EHLO \xff\r\n", "EHLO " + strings.Repeat("x", maxOpening), "x y z\r\n", "a b STARTTLS\r\n", "*1\r\n$4\r\nPING\r\n", "PING\r\n", "\x16\x03\x01",
	} {
		if isOpening([]byte(other)) {
			t.Errorf("%q is accepted", other)
		}
	}
}

func FuzzOpening(f *testing.F) {
	f.Add([]byte("EHLO x\r\nSTARTTLS\r\n"))
	f.Add(postgresRequest)
	f.Fuzz(func(t *testing.T, b []byte) {
		if isOpening(b) && len(b) > maxOpening {
			t.Error("an opening is too long")
		}
	})
}
