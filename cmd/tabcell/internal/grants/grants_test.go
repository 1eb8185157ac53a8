package grants

import (
	"reflect"
	"strings"
	"testing"

	"tabcell/runtime"
	"tabcell/settings"
)

func namesOf(list []*runtime.Grant) string {
	var names []string
	for _, g := range list {
		names = append(names, g.Name)
	}
	return strings.Join(names, " ")
}

func TestSelection(t *testing.T) {
	s, err := New([]settings.Grant{
		{Name: "all", Accounts: []string{"*"}},
		{Name: "ann", Accounts: []string{"ann"}},
		{Name: "subject", Accounts: []string{"subject:ann", "subject:auth0|1"}},
		{Name: "endpoint", Endpoints: []string{"churn"}},
		{Name: "nobody"},
		{Name: "both", Accounts: []string{"bob"}, Endpoints: []string{"churn", "ann"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	live := &Live{}
	if live.OfAccount("Basic ann") != nil || live.OfEndpoint("churn") != nil {
		t.Error("a server without a set has grants")
	}
	live.Set(s)
	for account, want := range map[string]string{
		"": "all", "Basic ann": "all ann", "Bearer ann": "all subject", "Bearer auth0|1": "all subject", "Basic bob": "all both",
		"ann": "all", "Basic *": "all", "Basic subject:ann": "all", "Basic churn": "all", "Bearer ": "all",
	} {
		if got := namesOf(live.OfAccount(account)); got != want {
			t.Errorf("account %q: got %s, want %s", account, got, want)
		}
	}
	for name, want := range map[string]string{"churn": "endpoint both", "ann": "both", "": "", "Churn": "", "*": "", "bob": ""} {
		if got := namesOf(live.OfEndpoint(name)); got != want {
			t.Errorf("endpoint %q: got %s, want %s", name, got, want)
		}
	}
	for name, want := range map[string]string{"Ann": "Basic ann", "subject:Ann": "Bearer Ann", "": ""} {
		if got := AccountName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestNew(t *testing.T) {
	s, err := New([]settings.Grant{{
		Name: "g", MaxConnections: 3, MaxMB: 2, Proxy: "http://me:secret@proxy:3128", Env: []settings.GrantVariable{{Name: "KEY", Value: "secret"}},
		Folders: []settings.GrantFolder{{Host: "/srv", Guest: `C:\srv`}}, Targets: []settings.GrantTarget{{Scheme: "https", Host: "2001:db8::1", Port: 8443}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	g := s.All()[0]
	if g.MaxConnections != 3 || g.MaxBytes != 2<<20 || g.Env["KEY"] != "secret" || g.Proxy.Host != "proxy:3128" || g.Roots != nil ||
		g.Folders[0].Host != "/srv" || g.Folders[0].Guest != `C:\srv` || g.Connect[0].String() != "https://[2001:db8::1]:8443" {
		t.Errorf("the grant is %+v", g)
	}
	_, err = New([]settings.Grant{{Name: "a", CA: "none.pem"}, {Name: "b", CA: "grants.go"}, {Name: "c"}})
	if err == nil || !strings.Contains(err.Error(), "[Grant a]: ca: ") || !strings.Contains(err.Error(), "[Grant b]: ca: grants.go has no certificate") {
		t.Errorf("the error is %v", err)
	}
}

func TestRights(t *testing.T) {
	target := func(host string, port int) settings.GrantTarget {
		return settings.GrantTarget{Scheme: "tcp", Host: host, Port: port}
	}
	got := RightsOf([]settings.Grant{
		{Folders: []settings.GrantFolder{{Host: "/b"}, {Host: "/a"}}, Targets: []settings.GrantTarget{target("192.0.2.1", 443), target("::1", 5)}},
		{Folders: []settings.GrantFolder{{Host: "/b"}}, Targets: []settings.GrantTarget{target("db", 9)}, Proxy: "http://192.0.2.9"},
		{Proxy: "http://unused:3128"},
	})
	if want := (Rights{[]string{"/a", "/b"}, []uint16{5, 80, 443}, false}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := RightsOf([]settings.Grant{{Targets: []settings.GrantTarget{target("db", 9)}, Proxy: "https://proxy"}}); !got.Names || got.Ports[0] != 443 {
		t.Errorf("got %+v", got)
	}
}
