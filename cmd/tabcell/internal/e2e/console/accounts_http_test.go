package console

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
)

const (
	accountPassword = "P@ssw0rd-of-accounts"
	grantSecret     = "secret-of-a-grant"
)

// accountServer is a server with TLS, accounts, a base path and an audit trail.
type accountServer struct {
	*harness.Server
	base string // URL with the base path
}

// startAccountServer starts a server with the accounts ann, who may run scripts and query
// endpoints, and ada, who has every role but grant. settings are further lines of its configuration.
func startAccountServer(t *testing.T, settings ...string) *accountServer {
	t.Helper()
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"ann", "ada"} {
		add := exec.Command("tabcell", "user", "add", name, "-f", file("passwords"))
		add.Stdin = strings.NewReader(accountPassword + "\n")
		if out, err := add.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	testenv.WriteFile(t, file("roles"), "account ann evaluate,query\naccount ada evaluate,query,deploy,metrics,admin\n")
	testenv.WriteFile(t, file("state.ini"), "[Service Info]\nName = TabPy Server\nDescription =\nCreation Time = 0\nAccess-Control-Allow-Origin =\n"+
		"Access-Control-Allow-Headers =\nAccess-Control-Allow-Methods =\nSubdirectory = base/path\n\n[Query Object Service Versions]\n\n[Query Object Docstrings]\n\n[Meta]\nRevision Number = 1\n")
	cert, key := certtest.Issue(t, "tabcell.example.com", nil, certtest.ForHosts("tabcell.example.com", "127.0.0.1")).WriteFiles(t, dir)
	config, port := harness.Configuration(t, "[TabPy]\nTABPY_PORT = ${PORT}\nTABPY_TRANSFER_PROTOCOL = https\nTABPY_CERTIFICATE_FILE = "+cert+"\nTABPY_KEY_FILE = "+key+
		"\nTABPY_PWD_FILE = "+file("passwords")+"\nTABCELL_ROLES_FILE = "+file("roles")+"\nTABPY_STATE_PATH = "+dir+"\nTABCELL_MODELS_PATH = "+file("models")+
		"\nTABCELL_AUDIT = "+file("audit.jsonl")+"\nTABCELL_HOST = 127.0.0.1\n"+
		strings.Join(settings, "\n")+"\n[Grant prices]\naccounts = ann\nconnect = https://prices.example.com\nenv = TOKEN="+grantSecret+"\n")
	s := &accountServer{harness.NewServer(t, fmt.Sprintf("https://127.0.0.1:%d", port)), fmt.Sprintf("https://127.0.0.1:%d/base/path", port)}
	s.Run(s.App(harness.Router, s.Log, testenv.WriteConfig(t, config)))
	t.Cleanup(s.Stop)
	return s
}

// browser is a client with the cookies of a session.
type browser struct {
	t      *testing.T
	base   string
	client http.Client
	csrf   string
}

// signIn returns the browser of an account.
func (s *accountServer) signIn(t *testing.T, name string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, base: s.base, client: http.Client{Transport: testenv.AnyCertificate.Transport, Jar: jar}}
	var session struct{ CSRF string }
	b.call("GET", "session", "", 200, &session)
	b.csrf = session.CSRF
	response := b.call("POST", "session", fmt.Sprintf(`{"username": %q, "password": %q}`, name, accountPassword), 200, &session)
	b.csrf = session.CSRF
	for _, cookie := range response.Cookies() {
		if !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "/base/path/console" {
			t.Errorf("the cookie of the session: %+v", cookie)
		}
	}
	return b
}

// call sends a request, checks the status, and decodes the response, whose text it returns.
func (b *browser) call(method, path, body string, status int, v any) *http.Response {
	b.t.Helper()
	response, text := b.send(method, path, body)
	if response.StatusCode != status {
		b.t.Fatalf("%s %s: status %d, want %d: %.1000s", method, path, response.StatusCode, status, text)
	}
	if v != nil {
		if err := json.Unmarshal(text, v); err != nil {
			b.t.Fatalf("%s %s: %v in %.1000s", method, path, err, text)
		}
	}
	return response
}

func (b *browser) send(method, path, body string) (*http.Response, []byte) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.base+"/console/api/v1/"+path, bytes.NewReader([]byte(body)))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("X-Console-CSRF", b.csrf)
	response, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(response.Body); err != nil {
		b.t.Fatal(err)
	}
	check(b.t, r, response, text.Bytes())
	return response, text.Bytes()
}

// evaluate runs a script as Tableau does, and returns the call ID.
func (s *accountServer) evaluate(t *testing.T, account, script string) string {
	t.Helper()
	return s.post(t, account, "evaluate", string(harness.ScriptRequest(script, "{}"))).Header.Get("X-Request-Id")
}

// post sends a request to the API that clients of the server use.
func (s *accountServer) post(t *testing.T, account, path, body string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", s.base+"/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(account, accountPassword)
	response, _ := send(t, r)
	return response
}

// adminPages has a text that each resource for administrators shows.
var adminPages = map[string]string{
	"admin/settings": `"name":"TABCELL_ROLES_FILE"`, "admin/libraries": `"name":"numpy"`, "admin/doctor": `"title":"models folder"`,
	"admin/audit": `"event":"sign-in"`, "admin/certificates": `"names":["tabcell.example.com","127.0.0.1"]`, "admin/accounts": `"name":"ann","method":"password","roles":["evaluate","query"]`,
	"admin/grants": `"connect":["https://prices.example.com:443"],"env":["TOKEN"],"accounts":["ann"]`,
}

