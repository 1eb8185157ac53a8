package scripttest

import (
	"maps"
	"path/filepath"
	"strings"

	"tabcell/cmd/tabcell/internal/testenv"

	"github.com/rogpeppe/go-internal/testscript"
)

// makeWheel implements the command wheel. The tags and the first lines of METADATA are those in the
// name of the file; further lines are in the file METADATA of the folder.
func makeWheel(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: wheel NAME-VERSION-TAGS.whl FOLDER")
	}
	parts := strings.SplitN(strings.TrimSuffix(filepath.Base(args[0]), ".whl"), "-", 3)
	files, err := testenv.ReadFiles(ts.MkAbs(args[1]))
	ts.Check(err)
	info := parts[0] + "-" + parts[1] + ".dist-info"
	maps.Copy(files, map[string]string{
		info + "/METADATA": "Name: " + parts[0] + "\nVersion: " + parts[1] + "\n" + files["METADATA"],
		info + "/WHEEL":    "Tag: " + parts[2] + "\n",
	})
	delete(files, "METADATA")
	ts.Check(testenv.WriteWheel(ts.MkAbs(args[0]), info, files))
}
