package runtime

import (
	"errors"

	"tabcell/runtime/internal/grant"
	"tabcell/runtime/internal/guest"
)

// The data of grants. See package grant for the fields.
type (
	// Grants is all that one call may use outside of its cell. A nil Grants grants nothing.
	Grants = grant.Grants
	// Grant is one named grant.
	Grant = grant.Grant
	// GrantFolder is a folder of the host that scripts may read, and its path in the cell.
	GrantFolder = grant.Folder
	// GrantTarget is a port of one host that may be connected to.
	GrantTarget = grant.Target
	// GrantUse describes a use of a grant, for the audit log and metrics.
	GrantUse = grant.Use
	// GrantUseKind is the kind of a use.
	GrantUseKind = grant.UseKind
	// GrantLimits bound the uses of all calls together.
	GrantLimits = grant.Limits
	// GrantResolver resolves names of hosts.
	GrantResolver = grant.Resolver
	// GrantReport is the result of TestGrants.
	GrantReport = grant.Report
	// GrantOutcome is the end of a use.
	GrantOutcome = grant.Outcome
)

// The kinds and outcomes of uses.
const (
	GrantConnect = grant.UseConnect
	GrantFile    = grant.UseFile

	GrantOK      = grant.OutcomeOK
	GrantDenied  = grant.OutcomeDenied
	GrantFailed  = grant.OutcomeFailed
	GrantTimeout = grant.OutcomeTimeout
	GrantLimit   = grant.OutcomeLimit
)

// The defaults of Grant.
const (
	DefaultGrantConnections = grant.DefaultConnections
	DefaultGrantBytes       = grant.DefaultBytes
)

// ParseGrantTarget parses a target, such as https://geo.example.com or tcp://192.0.2.1:1433. Its
// error has the target and what is wrong with it.
func ParseGrantTarget(s string) (GrantTarget, error) { return grant.ParseTarget(s) }

// ParseGrantFolder parses a folder: HOST or HOST=GUEST. It does not look at the file system.
func ParseGrantFolder(s string) (GrantFolder, error) { return grant.ParseFolder(s) }

// Host functions of grants return a number, or the negative of a grant.Code. The text of the last
// error is kept for the guest.

// maxGrantError is the maximum length in bytes of the text of an error.
const maxGrantError = 1024

// grantFunc is a host function of a grant. It returns its result, or an error whose code and text
// the guest gets.
type grantFunc func(c *call, m guest.Memory, args []uint64) (uint32, error)

// hostFunc returns the function with its name and its number of parameters.
func (f grantFunc) hostFunc(name string, params int) hostFunc {
	return hostFunc{name, params, 1, func(c *call, m guest.Memory, s []uint64) {
		n, err := f(c, m, s)
		if err != nil {
			n = c.fail(err)
		}
		s[0] = uint64(n)
	}}
}

// fail keeps the text of an error for netError and returns the result of the host function.
func (c *call) fail(err error) uint32 {
	reason, ok := errors.AsType[*grant.Error](err)
	if !ok {
		reason = &grant.Error{Code: grant.IO, Text: err.Error()}
	}
	c.grantError = reason.Text[:min(len(reason.Text), maxGrantError)]
	return -uint32(reason.Code)
}

var errArguments = grant.Errorf(grant.Invalid, "an argument is outside of the memory of the script")

// grantFuncs returns the host functions of grants.
func grantFuncs() []hostFunc {
	refuse := grantFunc(func(*call, guest.Memory, []uint64) (uint32, error) {
		return 0, grant.Errorf(grant.Denied, "no grant of this server allows that")
	})
	return []hostFunc{
		refuse.hostFunc("net_resolve", 5),
		refuse.hostFunc("net_connect", 4),
		refuse.hostFunc("net_tls", 4),
		refuse.hostFunc("net_send", 4),
		refuse.hostFunc("net_recv", 4),
		refuse.hostFunc("net_shutdown", 2),
		refuse.hostFunc("net_close", 1),
		refuse.hostFunc("net_poll", 3),
		refuse.hostFunc("net_info", 4),
		grantFunc(grantErrorText).hostFunc("net_error", 2),
		refuse.hostFunc("host_stat", 4),
		refuse.hostFunc("host_open", 2),
		refuse.hostFunc("host_read", 5),
		refuse.hostFunc("host_list", 5),
		refuse.hostFunc("host_close", 1),
	}
}

// grantErrorText(dst, cap) copies the text of the last error of the call.
func grantErrorText(c *call, m guest.Memory, args []uint64) (uint32, error) {
	b := []byte(c.grantError)
	b = b[:min(len(b), int(uint32(args[1])))]
	if !m.Put(uint32(args[0]), b) {
		return 0, errArguments
	}
	return uint32(len(b)), nil
}
