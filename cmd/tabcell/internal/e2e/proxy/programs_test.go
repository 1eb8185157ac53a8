//go:build proxy && linux

package proxy

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"
)

// maxBody is the limit of bodies in bytes that the tests set, in the server and in the examples.
const maxBody = 1 << 20

// programs starts each proxy with its example in front of servers at the given addresses. They
// return the address of the proxy.
var programs = map[string]func(t *testing.T, servers ...string) string{"nginx": startNginx, "haproxy": startHAProxy}

// replaced returns a text with replacements, each of which must apply once.
func replaced(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if n := strings.Count(text, pairs[i]); n != 1 {
			t.Fatalf("the example has %q %d times", pairs[i], n)
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

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

// startClusterNginx starts the example for clusters, and that for Arrow Flight if this nginx has
// the module for streams.
func startClusterNginx(t *testing.T, members []*member) (web, flight string) {
	t.Helper()
	dir, address := t.TempDir(), freeAddress(t)
	cert, key := certtest.Issue(t, "proxy", nil, certtest.ForHosts("tabpy.example.com")).WriteFiles(t, dir)
	site := replaced(t, replaceNodes(t, example(t, "cluster.nginx.conf"), members, 2, 0),
		"listen 443 ssl;", "listen "+address+" ssl;", "listen [::]:443 ssl;", "",
		"/etc/nginx/tls/tabpy.example.com.pem", cert, "/etc/nginx/tls/tabpy.example.com.key", key,
	)
	testenv.WriteFile(t, filepath.Join(dir, "site.conf"), site)
	var temp strings.Builder
	for _, name := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temp, "%s_temp_path %s/%s;\n", name, dir, name)
	}
	streams, modules := "", ""
	if module := nginxStreamModule(); module != "" {
		flight = freeAddress(t)
		modules = "load_module " + module + ";\n"
		streams = replaced(t, replaceNodes(t, example(t, "cluster-flight.nginx.conf"), members, 0, 1),
			"listen 13622;", "listen "+flight+";", "listen [::]:13622;", "")
	}
	main := filepath.Join(dir, "nginx.conf")
	testenv.WriteFile(t, main, modules+"daemon off;\nmaster_process off;\npid "+dir+"/pid;\nerror_log stderr;\nevents {}\n"+streams+
		"\nhttp {\naccess_log off;\n"+temp.String()+"include site.conf;\n}\n")
	startProxy(t, address, "nginx", "-c", main, "-p", dir)
	return address, flight
}

// nginxStreamModule returns the file of nginx's module for streams (Debian's package
// libnginx-mod-stream), or "".
func nginxStreamModule() string {
	found, _ := filepath.Glob("/usr/lib/nginx/modules/ngx_stream_module.so")
	return strings.Join(found, "")
}

func startClusterHAProxy(t *testing.T, members []*member) (web, flight string) {
	t.Helper()
	dir := t.TempDir()
	web, flight = freeAddress(t), freeAddress(t)
	issued := certtest.Issue(t, "proxy", nil, certtest.ForHosts("tabpy.example.com"))
	pair := filepath.Join(dir, "pair.pem")
	testenv.WriteFile(t, pair, issued.CertPEM()+issued.KeyPEM())
	text := replaceNodes(t, example(t, "cluster.haproxy.cfg"), members, 2, 1)
	for i, m := range members { // in the test, each node has another port for the health checks
		line := fmt.Sprintf("server node%d %s\n", i+1, m.flight.Addr())
		text = replaced(t, text, line, strings.TrimSuffix(line, "\n")+" check port "+port(m.address())+"\n")
	}
	config := filepath.Join(dir, "haproxy.cfg")
	testenv.WriteFile(t, config, replaced(t, text,
		"bind :443 ssl", "bind "+web+" ssl", "bind :13622", "bind "+flight, "/etc/haproxy/tls/tabpy.example.com.pem", pair,
	))
	startProxy(t, web, "haproxy", "-db", "-f", config)
	return web, flight
}

func port(address string) string { return address[strings.LastIndex(address, ":")+1:] }

func freeAddress(t *testing.T) string { return fmt.Sprintf("127.0.0.1:%d", testenv.FreePort(t)) }

// startProxy starts a program, waits until it accepts connections, and stops it at the end of the
// test.
func startProxy(t *testing.T, address, program string, args ...string) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("%s is not installed (apt install nginx haproxy)", program)
	}
	log := testenv.NewOutput()
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(testenv.Scaled(20 * time.Second)):
			_ = cmd.Process.Kill()
			t.Errorf("%s does not stop:\n%s", program, log)
		}
		if t.Failed() {
			t.Logf("%s:\n%s", program, log)
		}
	})
	for deadline := time.Now().Add(testenv.Scaled(20 * time.Second)); !accepts(address); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended with %v:\n%s", program, err, log)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not accept connections:\n%s", program, log)
		}
	}
}
