package manual

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
)

// twoHosts runs a command on a host whose only neighbour is geo.example.com, a server with https.
// Both are network namespaces, which end with the command. The arguments are the neighbour's
// configuration, the host's file of names, and the command.
const twoHosts = `set -e
unshare --net sleep 600 &
neighbour=$!
ip link set lo up
until [ "$(readlink /proc/$neighbour/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.05; done
ip link add host type veth peer name neighbour netns $neighbour
ip address add 192.0.2.1/24 dev host
ip link set host up
nsenter --target $neighbour --net ip address add 192.0.2.10/24 dev neighbour
nsenter --target $neighbour --net ip link set neighbour up
nsenter --target $neighbour --net env TABCELL_PORT=443 tabcell --config "$1" > neighbour.log 2>&1 &
mount --bind "$2" /etc/hosts
tries=0
until curl -sS -o answer https://geo.example.com/info 2> curl.log; do
  tries=$((tries + 1))
  [ $tries -lt 600 ] || { cat curl.log neighbour.log; exit 1; }
  sleep 0.1
done
shift 2
exec "$@"
`

// TestGrantSession replays the session that tests a grant, with a server that the host finds by its
// name and whose certificate it trusts.
func TestGrantSession(t *testing.T) {
	needs(t, "unshare", "nsenter", "ip", "curl")
	sandbox := []string{"unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"}
	if os.Geteuid() != 0 {
		sandbox = append(sandbox, "--user", "--map-root-user")
	}
	if out, err := exec.Command(sandbox[0], append(sandbox[1:], "ip", "link", "add", "a", "type", "veth", "peer", "name", "b")...).CombinedOutput(); err != nil {
		t.Skipf("this host permits no network namespaces: %v: %s", err, out)
	}
	harness.Core(t)
	s := newSession(t)
	root := certtest.Authority(t, "Example Authority", nil)
	certtest.Issue(t, "geo.example.com", root, certtest.ForHosts("geo.example.com")).WriteFiles(t, s.dir)
	s.trust(root)
	write := func(name, text string) string {
		file := filepath.Join(s.dir, name)
		testenv.WriteFile(t, file, text)
		return file
	}
	neighbour := write("neighbour.conf", "[TabPy]\nTABCELL_HOST = 192.0.2.10\nTABPY_TRANSFER_PROTOCOL = https\nTABPY_CERTIFICATE_FILE = server.crt\n"+
		"TABPY_KEY_FILE = server.key\nTABCELL_MODELS_PATH = neighbour\n")
	hosts := write("hosts", "127.0.0.1 localhost\n192.0.2.10 geo.example.com\n")
	s.env = append(s.env, "GEO_KEY=secret", "CURL_CA_BUNDLE="+filepath.Join(s.dir, "authorities.pem"))
	s.replay(command{text: "echo 'correct horse battery' | tabcell user add ann -f passwd"})
	for _, d := range documents(t) {
		for _, c := range d.hostCommands(t) {
			write("tabpy.conf", "[TabPy]\nTABPY_PWD_FILE = passwd\n\n"+grantSection(t, d, "geocoder"))
			s.prefix = append(sandbox, "sh", "-c", twoHosts, "sh", neighbour, hosts)
			s.replay(c)
		}
	}
	if s.prefix == nil {
		t.Error("no session was replayed")
	}
}

// grantSection returns the section of a grant in the examples of a page.
func grantSection(t *testing.T, d document, name string) string {
	t.Helper()
	for _, b := range d.blocks() {
		if text := strings.Join(b.lines, "\n"); b.is("ini") && strings.HasPrefix(text, "[Grant "+name+"]\n") {
			section, _, _ := strings.Cut(text, "\n\n")
			return section + "\n"
		}
	}
	t.Fatalf("%s has no example of the grant %s", d.name, name)
	return ""
}
