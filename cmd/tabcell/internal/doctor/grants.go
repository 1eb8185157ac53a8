package doctor

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/cmd/tabcell/internal/grants"
	"tabcell/runtime"
	"tabcell/settings"
)

const (
	grantTimeout  = 10 * time.Second // of one connection, with the resolution of the name
	maxGrantTests = 8                // at the same time
)

// GrantTest connects to a server, or opens a folder, as a script with the grants would.
type GrantTest func(ctx context.Context, g *runtime.Grants, place string) runtime.GrantReport

// Grants checks the grants of a configuration: the folders can be read, the names resolve, and the
// servers accept connections. It also lists the grants of each account and endpoint.
func Grants(src settings.Sources, limits func(settings.Settings) runtime.GrantLimits) []Finding {
	findings, loaded := checkConfiguration(src)
	set, err := grants.New(loaded.Grants)
	if err != nil {
		return append(findings, Finding{Failure, "grants", err.Error(), "correct the sections [Grant NAME]"})
	}
	if len(loaded.Grants) == 0 {
		return append(findings, Finding{OK, "grants", "there are none: scripts can use nothing outside their cells", ""})
	}
	test := func(ctx context.Context, g *runtime.Grants, place string) runtime.GrantReport {
		return grants.Check(ctx, g, limits(loaded.Settings), place)
	}
	findings = append(findings, checkGrantPorts(loaded)...)
	findings = append(findings, checkPlaces(set, test)...)
	return append(findings, listCallers(loaded.Grants, set)...)
}

// checkGrantPorts checks that the kernel restricts the connections as well.
func checkGrantPorts(loaded *settings.Loaded) []Finding {
	const subject = "second wall"
	state, mode := confine.Support(), loaded.Settings.Process.Confine
	switch {
	case len(grants.RightsOf(loaded.Grants).Ports) == 0:
		return nil
	case mode == confine.Off:
		return []Finding{{Warning, subject, "the server keeps all rights, so that only it itself restricts connections", "set TABCELL_CONFINE to auto"}}
	case !state.Up[confine.Ports]:
		severity := Warning
		if mode == confine.Require {
			severity = Failure
		}
		return []Finding{{severity, subject, "the kernel does not restrict TCP ports: " + state.Reasons[confine.Ports],
			"use Linux 6.7 or newer; until then, only the server itself restricts connections of scripts"}}
	}
	return []Finding{{OK, subject, "the kernel permits connections only to the ports of grants", ""}}
}

// place is a folder or server of a grant.
type place struct {
	grant *runtime.Grant
	text  string
}

// checkPlaces tests all folders and servers of the grants, some at a time.
func checkPlaces(set *grants.Set, test GrantTest) []Finding {
	var places []place
	for _, g := range set.All() {
		for _, f := range g.Folders {
			places = append(places, place{g, f.Guest})
		}
		for _, t := range g.Connect {
			places = append(places, place{g, t.String()})
		}
	}
	findings := make([]Finding, len(places))
	var running sync.WaitGroup
	free := make(chan struct{}, maxGrantTests)
	for i, p := range places {
		free <- struct{}{}
		running.Go(func() {
			findings[i] = checkPlace(p, test)
			<-free
		})
	}
	running.Wait()
	return findings
}

func checkPlace(p place, test GrantTest) Finding {
	subject := "grant " + p.grant.Name
	ctx, cancel := context.WithTimeout(context.Background(), grantTimeout)
	defer cancel()
	r := test(ctx, &runtime.Grants{List: []*runtime.Grant{p.grant}, Owner: "tabcell doctor"}, p.text)
	switch {
	case r.Err != nil:
		return Finding{Failure, subject, p.text + ": " + r.Err.Error(), "check the name, the network, ca and proxy of the grant; run the command as the user of the server"}
	case grants.IsPath(p.text):
		return Finding{OK, subject, "scripts can read " + p.text, ""}
	}
	return Finding{OK, subject, fmt.Sprintf("%s accepts connections (%s, %s, %d ms)", p.text, r.Address, cmp.Or(r.TLSVersion, "without TLS"), r.Took.Milliseconds()), ""}
}

// listCallers lists the grants of each account and endpoint that a grant names.
func listCallers(all []settings.Grant, set *grants.Set) (findings []Finding) {
	seen := map[grants.Caller]bool{}
	add := func(c grants.Caller, text string) {
		if seen[c] {
			return
		}
		seen[c] = true
		var names []string
		for _, g := range set.Of(c).List {
			names = append(names, g.Name)
		}
		findings = append(findings, Finding{OK, "reach", text + " may use " + strings.Join(names, ", "), ""})
	}
	for _, g := range all {
		for _, account := range g.Accounts {
			switch {
			case account != settings.AnyAccount:
				add(grants.Caller{Account: account}, "account "+account)
			case g.AllowAnonymous:
				add(grants.Caller{}, "every client")
			default:
				add(grants.Caller{}, "every account")
			}
		}
		for _, name := range g.Endpoints {
			add(grants.Caller{Endpoint: name}, "endpoint "+name)
		}
	}
	return findings
}
