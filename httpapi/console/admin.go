package console

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// auditPerPage is the number of lines of the audit trail in one response.
const auditPerPage = 100

// adminRoute returns a handler for administrators. It is unavailable on a server that does not show
// its state.
func (c *Console) adminRoute(show func(q *Request, a Admin) (any, error)) Handler {
	return func(q *Request) (Response, error) {
		if c.deps.Admin == nil {
			return unavailable(q)
		}
		body, err := show(q, c.deps.Admin)
		if err != nil {
			return Response{}, err
		}
		return jsonResponse(http.StatusOK, body), nil
	}
}

// showSettings handles GET /admin/settings.
func showSettings(_ *Request, a Admin) (any, error) {
	settings, warnings := a.Settings()
	if warnings == nil {
		warnings = []string{}
	}
	return struct {
		Settings []Setting `json:"settings"`
		Warnings []string  `json:"warnings"`
	}{settings, warnings}, nil
}

// showLibraries handles GET /admin/libraries.
func showLibraries(_ *Request, a Admin) (any, error) {
	guests, libraries, err := a.Libraries()
	return struct {
		Guests    []Guest   `json:"guests"`
		Libraries []Library `json:"libraries"`
	}{guests, libraries}, err
}

// showDoctor handles GET /admin/doctor.
func showDoctor(q *Request, a Admin) (any, error) {
	findings := a.Findings(q.Context())
	if findings == nil { // the client is gone
		return nil, q.Context().Err()
	}
	return map[string][]Finding{"findings": findings}, nil
}

// showAudit handles GET /admin/audit.
func showAudit(q *Request, a Admin) (any, error) {
	before := uint64(0)
	if text := q.URL.Query().Get("before"); text != "" {
		var err error
		if before, err = strconv.ParseUint(text, 10, 64); err != nil || before == 0 {
			return nil, badRequest("before is %q; it must be the number of a line.", shorten(text, maxSearch))
		}
	}
	tail, err := a.AuditTail(before, auditPerPage)
	if tail.Entries == nil {
		tail.Entries = []json.RawMessage{}
	}
	return tail, err
}

// showCertificates handles GET /admin/certificates.
func showCertificates(_ *Request, a Admin) (any, error) {
	certificates, err := a.Certificates(time.Now())
	if certificates == nil {
		certificates = []Certificate{}
	}
	return map[string][]Certificate{"certificates": certificates}, err
}

// showGrants handles GET /admin/grants.
func showGrants(_ *Request, a Admin) (any, error) {
	grants, more := a.Grants()
	if grants == nil {
		grants = []GrantInForce{}
	}
	return struct {
		Grants []GrantInForce `json:"grants"`
		More   int            `json:"more"` // grants that are not listed
	}{grants, more}, nil
}

// showAccounts handles GET /admin/accounts. The console adds what it knows itself: the sessions.
func (c *Console) showAccounts(_ *Request, a Admin) (any, error) {
	accounts, err := a.Accounts()
	if accounts.Accounts == nil {
		accounts.Accounts = []Account{}
	}
	for i, account := range accounts.Accounts {
		if account.Method == "password" {
			accounts.Accounts[i].Sessions, _ = c.sessions.Count("Basic " + account.Name)
		}
	}
	return accounts, err
}
