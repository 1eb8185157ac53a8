// Package grants uses grants from scripts, with the real guests: folders of the host, HTTP, TLS,
// mail and databases, and attacks on the rules of grants.
package grants

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// names is the resolver of all cells. Tests give it the addresses of their names.
var names = &resolver{answers: map[string][][]netip.Addr{}}

// discardLog is the log of the servers under test, whose errors are those of scripts.
var discardLog = log.New(io.Discard, "", 0)

// resolver answers with addresses that tests choose. A name with several answers changes them with
// each lookup, and keeps the last.
type resolver struct {
	mu      sync.Mutex
	answers map[string][][]netip.Addr
	asked   map[string]int
}

func (r *resolver) set(t testing.TB, name string, answers ...string) {
	t.Helper()
	var lists [][]netip.Addr
	for _, answer := range answers {
		var list []netip.Addr
		for address := range strings.FieldsSeq(answer) {
			list = append(list, netip.MustParseAddr(address))
		}
		lists = append(lists, list)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[name] = lists
}

// LookupNetIP implements runtime.GrantResolver.
func (r *resolver) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked == nil {
		r.asked = map[string]int{}
	}
	r.asked[host]++
	lists := r.answers[host]
	if len(lists) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(lists) > 1 {
		r.answers[host] = lists[1:]
	}
	return lists[0], nil
}

// lookups returns how often a name was looked up.
func (r *resolver) lookups(name string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked[name]
}

// coreEngine returns an engine with the core guest, which knows the names of the tests.
var coreEngine = sync.OnceValues(func() (*runtime.Engine, error) {
	guest, err := assets.Core()
	if err != nil {
		return nil, err
	}
	return harness.StartEngine(runtime.Config{
		Guest: runtime.Guest(guest), Verify: true, Queue: 100, Grants: runtime.GrantLimits{Resolver: names},
		Limits: runtime.Limits{Timeout: testenv.Scaled(30 * time.Second), Memory: 512 << 20},
	})
})

// mustEngine returns the engine of coreEngine.
func mustEngine(t testing.TB) *runtime.Engine {
	t.Helper()
	return harness.Must(t, coreEngine)
}

// grantsOf returns one grant as the grants of the account "analyst".
func grantsOf(g runtime.Grant) *runtime.Grants {
	g.Name = cmp.Or(g.Name, "test")
	return &runtime.Grants{List: []*runtime.Grant{&g}, Owner: "account analyst"}
}

// connections returns a grant of targets, which are URLs. Their certificates may be signed by the
// authority, if there is one.
func connections(t testing.TB, authority *x509.Certificate, urls ...string) runtime.Grant {
	t.Helper()
	g := runtime.Grant{}
	for _, u := range urls {
		target, err := runtime.ParseGrantTarget(u)
		if err != nil {
			t.Fatal(err)
		}
		g.Connect = append(g.Connect, target)
	}
	if authority != nil {
		g.Roots = x509.NewCertPool()
		g.Roots.AddCert(authority)
	}
	return g
}

// run runs a script with grants, which may be nil. It returns the result as JSON, or "Class : text"
// if the script raised an exception.
func run(t testing.TB, e *runtime.Engine, grants *runtime.Grants, script string) string {
	t.Helper()
	result, err := e.Evaluate(t.Context(), call(grants, script, runtime.Limits{}))
	if failed, ok := errors.AsType[*runtime.ScriptError](err); ok {
		return failed.Error()
	}
	if err != nil {
		return "the call failed: " + err.Error()
	}
	return string(result.Body)
}

// call returns the call of a script without arguments.
func call(grants *runtime.Grants, script string, limits runtime.Limits) runtime.Call {
	return runtime.Call{Body: harness.ScriptRequest(script, "{}"), Grants: grants, Limits: limits}
}

// expect runs a script in the core guest and compares the result with want, which is JSON, or a
// part of the text of an exception after "!".
func expect(t *testing.T, grants *runtime.Grants, script, want string) {
	t.Helper()
	expectIn(t, mustEngine(t), grants, script, want)
}

// expectIn does the same in another guest.
func expectIn(t *testing.T, e *runtime.Engine, grants *runtime.Grants, script, want string) {
	t.Helper()
	compare(t, script, run(t, e, grants, script), want)
}

// compare compares the result of a script with want; see expect.
func compare(t *testing.T, script, got, want string) {
	t.Helper()
	if text, fails := strings.CutPrefix(want, "!"); fails {
		if !strings.Contains(got, text) || json.Valid([]byte(got)) {
			t.Errorf("%s\n got %.600s\nwant an exception with %s", script, got, text)
		}
		return
	}
	if got != want {
		t.Errorf("%s\n got %.600s\nwant %s", script, got, want)
	}
}
