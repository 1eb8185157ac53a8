package cluster

import (
	"errors"
	"fmt"
	"strings"

	"tabcell/runtime/registry"
)

// The errors of this package. Errors that wrap them name the node and the remedy.
var (
	ErrNoLeader   = errors.New("the cluster has no leader at the moment")
	ErrNoMajority = errors.New("a majority of the cluster's voters cannot be reached")
	ErrUnclear    = errors.New("the connection to the leader was lost; the change may or may not have been made")
	ErrNotMember  = errors.New("the node is not a member of the cluster")
	ErrNoNode     = errors.New("there is no such node")
	ErrNoIdentity = errors.New("the folder has no identity of a node; run `tabcell cluster init` or `tabcell cluster join`")
	ErrToken      = errors.New("the join token is unknown, used or expired; make a new one with `tabcell cluster token`")
	ErrNotRunning = errors.New("no server with this identity is running here")
	ErrUpgrade    = errors.New("a member runs a version that does not know this command; upgrade it first")
	ErrHalted     = errors.New("the log has a command of a newer version; upgrade this node")
	ErrRefused    = errors.New("the request was refused")

	errNotLeader = errors.New("this node is not the leader")
	errConflict  = errors.New("the endpoint was changed in the meantime")
)

// UnavailableError reports that a change could not be made because of the state of the cluster.
// Evaluations and queries are not affected.
type UnavailableError struct {
	Reason string // for clients
	Cause  error
}

func (e *UnavailableError) Error() string { return e.Reason }

func (e *UnavailableError) Unwrap() error { return e.Cause }

// wireErrors lists the errors that travel between nodes with their codes. If an error is of several
// kinds, the first one counts.
var wireErrors = []struct {
	code string
	kind error
}{
	{"unclear", ErrUnclear}, {"not_leader", errNotLeader}, {"no_leader", ErrNoLeader}, {"no_majority", ErrNoMajority},
	{"exists", registry.ErrExists}, {"not_found", registry.ErrNotFound}, {"invalid_name", registry.ErrInvalidName},
	{"invalid_target", registry.ErrInvalidTarget}, {"in_use", registry.ErrInUse}, {"too_large", registry.ErrTooLarge},
	{"too_many", registry.ErrTooMany}, {"damaged", registry.ErrDamaged}, {"invalid", registry.ErrInvalid},
	{"conflict", errConflict}, {"not_member", ErrNotMember}, {"no_node", ErrNoNode}, {"token", ErrToken}, {"upgrade", ErrUpgrade},
	{"halted", ErrHalted}, {"refused", ErrRefused}, {"not_synced", errNotSynced},
}

// wireError is an error in a message.
type wireError struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// The codes of errors that have a type.
const (
	unavailableCode = "unavailable"
	storageCode     = "storage"
	otherCode       = "other"
)

const maxErrorText = 4 << 10

// toWire returns the message for err, and nil for nil.
func toWire(err error) *wireError {
	if err == nil {
		return nil
	}
	if unavailable, ok := errors.AsType[*UnavailableError](err); ok {
		return &wireError{unavailableCode, unavailable.Reason}
	}
	text := strings.ToValidUTF8(err.Error(), "?")
	w := &wireError{otherCode, text[:min(len(text), maxErrorText)]}
	if _, ok := errors.AsType[*registry.StorageError](err); ok {
		w.Code = storageCode
		return w
	}
	for _, known := range wireErrors {
		if errors.Is(err, known.kind) {
			w.Code = known.code
			break
		}
	}
	return w
}

// err returns the error in a message of a node, and nil for nil.
func (w *wireError) err(node string) error {
	if w == nil {
		return nil
	}
	text := w.Text[:min(len(w.Text), maxErrorText)]
	switch w.Code {
	case unavailableCode:
		return &UnavailableError{text, ErrNoMajority}
	case storageCode:
		return &registry.StorageError{Step: "store it on node " + node, Err: errors.New(text)}
	}
	for _, known := range wireErrors {
		if known.code == w.Code {
			return &remoteError{text, known.kind}
		}
	}
	return fmt.Errorf("node %s: %s", node, text)
}

// remoteError has the text of an error of another node and its kind.
type remoteError struct {
	text string
	kind error
}

func (e *remoteError) Error() string { return e.text }

func (e *remoteError) Unwrap() error { return e.kind }

// isTransient reports whether a change may succeed if it is sent again.
func isTransient(err error) bool {
	for _, kind := range []error{ErrNoLeader, errNotLeader, ErrUnclear, errUnreachable} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
