package buildinfo

import "testing"

// TestVersion checks that the version that cmd/dist links into the program has precedence.
func TestVersion(t *testing.T) {
	if v := Current().Version; v == "" {
		t.Error("a program without version must say so")
	}
	version, revision, modified = "1.2.3", "abcdef", "true"
	t.Cleanup(func() { version, revision, modified = "", "", "" })
	if i := Current(); i.Version != "1.2.3" || i.Revision != "abcdef" || !i.Modified {
		t.Errorf("version %s, revision %s, modified %t", i.Version, i.Revision, i.Modified)
	}
}
