package cli

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
)

// A server on the loopback address refuses foreign host names, so that a web page whose name
// resolves to this machine cannot use it (DNS rebinding).
func TestServeRefusesForeignHosts(t *testing.T) {
	r := startServer(t, "TABCELL_ALLOWED_HOSTS=tabpy.example")
	for host, want := range map[string]int{"": 200, "localhost:9004": 200, "[::1]": 200, "tabpy.example": 200, "evil.example": 403} {
		request, err := http.NewRequest("GET", r.url+"/info", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: %d, want %d", host, response.StatusCode, want)
		}
	}
	r.stderr.Find(t, `TABCELL_ALLOWED_HOSTS if it is this one: \\"evil.example\\"`)
	r.signals <- syscall.SIGTERM
	r.wait(t, exitOK)
}

// In a container, the loopback address is hardly ever meant, so the log says how to change it.
func TestServeWarnsAboutLoopbackInContainer(t *testing.T) {
	for _, container := range []string{"", "oci"} {
		t.Setenv("container", container)
		r := startServer(t, "TABCELL_HOST=127.0.0.1")
		r.stop(t)
		if got := strings.Contains(r.stderr.String(), "the loopback address of a container"); got != (container != "") {
			t.Errorf("container %q: warning %t, log:\n%s", container, got, r.stderr)
		}
	}
}
