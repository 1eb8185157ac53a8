package tck

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The values of Rules.Status and Rules.Body.
const (
	statusExact  = "exact"
	statusIn     = "in"
	statusDefect = "peer-defect"

	bodyExact  = "json-exact"
	bodyApprox = "json-approx"
	bodyText   = "text"
	bodyIgnore = "ignore"
)

// check returns an error if r has values that the kit does not support.
func (r Rules) check() error {
	switch {
	case !slices.Contains([]string{statusExact, statusIn, statusDefect}, r.Status):
		return fmt.Errorf("unsupported compare.status %q", r.Status)
	case !slices.Contains([]string{bodyExact, bodyApprox, bodyText, bodyIgnore}, r.Body):
		return fmt.Errorf("unsupported compare.body %q", r.Body)
	case r.Then != "" && r.Then != "compare":
		return fmt.Errorf("unsupported compare.then %q", r.Then)
	case r.Body == bodyApprox && r.RelTol <= 0:
		return fmt.Errorf("compare.body %q requires a positive rel_tol", r.Body)
	}
	for _, path := range r.Volatile {
		if !volatilePath.MatchString(path) {
			return fmt.Errorf("invalid compare.volatile %q", path)
		}
	}
	for _, pattern := range r.Log {
		if _, err := regexp.Compile(pattern); err != nil {
			return err
		}
	}
	return nil
}

// checkStartup is check for the rules of a startup case.
func (r Rules) checkStartup() error {
	if r.Exit != statusExact || !r.Message {
		return fmt.Errorf("unsupported compare.exit %q or compare.message %v", r.Exit, r.Message)
	}
	return nil
}

// differences compares a response with the recorded one.
func (r Rules) differences(want Response, have actualResponse) []string {
	var all []string
	switch {
	case r.Status == statusIn && !slices.Contains(r.StatusIn, have.status):
		return []string{fmt.Sprintf("status %d, want one of %v", have.status, r.StatusIn)}
	case r.Status == statusIn && have.status != want.Status:
		return nil // the rest of this acceptable response was not recorded
	case have.status != want.Status:
		all = append(all, fmt.Sprintf("status %d, want %d", have.status, want.Status))
	}
	if r.Body == bodyIgnore || want.BodyLeftOut {
		return all // the headers are not compared either
	}
	for _, name := range r.Headers {
		if h, w := have.headers.Get(name), headerValue(want.Headers, name); h != w {
			all = append(all, fmt.Sprintf("header %s: %q, want %q", name, h, w))
		}
	}
	return append(all, r.bodyDifferences(want, have.body)...)
}

func headerValue(headers map[string]string, name string) string {
	for n, v := range headers {
		if strings.EqualFold(n, name) {
			return v
		}
	}
	return ""
}

var uuids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

func (r Rules) bodyDifferences(want Response, have string) []string {
	if r.Body == bodyText || !want.BodyIsJSON {
		h, w := uuids.ReplaceAllString(have, "UUID"), uuids.ReplaceAllString(want.BodyText, "UUID")
		if h != w {
			return []string{fmt.Sprintf("body %s, want %s", truncate(h), truncate(w))}
		}
		return nil
	}
	h, err := parse(have)
	if err != nil {
		return []string{fmt.Sprintf("body %s is not JSON: %v", truncate(have), err)}
	}
	w, err := parse(want.BodyText)
	if err != nil {
		return []string{fmt.Sprintf("the recorded body is not JSON: %v", err)}
	}
	for _, path := range r.Volatile {
		deleteKey(h, path)
		deleteKey(w, path)
	}
	c := comparison{tolerance: r.RelTol, approx: r.Body == bodyApprox, classOnly: r.PythonText || r.LibraryText}
	if difference := c.diff(h, w, "$"); difference != "" {
		return []string{difference}
	}
	return nil
}

func truncate(text string) string {
	if len(text) > 300 {
		return fmt.Sprintf("%.300q... (%d bytes)", text, len(text))
	}
	return fmt.Sprintf("%q", text)
}
