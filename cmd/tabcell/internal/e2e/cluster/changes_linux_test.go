//go:build cluster

package cluster

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// request returns the method, path and body of a change.
func (c change) request() (method, path, body string) {
	switch path = "/endpoints/" + c.name; c.kind {
	case "deploy":
		return "PUT", path + "/source", source(c.number)
	case "rollback":
		return "POST", path + "/rollback", ""
	}
	return "DELETE", path, ""
}

// versionIn returns the version in the response to a change, or 0. A removal has none.
func (c change) versionIn(body string) int {
	var deployed struct{ Version int }
	var endpoints map[string]struct{ Version int }
	if json.Unmarshal([]byte(body), &endpoints) == nil { // of a rollback
		return endpoints[c.name].Version
	}
	_ = json.Unmarshal([]byte(body), &deployed)
	return deployed.Version
}

// unchanged reports whether a response says that nothing was changed.
func unchanged(status int, body string) bool {
	full := status == 507 && strings.Contains(body, "nothing was changed")
	return status == 503 || full || status == 0 && strings.Contains(body, "connection refused")
}

// reason returns the text of a response without a clear result, without its numbers.
func reason(status int, body string) string {
	body = body[max(0, strings.LastIndex(body, "\":")):]
	return fmt.Sprintf("%d %s", status, digits.ReplaceAllString(body[:min(len(body), 300)], "#"))
}

var digits = regexp.MustCompile(`[0-9a-f]*[0-9][0-9a-f]*`)
