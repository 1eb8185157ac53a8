package server

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/settings"
)

// TestGrantPlan checks that a confined server keeps the folders and ports of its grants, and only
// those.
func TestGrantPlan(t *testing.T) {
	var plan confine.Plan
	addGrants(&plan, nil)
	if plan.Sockets || plan.NeedPorts || plan.Read != nil || plan.Connect != nil {
		t.Errorf("without grants, the plan is %+v", plan)
	}
	addGrants(&plan, []settings.Grant{{Folders: []settings.GrantFolder{{Host: "/srv/models", Guest: "/models"}}}})
	if plan.Sockets || plan.NeedPorts || !slices.Equal(plan.Read, []string{"/srv/models"}) {
		t.Errorf("with a folder, the plan is %+v", plan)
	}
	addGrants(&plan, []settings.Grant{{Targets: []settings.GrantTarget{{Scheme: "tcp", Host: "192.0.2.1", Port: 1433}}}})
	if !plan.Sockets || !plan.NeedPorts || !slices.Equal(plan.Connect, []uint16{1433}) {
		t.Errorf("with an address, the plan is %+v", plan)
	}
	addGrants(&plan, []settings.Grant{{Targets: []settings.GrantTarget{{Scheme: "https", Host: "a.example", Port: 443}}}})
	if !slices.Contains(plan.Connect, dnsPort) || !slices.Contains(plan.Connect, 443) || !slices.Contains(plan.Read, "/etc/resolv.conf") {
		t.Errorf("with a name, the plan is %+v", plan)
	}
}

// TestGrantPorts checks that names which lead to the server itself are known as such, also if the
// system chose the port.
func TestGrantPorts(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	set := settings.Defaults()
	set.Server.Port, set.Flight.Enable, set.Flight.Port, set.Cluster.Listen = 0, true, 13622, "10.0.0.1:9005"
	set.Cells.GrantConnections = 10
	s := &service{settings: set, listener: l}
	limits := GrantLimits(s.withPorts())
	if want := []uint16{uint16(portOf(l.Addr())), 13622, 9005}; !slices.Equal(limits.OwnPorts, want) {
		t.Errorf("own ports %v, want %v", limits.OwnPorts, want)
	}
	if limits.Connections != 10 || limits.PerOwner != 2 {
		t.Errorf("limits %+v", limits)
	}
}

func TestKnownAccounts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pwd.txt")
	if err := os.WriteFile(file, []byte("Ann $2y$05$abcdefghijklmnopqrstuuJ3bXwS9aGmZ0q2V1JH5vE6p7U8w9xyz\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var none, passwords, certificates, missing settings.Settings
	passwords.Auth.PasswordFile, certificates.TLS.ClientCA, missing.Auth.PasswordFile = file, "ca.pem", file+".none"
	if names, ok := KnownAccounts(none); !ok || names != nil {
		t.Errorf("without accounts: %v, %v", names, ok)
	}
	if names, ok := KnownAccounts(passwords); !ok || !slices.Equal(names, []string{"ann"}) {
		t.Errorf("with a password file: %v, %v", names, ok)
	}
	for _, s := range []settings.Settings{certificates, missing} {
		if names, ok := KnownAccounts(s); ok {
			t.Errorf("unknown accounts: %v", names)
		}
	}
}
