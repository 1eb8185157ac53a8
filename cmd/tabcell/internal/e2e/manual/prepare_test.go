package manual

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"

	"github.com/rogpeppe/go-internal/txtar"
)

// preparations make the files that the sessions of a page find on their host, before the first one.
var preparations = map[string]func(*session, document){
	"assets/docs/connect.md":  prepareConnect,
	"assets/docs/install.md":  func(s *session, _ document) { s.writeRelease("Downloads") },
	"assets/docs/migrate.md":  prepareMigrate,
	"assets/docs/packages.md": func(s *session, _ document) { s.writeWheels("/srv/tabcell/wheels") },
	"assets/docs/security.md": func(s *session, _ document) { s.writeRelease("dist/release") },
}

// prepareConnect writes the page's configuration, and the password file and the certificate that it
// names. An authority that this host trusts has signed the certificate.
func prepareConnect(s *session, d document) {
	etc := s.folder("/etc/tabcell")
	root := certtest.Authority(s.t, "Example Authority", nil)
	certtest.Issue(s.t, "tabpy.example.com", root, certtest.ForHosts("tabpy.example.com")).WriteFiles(s.t, etc)
	s.trust(root)
	testenv.WriteFile(s.t, filepath.Join(etc, "tabcell.conf"), s.mapText(d.example(s.t, "ini")))
	s.replay(command{text: "echo 'correct horse battery' | tabcell user add tableau -f " + filepath.Join(etc, "passwords.txt")})
}

// prepareMigrate writes a state folder that TabPy has made, and starts a server with the
// configuration of a package.
func prepareMigrate(s *session, _ document) {
	state := os.DirFS(testenv.File("cmd/tabcell/internal/e2e/conformance/testdata/state-pandas3"))
	if err := os.CopyFS(s.folder("/var/lib/tabpy"), state); err != nil {
		s.t.Fatal(err)
	}
	conf := filepath.Join(s.folder("/etc/tabcell"), "tabcell.conf")
	testenv.WriteFile(s.t, conf, fmt.Sprintf("[TabPy]\nTABCELL_MODELS_PATH = %s\n", s.folder("/var/lib/tabcell/models")))
	s.start("tabcell --config " + conf)
}

// trust makes the commands of the session trust an authority, in place of the host's.
func (s *session) trust(root *certtest.Issued) {
	file := filepath.Join(s.dir, "authorities.pem")
	testenv.WriteFile(s.t, file, root.CertPEM())
	s.env = append(s.env, "SSL_CERT_FILE="+file)
}

// writeRelease writes a release that minisign has signed to a folder of the session, and its key to
// tabcell.pub.
func (s *session) writeRelease(folder string) {
	s.t.Helper()
	recorded, err := txtar.ParseFile(testenv.File("cmd/tabcell/internal/cli/testdata/script/release.txtar"))
	if err != nil {
		s.t.Fatal(err)
	}
	dir := s.folder(folder)
	for _, f := range recorded.Files {
		if name, ok := strings.CutPrefix(f.Name, "release/"); ok {
			testenv.WriteFile(s.t, filepath.Join(dir, name), string(f.Data))
		} else if f.Name == "minisign.pub" {
			testenv.WriteFile(s.t, filepath.Join(s.dir, "tabcell.pub"), string(f.Data))
		}
	}
}

// writeWheels writes the wheel of the page about packages to a folder of the session, and returns its
// path.
func (s *session) writeWheels(folder string) (file string) {
	s.t.Helper()
	file = filepath.Join(s.folder(folder), "sqlalchemy-2.1.9-py3-none-any.whl")
	writeWheel(s.t, file, "2.1.9", ">=3.7")
	return file
}

// writeWheel writes a wheel that has the name, version and requirement of sqlalchemy, and a module of
// its name.
func writeWheel(t *testing.T, file, version, python string) {
	t.Helper()
	info := "sqlalchemy-" + version + ".dist-info"
	tag := strings.SplitN(strings.TrimSuffix(filepath.Base(file), ".whl"), "-", 3)[2]
	err := testenv.WriteWheel(file, info, map[string]string{
		"sqlalchemy/__init__.py": "import typing_extensions\n",
		info + "/METADATA": "Metadata-Version: 2.1\nName: SQLAlchemy\nVersion: " + version + "\nRequires-Python: " + python +
			"\nRequires-Dist: typing-extensions>=4.6.0\n",
		info + "/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: " + tag + "\n",
	})
	if err != nil {
		t.Fatal(err)
	}
}

// folder makes the folder that stands for one of the pages, and returns its path.
func (s *session) folder(name string) string {
	s.t.Helper()
	dir := filepath.Join(s.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		s.t.Fatal(err)
	}
	return dir
}

// example returns the first block of a kind.
func (d document) example(t *testing.T, kind string) string {
	t.Helper()
	for _, b := range d.blocks() {
		if b.is(kind) {
			return strings.Join(b.lines, "\n") + "\n"
		}
	}
	t.Fatalf("%s has no block %s", d.name, kind)
	return ""
}

// systemFolders are folders of the host that pages name. In the sessions they are in the folder of
// the session.
var systemFolders = regexp.MustCompile(`(^|[\s=])(/etc/tabcell|/srv/tabcell|/var/lib/tabpy)\b`)
