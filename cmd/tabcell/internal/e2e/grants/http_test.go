package grants

import (
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
)

// httpCases are scripts that use a web server at URL, and their results.
var httpCases = []struct{ name, script, want string }{
	{"urllib", `import urllib.request
return urllib.request.urlopen('URL/hello').read().decode()`, `"hello HOST"`},
	{"urllib with headers and data", `import urllib.request
a = urllib.request.Request('URL/headers', headers={'X-Key': 'k'})
b = urllib.request.Request('URL/digest', data=b'x' * 100, method='PUT')
return [urllib.request.urlopen(r, timeout=20).read().decode() for r in (a, b)]`, `["k   ", "PUT 100 09ecb6eb"]`},
	{"urlretrieve", `import os, urllib.request
path, _ = urllib.request.urlretrieve('URL/bytes')
return os.path.getsize(path)`, `1000000`},
	{"pandas", `import pandas as pd
return pd.read_csv('URL/hello').columns.tolist()`, `["hello HOST"]`},
	{"http.client", `import http.client
c = http.client.CLIENT('NAME', PORT, timeout=20)
out = []
for _ in range(3):
    c.request('GET', '/hello')
    out.append(c.getresponse().read().decode())
return out`, `["hello HOST", "hello HOST", "hello HOST"]`},
	{"requests", `import requests
r = requests.get('URL/hello', timeout=20)
return [r.status_code, r.text, r.ok]`, `[200, "hello HOST", true]`},
	{"requests session", `import requests
with requests.Session() as s:
    s.auth, s.headers['X-Key'] = ('u', 'p'), 'k'
    s.get('URL/cookie')
    return s.get('URL/headers').text`, `"k u p s=1"`},
	{"requests upload", `import io, requests
a = requests.post('URL/upload', files={'file': ('t.csv', io.BytesIO(b'a,b'))}, data={'note': 'n'}).text
b = requests.post('URL/digest', data=b'0123456789' * 300000).text
c = requests.post('URL/digest', data=(b'abc' for _ in range(3))).text
return [a, b, c]`, `["t.csv a,b n", "POST 3000000 DIGEST", "POST 9 76b99ab4"]`},
	{"requests stream", `import requests
n = 0
with requests.get('URL/bytes', stream=True) as r:
    for chunk in r.iter_content(4096):
        n += len(chunk)
return n`, `1000000`},
	{"requests retries", `import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry
s = requests.Session()
s.mount('SCHEME://', HTTPAdapter(max_retries=Retry(5, backoff_factor=0.01, status_forcelist=[503])))
return s.get('URL/flaky').status_code`, `200`},
	{"requests redirect", `import requests
r = requests.get('URL/redirect?to=/hello')
return [r.text, len(r.history)]`, `["hello HOST", 1]`},
	{"requests timeout", `import requests
try:
    requests.get('URL/slow', timeout=0.3)
except requests.exceptions.ReadTimeout as e:
    return type(e).__name__`, `"ReadTimeout"`},
	{"urllib timeout", `import urllib.request
try:
    urllib.request.urlopen('URL/slow', timeout=0.3)
except TimeoutError as e:
    return type(e).__name__`, `"TimeoutError"`},
	{"httpx", `import httpx
with httpx.Client(timeout=20) as c:
    return c.get('URL/hello').text`, `"hello HOST"`},
	{"language model", `import json, requests
r = requests.post('URL/v1/chat/completions', json={'stream': True}, headers={'Authorization': 'Bearer key-1'}, stream=True)
text = ''
for line in r.iter_lines():
    if line.startswith(b'data: {'):
        text += json.loads(line[6:])['choices'][0]['delta']['content']
return text.strip()`, `"sales rose by 4 %"`},
}

// atServer returns a script or a result with the places of a server filled in.
func atServer(text, scheme, port string) string {
	client := map[string]string{"http": "HTTPConnection", "https": "HTTPSConnection"}[scheme]
	return strings.NewReplacer("URL", scheme+"://localhost:"+port, "HOST", "localhost:"+port, "PORT", port, "NAME", "localhost",
		"CLIENT", client, "SCHEME", scheme, "DIGEST", "6ca41633").Replace(text)
}

func TestHTTP(t *testing.T) {
	port := startWeb(t)
	grants := grantsOf(connections(t, nil, "http://localhost:"+port))
	for _, c := range httpCases {
		t.Run(c.name, func(t *testing.T) {
			expect(t, grants, atServer(c.script, "http", port), atServer(c.want, "http", port))
		})
	}
}

func TestHTTPS(t *testing.T) {
	authority := certtest.Authority(t, "authority", nil)
	port := startSecureWeb(t, authority, "localhost")
	grants := grantsOf(connections(t, authority.Cert, "https://localhost:"+port))
	for _, c := range httpCases {
		t.Run(c.name, func(t *testing.T) {
			expect(t, grants, atServer(c.script, "https", port), atServer(c.want, "https", port))
		})
	}
}

// TestTLSFacts checks which facts about a connection a script can see.
func TestTLSFacts(t *testing.T) {
	authority := certtest.Authority(t, "authority", nil)
	port := startSecureWeb(t, authority, "localhost")
	grants := grantsOf(connections(t, authority.Cert, "tls://localhost:"+port))
	expect(t, grants, atServer(`import socket, ssl
s = ssl.create_default_context().wrap_socket(socket.create_connection(('localhost', PORT)), server_hostname='localhost')
s.sendall(b'GET /hello HTTP/1.0\r\nHost: h\r\n\r\n')
text = b''
while part := s.recv(7):
    text += part
return [s.version(), s.getpeercert(), len(s.getpeercert(True)) > 100, text[-7:].decode(), s.getpeername()[0], s.getsockname()[0]]`, "https", port),
		`["TLSv1.3", {"subject": [[["commonName", "localhost"]]], "subjectAltName": [["DNS", "localhost"]]}, true, "hello h", "127.0.0.1", "0.0.0.0"]`)
}
