package httpapi

import (
	"fmt"
	"net/http"
)

// originCheck refuses requests with which a web page of another origin could run a script or change
// an endpoint: without authentication, or with the credentials that the reader's browser stores.
// Browsers send some of these requests, such as a POST of plain text, without asking the server
// first.
//
// GAP: TabPy serves the requests of every page.
type originCheck struct {
	protection http.CrossOriginProtection
	any        bool // pages of every origin are trusted
}

// newOriginCheck returns a check that trusts the pages of the server itself and of the configured
// origin, or of every origin if that is "*". An invalid origin is not trusted; see CORS.Warning.
func newOriginCheck(c CORS) *originCheck {
	check := &originCheck{any: c.Origin == "*"}
	if c.Origin != "" && !check.any {
		_ = check.protection.AddTrustedOrigin(c.Origin)
	}
	return check
}

// check returns a crossOriginError if r has an unsafe method and comes from a page that is not
// trusted. Browsers mark their requests with the headers Sec-Fetch-Site and Origin. Tableau, curl
// and TabPy's client send neither, and pass.
func (c *originCheck) check(r *http.Request) error {
	if c.any || c.protection.Check(r) == nil {
		return nil
	}
	return &crossOriginError{sanitize(r.Header.Get("Origin"), maxLoggedName)}
}

// crossOriginError reports a request from a web page that is not trusted. origin is the value of
// the Origin header, or "".
type crossOriginError struct{ origin string }

func (e *crossOriginError) Error() string {
	return fmt.Sprintf("a web page of the origin %q sent the request; to trust it, set Access-Control-Allow-Origin in state.ini to this origin", e.origin)
}

// Warning returns a sentence about an Origin that weakens the protection against other web pages or
// has no effect on it. It returns "" if there is none.
func (c CORS) Warning() string {
	switch {
	case c.Origin == "":
		return ""
	case c.Origin == "*":
		return "Access-Control-Allow-Origin is *: every web page that a user opens can run scripts and change endpoints here; " +
			"set it to the origin of the page that needs this, such as https://portal.example.com"
	}
	if err := new(http.CrossOriginProtection).AddTrustedOrigin(c.Origin); err != nil {
		return fmt.Sprintf("Access-Control-Allow-Origin is %q, which is not one origin such as https://portal.example.com; pages of other origins cannot run scripts or change endpoints", c.Origin)
	}
	return ""
}
