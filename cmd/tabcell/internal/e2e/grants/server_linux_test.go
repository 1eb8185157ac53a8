package grants

import (
	"strconv"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/confine"
)

// TestProgram uses the grants of a configuration file, and attacks them, with and without the
// second wall.
func TestProgram(t *testing.T) {
	for _, wall := range []string{"require", "off"} {
		t.Run("confine "+wall, func(t *testing.T) {
			if support := confine.Support(); wall == "require" && support.Missing() != "" {
				t.Skip(support.Missing())
			}
			v := startVictims(t)
			testProgram(t, v, startProgram(t, v, wall))
		})
	}
}

func testProgram(t *testing.T, v victims, p *program) {
	const read = "import os, requests\nreturn [open('/models/a.txt').read(), requests.get('http://localhost:PORT/hello').text, " +
		"requests.get('https://localhost:SECURE/hello').text, os.environ['API_KEY']]"
	p.expect(t, v.fill(read), v.fill(`["alpha", "hello localhost:PORT", "hello localhost:SECURE", "s3cret-`+strconv.Itoa(p.port)+`"]`))
	for _, c := range attacks {
		t.Run(c.name, func(t *testing.T) {
			p.expect(t, attackSetup+v.fill(c.script), strings.ReplaceAll(v.fill(c.want), "(account analyst)", ""))
		})
	}
	p.expect(t, "return open('/models/../../../etc/passwd').read()", "!no grant of this server allows reading")
	p.expect(t, "import socket\nsocket.create_connection(('127.0.0.1', "+strconv.Itoa(p.port)+"))", denied)
	if strings.Contains(p.output.String(), "s3cret") {
		t.Errorf("the log has the value of a variable:\n%s", p.output)
	}
}
