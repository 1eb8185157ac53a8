package cluster

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"tabcell/runtime/registry"
)

// otherLeads is the log of a node that another one leads.
type otherLeads struct{ consensus }

func (otherLeads) established() bool { return false }
func (otherLeads) leader() string    { return "other" }

// attempts are the errors of the leader's answers, the next one first.
type attempts struct {
	peers
	errs []error
}

func (a *attempts) forward(context.Context, string, changeRequest) (changeReply, error) {
	err := a.errs[0]
	a.errs = a.errs[1:]
	return changeReply{}, err
}

// A refusal after a lost connection is that of the second attempt. The first one may have made the
// change, and the error says so and which of them nothing changed.
func TestRefusedAfterUnclear(t *testing.T) {
	t.Parallel()
	p := newReplica("self", nil, registry.Options{}, zerolog.Nop())
	p.log = otherLeads{}
	p.peers = &attempts{errs: []error{ErrUnclear, &UnavailableError{"Nothing was changed.", ErrNoMajority}}}
	_, err := p.change(t.Context(), changeRequest{Kind: removeChange, Name: "m"})
	if _, ok := errors.AsType[*UnavailableError](err); ok || !errors.Is(err, ErrUnclear) {
		t.Errorf("the error is %T, %v", err, err)
	}
	if want := "it was sent again, and that attempt failed: Nothing was changed."; !strings.Contains(err.Error(), want) {
		t.Errorf("%q does not contain %q", err, want)
	}
}
