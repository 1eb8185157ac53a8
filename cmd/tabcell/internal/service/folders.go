package service

import (
	"crypto/sha1" // Windows derives the SID of a service with it
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf16"
)

const configName = "tabcell.conf"

// folders has the folders below that of the service, and whether the service may write there. The
// configuration is in the first one.
var folders = []struct {
	name     string
	writable bool
}{{"", false}, {"cache", true}, {"log", true}, {"models", true}}

// protectFolders gives each folder to the administrators and the system, and to the account of the
// service as far as it needs it. Nobody else can read them.
func (a Administrator) protectFolders() error {
	var errs []error
	for _, f := range folders {
		errs = append(errs, a.Manager.Protect(filepath.Join(a.Root, f.name), rightsFor(f.writable)))
	}
	return errors.Join(errs...)
}

// rightsFor returns a security descriptor in SDDL. Its rights are inherited by files and folders,
// and nothing is inherited from above.
func rightsFor(writable bool) string {
	service := "0x1200a9" // read and execute
	if writable {
		service = "0x1301bf" // the right to modify, without that to change rights
	}
	return "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;" + service + ";;;" + SID(Name) + ")"
}

// SID returns the security identifier of the virtual account of a service, which Windows derives
// from the name: the five numbers are the SHA-1 digest of the name in upper case, as UTF-16.
func SID(service string) string {
	h := sha1.New()
	for _, unit := range utf16.Encode([]rune(strings.ToUpper(service))) {
		h.Write([]byte{byte(unit), byte(unit >> 8)})
	}
	sid, digest := "S-1-5-80", h.Sum(nil)
	for i := 0; i < len(digest); i += 4 {
		sid += fmt.Sprintf("-%d", binary.LittleEndian.Uint32(digest[i:]))
	}
	return sid
}

// writeConfig writes the configuration of a new service. It never changes an existing file, and
// does not create one in another folder.
func (a Administrator) writeConfig(path string) error {
	if filepath.Dir(path) != filepath.Clean(a.Root) {
		_, err := os.Stat(path)
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(Config(a.Root))
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// Config returns the configuration of a new service, whose files are below root. Lines end as those
// of Windows do, for its editors.
func Config(root string) string {
	inFolder := func(name string) string { return strings.ReplaceAll(filepath.Join(root, name), "%", "%%") }
	logFile := strings.ReplaceAll(filepath.Join(root, "log", "tabcell.log"), `'`, `\'`)
	text := fmt.Sprintf(configText, inFolder("cache"), inFolder("models"), logFile)
	return strings.ReplaceAll(text, "\n", "\r\n")
}

const configText = `# The configuration of the Windows service tabcell, in TabPy's format. The command
# "tabcell config init" prints all settings. Changes take effect when the service is started again.
[TabPy]
TABPY_PORT = 9004

# Without authentication, the server accepts only connections from this machine. Create accounts with
# "tabcell user add", and name their file here, to let others connect.
# TABPY_PWD_FILE = C:\ProgramData\tabcell\passwords.txt

TABCELL_CACHE_DIR = %s
TABCELL_MODELS_PATH = %s

# The log, at most six files of 10 MB. Errors and warnings are also in the event log of Windows.
[loggers]
keys = root

[handlers]
keys = file

[formatters]
keys = line

[logger_root]
level = INFO
handlers = file

[handler_file]
class = handlers.RotatingFileHandler
level = INFO
formatter = line
args = (r'%s', 'a', 10485760, 5)

[formatter_line]
format = %%(asctime)s %%(levelname)-7s %%(message)s
`
