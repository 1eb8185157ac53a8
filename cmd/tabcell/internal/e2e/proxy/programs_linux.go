//go:build linux

package proxy

import (
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"
)

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

// Node has the addresses of a node, for HTTP and for Arrow Flight.
type Node struct{ Web, Flight string }

// Balancer has the addresses of a balancer: for most clients, for those of Arrow Flight by HTTP, and
// for Arrow Flight, which is "" if this nginx has no module for streams.
type Balancer struct{ Web, Prep, Flight string }

// Host is the name of the server in the examples.
const Host = "tabpy.example.com"

// StartNginx starts nginx with the examples for a cluster until the test ends.
func StartNginx(t *testing.T, nodes []Node) (b Balancer) {
	t.Helper()
	dir := t.TempDir()
	b.Web, b.Prep = freeAddress(t), freeAddress(t)
	cert, key := certtest.Issue(t, "proxy", nil, certtest.ForHosts(Host)).WriteFiles(t, dir)
	site := replaced(t, replaceNodes(t, example(t, "cluster.nginx.conf"), nodes, 5, 0),
		"listen 443 ssl;", "listen "+b.Web+" ssl;", "listen [::]:443 ssl;", "", "listen 8443 ssl;", "listen "+b.Prep+" ssl;", "listen [::]:8443 ssl;", "",
		"{\n    8443    tabcell_by_client;\n    default tabcell;", "{\n    "+port(b.Prep)+" tabcell_by_client;\n    default tabcell;",
		"{\n    8443    tabcell_by_client;\n    default $", "{\n    "+port(b.Prep)+" tabcell_by_client;\n    default $",
		"/etc/nginx/tls/tabpy.example.com.pem", cert, "/etc/nginx/tls/tabpy.example.com.key", key,
	)
	testenv.WriteFile(t, filepath.Join(dir, "site.conf"), site)
	var temp strings.Builder
	for _, name := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temp, "%s_temp_path %s/%s;\n", name, dir, name)
	}
	streams, modules := "", ""
	if module := nginxStreamModule(); module != "" {
		b.Flight = freeAddress(t)
		modules = "load_module " + module + ";\n"
		streams = replaced(t, replaceNodes(t, example(t, "cluster-flight.nginx.conf"), nodes, 0, 1),
			"listen 13622;", "listen "+b.Flight+";", "listen [::]:13622;", "")
	}
	main := filepath.Join(dir, "nginx.conf")
	testenv.WriteFile(t, main, modules+"daemon off;\nmaster_process off;\npid "+dir+"/pid;\nerror_log stderr;\nevents {}\n"+streams+
		"\nhttp {\naccess_log off;\n"+temp.String()+"include site.conf;\n}\n")
	startProxy(t, b.Web, "nginx", "-c", main, "-p", dir)
	return b
}

// nginxStreamModule returns the file of nginx's module for streams (Debian's package
// libnginx-mod-stream), or "".
func nginxStreamModule() string {
	found, _ := filepath.Glob("/usr/lib/nginx/modules/ngx_stream_module.so")
	return strings.Join(found, "")
}

// StartHAProxy starts HAProxy with the example for a cluster until the test ends.
func StartHAProxy(t *testing.T, nodes []Node) Balancer {
	t.Helper()
	dir := t.TempDir()
	b := Balancer{Web: freeAddress(t), Prep: freeAddress(t), Flight: freeAddress(t)}
	issued := certtest.Issue(t, "proxy", nil, certtest.ForHosts(Host))
	pair := filepath.Join(dir, "pair.pem")
	testenv.WriteFile(t, pair, issued.CertPEM()+issued.KeyPEM())
	text := replaceNodes(t, example(t, "cluster.haproxy.cfg"), nodes, 2, 1)
	for i, n := range nodes { // in the test, each node has another address for the health checks
		line := fmt.Sprintf("server node%d %s\n", i+1, n.Flight)
		text = replaced(t, text, line, strings.TrimSuffix(line, "\n")+" check addr "+hostOf(n.Web)+" port "+port(n.Web)+"\n")
	}
	config := filepath.Join(dir, "haproxy.cfg")
	testenv.WriteFile(t, config, replaced(t, text,
		"bind :443,:8443 ssl", "bind "+b.Web+","+b.Prep+" ssl", "dst_port 8443", "dst_port "+port(b.Prep), "bind :13622", "bind "+b.Flight,
		"/etc/haproxy/tls/tabpy.example.com.pem", pair,
	))
	startProxy(t, b.Web, "haproxy", "-db", "-f", config)
	return b
}

// replaceNodes replaces the nodes of an example. times is how often each is named.
func replaceNodes(t *testing.T, text string, nodes []Node, times, flightTimes int) string {
	t.Helper()
	for i, n := range nodes {
		web, flight := fmt.Sprintf("10.0.0.1%d:9004", i+1), fmt.Sprintf("10.0.0.1%d:13622", i+1)
		if strings.Count(text, web) != times || strings.Count(text, flight) != flightTimes {
			t.Fatalf("the example has %s %d times and %s %d times", web, strings.Count(text, web), flight, strings.Count(text, flight))
		}
		text = strings.ReplaceAll(strings.ReplaceAll(text, web, n.Web), flight, n.Flight)
	}
	return text
}

func hostOf(address string) string { return address[:strings.LastIndex(address, ":")] }

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

func accepts(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	return err == nil && conn.Close() == nil
}
