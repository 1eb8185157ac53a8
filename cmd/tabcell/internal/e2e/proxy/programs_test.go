//go:build proxy && linux

package proxy

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"
)

// maxBody is the limit of bodies in bytes that the tests set, in the server and in the examples.
const maxBody = 1 << 20

// programs starts each proxy with its example in front of servers at the given addresses. They
// return the address of the proxy.
var programs = map[string]func(t *testing.T, servers ...string) string{"nginx": startNginx, "haproxy": startHAProxy}

func startNginx(t *testing.T, servers ...string) string {
	t.Helper()
	dir, address := t.TempDir(), freeAddress(t)
	cert, key := certtest.Issue(t, "proxy", nil, certtest.ForHosts("tabpy.example.com")).WriteFiles(t, dir)
	site := replaced(t, example(t, "nginx.conf"),
		"listen 443 ssl;", "listen "+address+" ssl;", "listen [::]:443 ssl;", "",
		"/etc/nginx/tls/tabpy.example.com.pem", cert, "/etc/nginx/tls/tabpy.example.com.key", key,
		"server 127.0.0.1:9004;", "server "+strings.Join(servers, ";\n    server ")+";",
		"client_max_body_size 256m;", fmt.Sprintf("client_max_body_size %d;", maxBody),
	)
	testenv.WriteFile(t, filepath.Join(dir, "site.conf"), site)
	var temp strings.Builder
	for _, name := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temp, "%s_temp_path %s/%s;\n", name, dir, name)
	}
	main := filepath.Join(dir, "nginx.conf")
	testenv.WriteFile(t, main, "daemon off;\nmaster_process off;\npid "+dir+"/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n"+
		temp.String()+"include site.conf;\n}\n")
	startProxy(t, address, "nginx", "-c", main, "-p", dir)
	return address
}

func startHAProxy(t *testing.T, servers ...string) string {
	t.Helper()
	dir, address := t.TempDir(), freeAddress(t)
	issued := certtest.Issue(t, "proxy", nil, certtest.ForHosts("tabpy.example.com"))
	pair := filepath.Join(dir, "pair.pem")
	testenv.WriteFile(t, pair, issued.CertPEM()+issued.KeyPEM())
	lines := ""
	for i, server := range servers {
		lines += fmt.Sprintf("    server s%d %s\n", i, server)
	}
	config := filepath.Join(dir, "haproxy.cfg")
	testenv.WriteFile(t, config, replaced(t, example(t, "haproxy.cfg"),
		"bind :443 ssl", "bind "+address+" ssl", "/etc/haproxy/tls/tabpy.example.com.pem", pair, "    server one 127.0.0.1:9004\n", lines,
	))
	startProxy(t, address, "haproxy", "-db", "-f", config)
	return address
}
