//go:build attack && linux

package attack

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// attack is a way to deny a server to the others.
type attack struct {
	name     string
	settings []string // NAME=VALUE
	accounts bool     // the server requires passwords; attacker and others have one account each
	secure   bool     // the server uses TLS and HTTP/2
	root     bool     // the attack is left out unless the test runs as root
	group    string   // folder of the control group of the server; "" for that of the test

	// configure, if not nil, runs before the server starts, and returns more settings. environ is
	// the environment of the server without them.
	configure func(t *testing.T, v *victim, environ []string) []string
	// prepare, if not nil, runs before the memory is measured for the first time.
	prepare func(t *testing.T, v *victim)
	// run attacks until ctx is done. It returns after it has closed its connections.
	run func(ctx context.Context, t *testing.T, v *victim)
}

// allAttacks returns the attacks in the order of the table.
func allAttacks() []attack {
	return slices.Concat(noAttacks, connectionAttacks, tlsAttacks, headAttacks, http2Attacks, bodyAttacks, listAttacks, cellAttacks, scriptAttacks,
		deployAttacks, accessAttacks, tokenAttacks, consoleAttacks, flightAttacks, grantAttacks, clusterAttacks, noAttacks)
}

// noAttacks has the row with which the others are compared. It is the first and the last one.
var noAttacks = []attack{
	{name: "none", run: func(ctx context.Context, _ *testing.T, _ *victim) { <-ctx.Done() }},
}

// TestAttack runs the attacks whose names match TABCELL_ATTACK, all by default, for the duration
// that TABCELL_ATTACK_FOR gives, and writes the table to TABCELL_ATTACK_TABLE. It fails for each row
// that misses the limits.
func TestAttack(t *testing.T) {
	chosen := regexp.MustCompile(os.Getenv("TABCELL_ATTACK"))
	duration, err := time.ParseDuration(os.Getenv("TABCELL_ATTACK_FOR"))
	if err != nil {
		t.Fatalf("TABCELL_ATTACK_FOR must be a duration such as 10s: %v", err)
	}
	harness.Core(t) // compiled before the first server starts
	var rows []row
	for _, a := range allAttacks() {
		if chosen.MatchString(a.name) {
			t.Run(a.name, func(t *testing.T) { rows = append(rows, perform(t, a, duration)) })
		}
	}
	text := table(rows)
	t.Log("\n" + text)
	if path := os.Getenv("TABCELL_ATTACK_TABLE"); path != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// recoveryTime is the time in which the memory of an attack has to be returned.
const recoveryTime = 30 * time.Second

// perform runs an attack and returns its row of the table.
func perform(t *testing.T, a attack, duration time.Duration) row {
	if a.root && os.Getuid() != 0 {
		t.Skip("the attack needs root")
	}
	v := startVictim(t, a)
	if a.prepare != nil {
		a.prepare(t, v)
	}
	v.signIn(t)
	r := row{name: a.name, budget: v.budget, before: v.memory()}
	ctx, cancel := context.WithTimeout(t.Context(), duration)
	defer cancel()
	peak := v.watchMemory(ctx)
	others := startOthers(ctx, v)
	a.run(ctx, t, v)
	r.sent, r.answered, r.latencies = others.wait()
	r.peak = <-peak
	r.after = v.settle(r.before, recoveryTime)
	if r.sent == 0 || len(r.latencies) == 0 {
		t.Errorf("the other clients sent %d scripts and got %d responses from /info", r.sent, len(r.latencies))
	}
	t.Log("\n" + table([]row{r})) // all rows come at the end of the run
	if missed := r.missed(); missed != "" {
		t.Error("limits missed: " + missed)
	}
	return r
}
