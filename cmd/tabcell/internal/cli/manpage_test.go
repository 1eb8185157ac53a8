package cli

import "testing"

// TestManText checks the source of a help text in a man page.
func TestManText(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"paragraphs":  {"one\ntwo\n\nthree", "one\ntwo\n.PP\nthree\n"},
		"list":        {"Codes:\n  0  good\n  1  bad\nafter", "Codes:\n.PP\n.nf\n  0  good\n  1  bad\n.fi\n.PP\nafter\n"},
		"list at end": {"\n\n  a\n\n  b\n", ".PP\n.nf\n  a\n\n  b\n.fi\n"},
		"escapes":     {`'quoted' --flag "C:\x" ~ ^`, `\(aqquoted\(aq \-\-flag \(dqC:\ex\(dq \(ti \(ha` + "\n"},
		"period":      {".profile", `\&.profile` + "\n"},
	} {
		p := &page{}
		p.text(c.text)
		if got := p.String(); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
