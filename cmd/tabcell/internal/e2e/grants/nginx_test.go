//go:build grants && linux

package grants

import (
	"os"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
)

const nginxConfig = `daemon off;
worker_processes 1;
pid DIR/pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path DIR/a; proxy_temp_path DIR/b; fastcgi_temp_path DIR/c; uwsgi_temp_path DIR/d; scgi_temp_path DIR/e;
  gzip on; gzip_types *; gzip_min_length 1;
  server {
    listen 127.0.0.1:PORT ssl;
    server_name localhost;
    ssl_certificate DIR/server.crt;
    ssl_certificate_key DIR/server.key;
    root DIR/site;
    location /secret { auth_basic site; auth_basic_user_file DIR/users; }
    location /app/ { proxy_pass http://127.0.0.1:BEHIND/; proxy_set_header Host $host:$server_port; proxy_http_version 1.1; }
    location /moved { return 301 https://other.test/; }
  }
}
`

// TestNginx uses Debian's nginx: compression, connections that stay open, ranges, authentication,
// and a server behind it.
func TestNginx(t *testing.T) {
	authority := certtest.Authority(t, "authority", nil)
	program, d := find(t, "/usr/sbin/nginx"), newDaemon(t, "www-data")
	if err := os.Mkdir(d.path("site"), 0o755); err != nil {
		t.Fatal(err)
	}
	issued := certtest.Issue(t, "localhost", authority, certtest.ForHosts("localhost"))
	d.write(map[string]string{
		"server.crt": issued.CertPEM(), "server.key": issued.KeyPEM(), "users": "u:{PLAIN}p\n",
		"site/table.csv": "a,b\n" + strings.Repeat("1,2\n", 50_000), "site/secret": "open sesame",
		"conf": strings.NewReplacer("DIR", d.dir, "PORT", d.port, "BEHIND", startWeb(t)).Replace(nginxConfig),
	})
	d.chown("site")
	d.start(program, "-p", d.dir, "-c", d.path("conf"))
	grants := grantsOf(connections(t, authority.Cert, "https://localhost:"+d.port))
	for _, c := range []struct{ script, want string }{
		{`import pandas as pd
return [int(n) for n in pd.read_csv('URL/table.csv').sum()]`, `[50000, 100000]`},
		{`import requests
s = requests.Session()
r = [s.get('URL/table.csv') for _ in range(5)]
return [r[0].headers['Content-Encoding'], {len(x.text) for x in r} == {200004}, len(s.adapters['https://'].poolmanager.connection_from_url('URL').pool.queue) > 0]`, `["gzip", true, true]`},
		{`import requests
r = requests.get('URL/table.csv', headers={'Range': 'bytes=4-7', 'Accept-Encoding': 'identity'})
return [r.status_code, r.text]`, `[206, "1,2\n"]`},
		{`import requests
return [requests.get('URL/secret').status_code, requests.get('URL/secret', auth=('u', 'p')).text]`, `[401, "open sesame"]`},
		{`import requests
return [requests.post('URL/app/digest', data=b'x' * 500000).text.split()[1], requests.get('URL/app/hello').text]`, `["500000", "hello localhost:PORT"]`},
		{`import http.client, ssl
c = http.client.HTTPSConnection('localhost', PORT)
c.request('HEAD', '/table.csv')
r = c.getresponse()
return [r.status, c.sock.version()]`, `[200, "TLSv1.2"]`},
		{`import requests
requests.get('URL/moved')`, denied + "other.test:443"},
	} {
		fill := strings.NewReplacer("URL", "https://localhost:"+d.port, "PORT", d.port)
		expect(t, grants, fill.Replace(c.script), fill.Replace(c.want))
	}
}