// TestAccountsByHTTP uses the console as an account without and one with the role admin.
func TestAccountsByHTTP(t *testing.T) {
	s := startAccountServer(t)
	nobody := browser{t: t, base: s.base, client: *testenv.AnyCertificate}
	for _, path := range append([]string{"load", "load/events", "errors", "endpoints", "manual"}, "admin/settings") {
		nobody.call("GET", path, "", 401, nil)
	}
	own := s.evaluate(t, "ann", "x = 1\n\nreturn x / 0")
	foreign := s.evaluate(t, "ada", "return secret_of_ada")

	ann, ada := s.signIn(t, "ann"), s.signIn(t, "ada")
	checkErrors(ann, own, foreign, false)
	checkErrors(ada, own, foreign, true)
	for path, text := range adminPages {
		ann.call("GET", path, "", 403, nil)
		response, body := ada.send("GET", path, "")
		if response.StatusCode != 200 || !strings.Contains(string(body), text) {
			t.Errorf("%s: status %d; %q is missing in %.2000s", path, response.StatusCode, text, body)
		}
		for _, secret := range []string{accountPassword, grantSecret} {
			if strings.Contains(string(body), secret) {
				t.Errorf("%s shows a secret", path)
			}
		}
	}
	checkDeployment(ann, ada)
	checkStream(ann)
}

// checkErrors checks the failures that an account sees.
func checkErrors(b *browser, own, foreign string, all bool) {
	b.t.Helper()
	var list struct {
		Errors []struct {
			ID, Class, Account string
			Line               int
			Message            string
		}
	}
	b.call("GET", "errors", "", 200, &list)
	var ids []string
	for _, e := range list.Errors {
		ids = append(ids, e.ID)
		if e.Message != "" {
			b.t.Errorf("the text of an exception is shown: %+v", e)
		}
		if e.ID == own && (e.Class != "ZeroDivisionError" || e.Line != 3 || e.Account != "ann") {
			b.t.Errorf("%+v", e)
		}
	}
	if !slices.Contains(ids, own) || slices.Contains(ids, foreign) != all {
		b.t.Errorf("the failures %v; own %s, foreign %s", ids, own, foreign)
	}
	status := map[bool]int{true: 200, false: 404}[all]
	b.call("GET", "errors/"+own[:8], "", 200, nil)
	b.call("GET", "errors/"+foreign, "", status, nil)
	var load struct {
		Scripts  []struct{ Digest string }
		Accounts []struct{ Account string }
	}
	b.call("GET", "load", "", 200, &load)
	if scripts := map[bool]int{true: 2, false: 1}[all]; len(load.Scripts) != scripts || (len(load.Accounts) == 2) != all || !all && load.Accounts != nil {
		b.t.Errorf("%+v", load)
	}
}

// checkDeployment deploys an endpoint with the role for it, and finds the change in the audit trail.
func checkDeployment(ann, ada *browser) {
	ada.t.Helper()
	ann.call("POST", "endpoints?name=f", "def f(x): return x", 403, nil)
	var failed struct {
		Load struct {
			Class string
			Line  int
		} `json:"load_error"`
	}
	ada.call("POST", "endpoints?name=f", "def f(x):\n    return x\nimport nosuch\n", 422, &failed)
	if failed.Load.Class != "ModuleNotFoundError" || failed.Load.Line != 3 {
		ada.t.Errorf("%+v", failed)
	}
	ada.call("POST", "endpoints?name=f", "def f(x):\n    return x\n", 201, nil)
	var detail struct {
		Source   string
		Usage    struct{ Formula, Curl string }
		Versions []struct{ Author string }
	}
	ada.call("GET", "endpoints/f", "", 200, &detail)
	if !strings.Contains(detail.Usage.Curl, "/base/path/query/f") || detail.Source == "" || len(detail.Versions) != 1 || detail.Versions[0].Author != "ada" {
		ada.t.Errorf("%+v", detail)
	}
	ann.call("DELETE", "endpoints/f", `{"confirm": "f"}`, 403, nil)
	var tail struct {
		Entries []struct {
			Event, Account, Endpoint, Call string
			Intact                         bool
		}
	}
	ada.call("GET", "admin/audit", "", 200, &tail)
	found := false
	for _, e := range tail.Entries {
		found = found || e.Event == "deploy" && e.Account == "Basic ada" && e.Endpoint == "f" && e.Call != "" && e.Intact
	}
	if !found {
		ada.t.Errorf("the deployment is not in %+v", tail)
	}
}

// checkStream reads events over TLS until the session ends.
func checkStream(b *browser) {
	b.t.Helper()
	response, err := b.client.Get(b.base + "/console/api/v1/load/events")
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	check(b.t, response.Request, response, nil)
	var names []string
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			if names = append(names, name); len(names) == 2 {
				b.call("DELETE", "session", "", 204, nil)
			}
		}
	}
	if len(names) < 3 || names[0] != "load" || names[len(names)-1] != "end" {
		b.t.Errorf("the events %v", names)
	}
}
