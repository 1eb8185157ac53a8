package doctor

import (
	"os"
	"path/filepath"
	goruntime "runtime"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings"
)

func TestPasswordFile(t *testing.T) {
	if findings := checkPasswords(settings.Auth{MemoryMB: 256}); findings != nil {
		t.Errorf("no file: %v", findings)
	}
	const large = "ann $argon2id$v=19$m=262144,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc\n"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"good":        {"ann $2y$05$abcdefghijklmnopqrstuuvJmdr0azmgpG.zfX/YSBzPRhQantUSi\n", []string{"ok password file: "}},
		"unknown":     {"ann:$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/\n", []string{"ok password file: ", `warn password file: line 1: the hash of "ann" uses an unknown scheme`}},
		"invalid":     {"ann\n", []string{"fail password file: Failed to read passwords file", "line 1: Incorrect entry"}},
		"large hash":  {large, []string{"fail password file: ", `line 1: the hash of "ann" needs 256 MiB of memory; the limit is 128 MiB, half of TABCELL_PASSWORD_MEMORY_MB`}},
		"no accounts": {"# x\n", []string{"fail password file: ", "the file has no accounts"}},
	} {
		a := settings.Auth{PasswordFile: filepath.Join(t.TempDir(), "pwd.txt"), MemoryMB: 256}
		testenv.WriteFile(t, a.PasswordFile, c.text)
		wantFindings(t, name, checkPasswords(a), c.want...)
		if err := os.Chmod(a.PasswordFile, 0o644); err != nil {
			t.Fatal(err)
		}
		if name == "good" && goruntime.GOOS != "windows" {
			wantFindings(t, "exposed", checkPasswords(a), "warn password file: every user of this machine can read it -> run chmod 600")
		}
	}
}
