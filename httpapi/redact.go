package httpapi

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxLoggedURL = 1000 // bytes of a URL in the log
	redacted     = "***"
)

var authorizationPattern = regexp.MustCompile(`(?i)\b(basic|bearer|digest|negotiate)\s+\S.*`)

// claim is a name that a client gave itself; who sent credentials in its place sees them masked.
func sanitizeClaim(text string) string {
	return authorizationPattern.ReplaceAllString(sanitize(text, maxLoggedName), "$1 "+redacted)
}

// onePart keeps a text from posing as more than one part of its line, or as another line's call id.
func quotePart(text string) string {
	if strings.ContainsAny(text, `,"<>`) {
		return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"`
	}
	return text
}

// shownURL is the whole address of the request, without secrets.
func (req *request) loggedURL() string {
	target := redactTarget(req.Request().RequestURI)
	if !strings.HasPrefix(target, "/") {
		return target // whole already, or nothing that an address could be made of
	}
	return req.api.cfg.Protocol + "://" + req.loggedHost() + target
}

// shownHost is the Host header without a name and a password in front of it.
func (req *request) loggedHost() string {
	_, host, found := cutLast(req.Request().Host, "@")
	if found {
		host = redacted + "@" + host
	}
	return sanitize(host, maxLoggedName)
}

// cutLast is strings.Cut at the last separator; without any, all of s is behind it.
func cutLast(s, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[:i], s[i+len(separator):], true
	}
	return "", s, false
}

// shownTarget is the target of a request line for the log: names and passwords in front of a host and values of parameters that look
// like secrets are masked.
func redactTarget(target string) string {
	path, query, hasQuery := strings.Cut(target, "?")
	if scheme, rest, found := strings.Cut(path, "://"); found {
		host, way, slash := strings.Cut(rest, "/")
		if _, after, named := cutLast(host, "@"); named {
			host = redacted + "@" + after
		}
		if path = scheme + "://" + host; slash {
			path += "/" + way
		}
	}
	if hasQuery {
		path += "?" + queryParameters.ReplaceAllStringFunc(query, redactParameter)
	}
	return sanitize(path, maxLoggedURL)
}

var (
	queryParameters = regexp.MustCompile(`[^&;]+`)
	// Parts of the names of parameters that hold secrets, the names without anything but letters and digits.
	secretName = regexp.MustCompile(`token|pass|pwd|secret|auth|cred|key|sig|session|jwt|bearer|assertion|ticket|^code$|^sid$|^pin$|^otp$`)
	// Values that are secrets whatever their name: JSON web tokens, and those of the Authorization header.
	secretValue = regexp.MustCompile(`(?i)^\W*(?:basic|bearer|digest|negotiate)\W|eyJ[\w-]{5,}\.`)
	notInNames  = regexp.MustCompile(`[^a-z0-9]`)
)

// maskParameter masks the value of one parameter, or the parameter where it has no name.
func redactParameter(parameter string) string {
	name, value, named := strings.Cut(parameter, "=")
	switch {
	case secretValue.MatchString(unescapeFully(name)):
		return redacted
	case !named:
		return parameter
	case secretValue.MatchString(unescapeFully(value)), secretName.MatchString(notInNames.ReplaceAllString(strings.ToLower(unescapeFully(name)), "")):
		return name + "=" + redacted
	}
	return parameter
}

// plain undoes percent signs, also those that were escaped again.
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

// clip8 is text of a script, bounded; it keeps its line breaks, which the logger escapes.
func truncateLogged(text string) string {
	if len(text) <= maxLoggedText {
		return text
	}
	return strings.ToValidUTF8(text[:maxLoggedText], "") + "..."
}

// webToken is a JSON web token, or the beginning of one.
var jwtPattern = regexp.MustCompile(`eyJ[\w-]{8,}[\w.-]*`)

// clean is a client's text, bounded, without line breaks, escapes, or whatever else would let it pose as more than one field, and without
// tokens that strayed into it.
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
