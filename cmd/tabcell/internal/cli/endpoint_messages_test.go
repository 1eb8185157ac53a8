package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

// The messages about wrong inputs say what failed, where, and what to do.
func TestEndpointMessages(t *testing.T) {
	s := newEndpointTest(t)
	add, text := s.file("add.py", "add"), s.file("text", "no archive")
	folder := t.TempDir()
	for _, c := range []struct {
		pattern string
		args    []string
	}{
		{`^tabcell: "a/b" cannot be the name of an endpoint; choose one with --name: `, []string{"deploy", add, "--name", "a/b"}},
		{`^tabcell: the schema cannot be read: open .*none.json: `, []string{"deploy", add, "--schema", filepath.Join(folder, "none.json")}},
		{`text is not valid JSON: invalid character 'o' in literal null`, []string{"deploy", add, "--schema", text}},
		{`backup.tar cannot be created: \S.*\n$`, []string{"export", filepath.Join(folder, "none", "backup.tar"), "--all"}},
		{`it is a folder; name a new file, such as .*backup.tar\n$`, []string{"export", folder, "--all"}},
		{`^tabcell: .*text: not an archive of endpoints`, []string{"import", text}},
		{`^tabcell: standard input: not an archive of endpoints`, []string{"import", "-"}},
		{`start the server, or name the address of a running one with --url\n$`, []string{"list", "--url", "http://127.0.0.1:1"}},
		{`^tabcell: the certificates to trust \(--cacert\): open `, []string{"list", "--url", "https://127.0.0.1:1", "--cacert", filepath.Join(folder, "none")}},
	} {
		s.expect(1, c.pattern, append([]string{"endpoint"}, c.args...)...)
	}
	if _, _, stderr := s.run("endpoint", "export", filepath.Join(folder, "none", "backup.tar"), "--all"); strings.Contains(stderr, ".backup.tar.") {
		t.Errorf("the message has a temporary name: %s", stderr)
	}
}

// The note about the next start is printed after a change only.
func TestEndpointNoteOfNextStart(t *testing.T) {
	s := newEndpointTest(t)
	const note = `no server has .* open; the next start of one with this folder serves the endpoints\n$`
	add := s.file("add.py", "add")
	for _, args := range [][]string{{"remove", "none"}, {"rollback", "none"}, {"deploy", s.file("bad.py", "nonsense")}, {"import", filepath.Join(t.TempDir(), "none")}} {
		if code, _, stderr := s.run(append([]string{"endpoint"}, args...)...); code != 1 || strings.Contains(stderr, "next start") {
			t.Errorf("%s: exit code %d\n%s", args, code, stderr)
		}
	}
	tar := filepath.Join(t.TempDir(), "all.tar")
	s.expect(0, note, "endpoint", "deploy", add)
	s.expect(0, note, "endpoint", "deploy", add)
	s.expect(0, note, "endpoint", "rollback", "add")
	s.expect(0, `^1 endpoints were written to \S+\n$`, "endpoint", "export", "--all", tar)
	s.expect(0, `^add is the same already \(version 3\)\n$`, "endpoint", "import", tar)
	s.expect(0, note, "endpoint", "remove", "add")
	s.expect(0, `^add would be created \(version 3\)\n$`, "endpoint", "import", tar, "--dry-run")
	s.expect(0, note, "endpoint", "import", tar)
}
