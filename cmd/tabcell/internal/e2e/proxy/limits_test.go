package proxy

import (
	"regexp"
	"strconv"
	"testing"

	"tabcell/settings"
)

// number returns the number that a regular expression finds in a text.
func number(t *testing.T, text, expression string) int {
	t.Helper()
	found := regexp.MustCompile(expression).FindAllStringSubmatch(text, -1)
	if len(found) != 1 {
		t.Fatalf("the example has %q %d times", expression, len(found))
	}
	n, err := strconv.Atoi(found[0][1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The limits of the examples fit the defaults of the settings.
func TestLimits(t *testing.T) {
	d := settings.Defaults()
	timeout, body := int(d.Evaluate.Timeout.Duration().Seconds()), max(d.Request.MaxMB, d.Models.MaxMB)
	nginx, haproxy := example(t, "nginx.conf"), example(t, "haproxy.cfg")
	nginxCluster, haproxyCluster := example(t, "cluster.nginx.conf"), example(t, "cluster.haproxy.cfg")
	for name, seconds := range map[string]int{
		"nginx": number(t, nginx, `proxy_read_timeout (\d+)s;`), "HAProxy": number(t, haproxy, `timeout server (\d+)s`),
		"the queue of HAProxy":       number(t, haproxy, `timeout queue (\d+)s`),
		"nginx before a cluster":     number(t, nginxCluster, `proxy_read_timeout (\d+)s;`),
		"HAProxy before a cluster":   number(t, haproxyCluster, `timeout server (\d+)s`),
		"the queue before a cluster": number(t, haproxyCluster, `timeout queue (\d+)s`),
	} {
		if seconds < timeout+5 || seconds > timeout+60 {
			t.Errorf("%s waits %d s for a script that may take %d s", name, seconds, timeout)
		}
	}
	for _, text := range []string{nginx, nginxCluster} {
		if mb := number(t, text, `client_max_body_size (\d+)m;`); mb < body {
			t.Errorf("nginx accepts bodies of %d MiB, the server of %d MiB", mb, body)
		}
	}
}
