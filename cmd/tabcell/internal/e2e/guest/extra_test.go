package guest

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// extraScripts use packages of the archive "extra". The results are those of CPython 3.13 with the
// same versions, except for the network.
var extraScripts = []struct{ name, script, want string }{
	{"import", `import requests
return [requests.__version__, requests.codes.not_found, requests.utils.quote('a b'), requests.__file__]`, `["2.34.2", 404, "a%20b", "/lib/requests/__init__.py"]`},
	{"prepared request", `import requests
r = requests.Request('GET', 'https://example.com/a', params={'q': 'x y'}, headers={'A': 'b'}).prepare()
return [r.url, r.headers['a']]`, `["https://example.com/a?q=x+y", "b"]`},
	{"no grant", `import requests
try:
    requests.get('https://example.com/', timeout=1)
except requests.exceptions.ConnectionError as e:
    return ['no grant of this server allows a connection' in str(e), isinstance(e, OSError)]`, `[true, true]`},
	{"no grant for urllib3", `import urllib3
try:
    urllib3.PoolManager(retries=False).request('GET', 'http://example.com/')
except urllib3.exceptions.NewConnectionError as e:
    return 'no grant of this server allows a connection' in str(e)`, `true`},
	{"version", `import importlib.metadata as m
return [m.version('requests'), m.version('Charset_Normalizer'), m.metadata('idna')['Name'], 'urllib3' in ' '.join(m.requires('requests'))]`,
		`["2.34.2", "3.5.3", "idna", true]`},
	{"entry points of a distribution", `import importlib.metadata as m
return [e.name for e in m.distribution('charset-normalizer').entry_points]`, `["normalizer"]`},
	{"find_spec", `import importlib.util as u
return [u.find_spec('certifi').origin, u.find_spec('certifi.missing'), u.find_spec('urllib3.util.url').name]`, `["/lib/certifi/__init__.py", null, "urllib3.util.url"]`},
	{"data of a package", `import certifi, importlib.resources, pkgutil
text = importlib.resources.files('certifi').joinpath('cacert.pem').read_text()
return [certifi.contents() == text, '-----BEGIN CERTIFICATE-----' in text, pkgutil.get_data('certifi', 'cacert.pem').decode() == text,
        open(certifi.where()).read() == text]`, `[true, true, true, true]`},
	{"folders", `import os
names = os.listdir('/lib')
return ['requests' in names, 'requests-2.34.2.dist-info' in names, os.path.isdir('/lib/idna'), 'adapters.py' in os.listdir('/lib/requests'),
        os.path.getsize('/lib/certifi/cacert.pem') > 100000, os.path.exists('/lib/certifi/missing')]`, `[true, true, true, true, true, false]`},
	{"idna", `import idna
return [idna.encode('ドメイン.テスト').decode(), idna.decode('xn--eckwd4c7c.xn--zckzah') == 'ドメイン.テスト']`, `["xn--eckwd4c7c.xn--zckzah", true]`},
	{"charset_normalizer", `from charset_normalizer import from_bytes
text = 'Bonjour, où êtes-vous allés cet été ? Nous avons mangé des crêpes à la crème.'
best = from_bytes(text.encode('cp1252')).best()
return [best.encoding, str(best) == text]`, `["cp1252", true]`},
}

// TestExtra runs the scripts in the core guest, behind a router whose full guest cannot be loaded.
func TestExtra(t *testing.T) {
	r := runtime.NewRouter(harness.Core(t), assets.FullOnly(), func() (*runtime.Engine, error) { return nil, errors.New("the router loads the full guest") })
	for _, s := range extraScripts {
		got, err := r.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(s.script, "{}")})
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
		} else if string(got.Body) != s.want {
			t.Errorf("%s: %s, want %s", s.name, got.Body, s.want)
		}
	}
}

func TestExtraInFull(t *testing.T) {
	for _, s := range extraScripts[:4] {
		got, err := harness.Full(t).Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest("import scipy\n"+s.script, "{}")})
		if err != nil || string(got.Body) != s.want {
			t.Errorf("%s: %s, want %s; error %v", s.name, got.Body, s.want, err)
		}
	}
}

// TestExtraIsLazy checks that a script that imports nothing loads no part, that an import loads the
// parts it needs, and that a damaged part is a missing module. The boot loads pytz, for pandas.
func TestExtraIsLazy(t *testing.T) {
	guest, err := assets.Core()
	if err != nil {
		t.Fatal(err)
	}
	var loads atomic.Int64
	for entry, load := range guest.Parts {
		guest.Parts[entry] = func() (map[string][]byte, error) {
			if loads.Add(1); entry == "idna/" {
				return nil, errors.New("damaged")
			}
			return load()
		}
	}
	e, err := harness.StartEngine(runtime.Config{Guest: runtime.Guest(guest)})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	booted := loads.Load()
	for _, c := range []struct {
		script string
		want   string
		loads  int64
	}{
		{"return sum(_arg1)", "6", 0},
		{"import os\nreturn 'certifi' in os.listdir('/lib')", "true", 0},
		{"import certifi\nreturn 1", "1", 1},
		{"import certifi\nreturn 2", "2", 1},
	} {
		got, err := e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(c.script, `{"_arg1": [1, 2, 3]}`)})
		if err != nil || string(got.Body) != c.want || loads.Load()-booted != c.loads {
			t.Errorf("%s: %s, %d parts are loaded; want %s, %d; error %v", c.script, got.Body, loads.Load()-booted, c.want, c.loads, err)
		}
	}
	_, err = e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest("import idna", "{}")})
	if err == nil || !strings.Contains(err.Error(), "No module named 'idna'") {
		t.Errorf("a damaged part: error %v", err)
	}
}
