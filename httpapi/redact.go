package httpapi

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxLoggedName = 200     // bytes of a name, a path or a method in the log
	maxLoggedURL  = 1000    // bytes of a URL in the log
	maxLoggedText = 8 << 10 // bytes of a script, its output or an error in the log

	redacted = "***"
)

var authorizationPattern = regexp.MustCompile(`(?i)\b(basic|bearer|digest|negotiate)\s+\S.*`)

// sanitizeClaim returns a name that a client has sent, for the log. Credentials in it are redacted.
func sanitizeClaim(text string) string {
	return authorizationPattern.ReplaceAllString(sanitize(text, maxLoggedName), "$1 "+redacted)
}

// quotePart quotes text if it could be taken for several parts of a log line, or for a call ID.
func quotePart(text string) string {
	if strings.ContainsAny(text, `,"<>`) {
		return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"`
	}
	return text
}

// loggedURL returns the URL of the request with secrets redacted.
func (req *request) loggedURL() string {
	target := redactTarget(req.Request().RequestURI)
	if !strings.HasPrefix(target, "/") {
		return target // an absolute URL, or not a path
	}
	return req.api.cfg.Protocol + "://" + req.loggedHost() + target
}

// loggedHost returns the Host header with any user name and password redacted.
func (req *request) loggedHost() string {
	_, host, found := cutLast(req.Request().Host, "@")
	if found {
		host = redacted + "@" + host
	}
	return sanitize(host, maxLoggedName)
}

// cutLast is like strings.Cut, but cuts at the last separator. Without a separator, after is s.
func cutLast(s, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[:i], s[i+len(separator):], true
	}
	return "", s, false
}

// redactTarget returns the target of a request line for the log. It redacts user names and
// passwords before the host, and the values of query parameters that look like secrets.
func redactTarget(target string) string {
	path, query, hasQuery := strings.Cut(target, "?")
	if scheme, rest, found := strings.Cut(path, "://"); found {
		host, hostPath, hasPath := strings.Cut(rest, "/")
		if _, after, hasUser := cutLast(host, "@"); hasUser {
			host = redacted + "@" + after
		}
		if path = scheme + "://" + host; hasPath {
			path += "/" + hostPath
		}
	}
	if hasQuery {
		path += "?" + queryParameters.ReplaceAllStringFunc(query, redactParameter)
	}
	return sanitize(path, maxLoggedURL)
}

var (
	queryParameters = regexp.MustCompile(`[^&;]+`)
	// secretName matches the names of parameters with secrets. Names are reduced to letters and
	// digits.
	secretName = regexp.MustCompile(`token|pass|pwd|secret|auth|cred|key|sig|session|jwt|bearer|assertion|ticket|^code$|^sid$|^pin$|^otp$`)
	// secretValue matches values that are secrets under any name: JSON Web Tokens and the values of
	// Authorization headers.
	secretValue = regexp.MustCompile(`(?i)^\W*(?:basic|bearer|digest|negotiate)\W|eyJ[\w-]{5,}\.`)
	notInNames  = regexp.MustCompile(`[^a-z0-9]`)
)

// redactParameter redacts the value of a query parameter, or the whole parameter if it has no name.
func redactParameter(parameter string) string {
	name, value, hasValue := strings.Cut(parameter, "=")
	switch {
	case secretValue.MatchString(unescapeFully(name)):
		return redacted
	case !hasValue:
		return parameter
	case secretValue.MatchString(unescapeFully(value)), secretName.MatchString(notInNames.ReplaceAllString(strings.ToLower(unescapeFully(name)), "")):
		return name + "=" + redacted
	}
	return parameter
}

// unescapeFully decodes percent-encoded text, including text that was encoded up to three times.
func unescapeFully(text string) string {
	for range 3 {
		decoded, err := url.QueryUnescape(text)
		if err != nil || decoded == text {
			break
		}
		text = decoded
	}
	return text
}

// truncateLogged cuts the text of a script to maxLoggedText bytes. Line breaks remain, since the
// logger escapes them.
func truncateLogged(text string) string {
	if len(text) <= maxLoggedText {
		return text
	}
	return strings.ToValidUTF8(text[:maxLoggedText], "") + "..."
}

// jwtPattern matches a JSON Web Token or the beginning of one.
var jwtPattern = regexp.MustCompile(`eyJ[\w-]{8,}[\w.-]*`)

// sanitize returns a client's text for the log: at most limit bytes, without line breaks and
// control characters that could forge other fields, and with JSON Web Tokens redacted.
func sanitize(text string, limit int) string {
	if strings.Contains(text, "eyJ") {
		text = jwtPattern.ReplaceAllLiteralString(text, redacted)
	}
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "") + "..."
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}
