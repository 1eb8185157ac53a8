package egress

import (
	"strconv"
	"strings"

	"tabcell/runtime/internal/grant"
)

// chunked is the length of a body in chunks.
const chunked = -1

// checkHead returns the head of a request as it is to be sent, and the length of the body that
// follows, or chunked. It returns an error if the request is not for the host of one of the rules,
// or not of a form that all readers understand in the same way.
//
// The header Expect is left out: after a response without a body, servers differ in whether the next
// bytes are the body or another request. Clients send the body without the interim response, too.
func checkHead(head string, rules []rule) (pass string, body int64, err *grant.Error) {
	lines := strings.Split(strings.TrimSuffix(head, "\r\n\r\n"), "\r\n")
	for _, line := range lines {
		if strings.IndexFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) >= 0 {
			return "", 0, badRequest("a line has a control character")
		}
	}
	if err := checkRequestLine(lines[0], rules); err != nil {
		return "", 0, err
	}
	h := headers{rules: rules, length: -1, old: strings.HasSuffix(lines[0], "1.0")}
	kept := lines[:1:1]
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ":")
		if !ok || !isToken(name) {
			return "", 0, badRequest("a header is invalid")
		}
		if err := h.add(strings.ToLower(name), strings.Trim(value, " \t")); err != nil {
			return "", 0, err
		}
		if !strings.EqualFold(name, "Expect") {
			kept = append(kept, line)
		}
	}
	body, err = h.body()
	return strings.Join(kept, "\r\n") + "\r\n\r\n", body, err
}

// checkRequestLine checks the first line of a request.
func checkRequestLine(line string, rules []rule) *grant.Error {
	words := strings.Split(line, " ")
	if len(words) != 3 || !isToken(words[0]) || words[2] != "HTTP/1.1" && words[2] != "HTTP/1.0" {
		return badRequest("the first line is not that of HTTP/1.1")
	}
	method, target := words[0], words[1]
	switch {
	case method == "CONNECT":
		return badRequest("the method CONNECT is not allowed")
	case strings.HasPrefix(target, "/"), target == "*":
		return nil
	}
	scheme, rest, found := strings.Cut(target, "://")
	if scheme = strings.ToLower(scheme); !found || scheme != grant.SchemeHTTP && scheme != grant.SchemeHTTPS {
		return badRequest("its target is neither a path nor a URL")
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return checkHost(rest, rules)
}

// headers are the headers of a request that matter to the guard.
type headers struct {
	rules   []rule
	old     bool // the request is of HTTP/1.0
	host    bool
	chunked bool
	length  int64 // -1: none
}

func (h *headers) add(name, value string) *grant.Error {
	switch name {
	case "host":
		if h.host {
			return badRequest("it has two Host headers")
		}
		h.host = true
		return checkHost(value, h.rules)
	case "upgrade":
		return badRequest("it asks for another protocol (Upgrade); that takes a grant for tls:// or tcp://")
	case "transfer-encoding":
		if h.old || h.chunked || !strings.EqualFold(value, "chunked") {
			return badRequest("its Transfer-Encoding is not chunked, or not of HTTP/1.1")
		}
		h.chunked = true
	case "content-length":
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || h.length >= 0 || n < 0 || strings.Trim(value, "0123456789") != "" {
			return badRequest("its Content-Length is invalid")
		}
		h.length = n
	}
	return nil
}

// body returns the length of the body.
func (h *headers) body() (int64, *grant.Error) {
	switch {
	case !h.host:
		return 0, badRequest("it has no Host header")
	case h.chunked && h.length >= 0:
		return 0, badRequest("it has a Content-Length and a Transfer-Encoding")
	case h.chunked:
		return chunked, nil
	}
	return max(h.length, 0), nil
}

// checkHost checks a host with or without a port, as in a Host header.
func checkHost(s string, rules []rule) *grant.Error {
	host, port := s, ""
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') {
		host, port = s[:i], s[i+1:]
	}
	h, err := grant.ParseHost(host)
	for _, r := range rules {
		if err == nil && r.target.IsHTTP() && r.target.Host == h && (port == "" || port == strconv.Itoa(int(r.target.Port))) {
			return nil
		}
	}
	return badRequest("its host is " + Where(s, 0) + ", but the connection was granted for " + rules[0].target.String())
}

// isToken reports whether s is a token of HTTP, as methods and names of headers are.
func isToken(s string) bool {
	return s != "" && strings.Trim(s, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
