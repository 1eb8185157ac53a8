package console

import (
	"net/http"
)

// cookieName is the name of the session's cookie without its prefix. The port is added to it,
// because browsers send the cookies of all servers of a host to each of them.
const cookieName = "tabcell-console"

// cookie returns the session's cookie without a value. Its prefix makes browsers refuse a cookie of
// that name that another host, or a page without TLS, sets: with a base path, which __Host- does
// not permit, only the latter.
func (c *Console) cookie(u URL) *http.Cookie {
	cookie := &http.Cookie{
		Name: cookieName + "-" + c.cfg.Port, Path: u.Prefix + "/console", Secure: u.Scheme == "https", HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
	switch {
	case cookie.Secure && u.Prefix == "":
		cookie.Name, cookie.Path = "__Host-"+cookie.Name, "/"
	case cookie.Secure:
		cookie.Name = "__Secure-" + cookie.Name
	}
	return cookie
}

// setCookie makes the client keep a session ID, until its browser is closed. An empty one deletes
// the cookie.
func (c *Console) setCookie(q *Request, id string) {
	cookie := c.cookie(q.Public())
	cookie.Value = id
	if id == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(q.Writer, cookie)
}

// sessionID returns the session ID in the request, or "". If there are several cookies of the name,
// another host has set one of them, and which one is unknown.
func (c *Console) sessionID(q *Request) string {
	all := q.CookiesNamed(c.cookie(q.Public()).Name)
	if len(all) != 1 {
		return ""
	}
	return all[0].Value
}
