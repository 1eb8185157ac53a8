//go:build console && linux

package console

import "testing"

// TestOpen runs the suites for a server without authentication.
func TestOpen(t *testing.T) {
	modules := installModules(t)
	p := startProgram(t, "TABCELL_DEFAULT_ROLES=evaluate,query,deploy,metrics,admin", "TABPY_EVALUATE_TIMEOUT=20", "TABCELL_TRUSTED_PROXIES=127.0.0.1")
	variables := []string{"URL=" + p.url, "PREFIXED=" + startPrefixProxy(t, p), "CONTROL=" + startControl(t, p)}
	for _, suite := range []string{"playground", "endpoints", "pages", "input", "keyboard", "layout", "screens", "restart"} {
		t.Run(suite, func(t *testing.T) { runSuite(t, modules, suite, variables...) })
	}
}

// TestAccounts runs the suites for a server with accounts.
func TestAccounts(t *testing.T) {
	modules := installModules(t)
	p := startProgram(t, append(withAccounts(t), "TABPY_EVALUATE_TIMEOUT=20")...)
	variables := []string{"URL=" + p.url, "CONTROL=" + startControl(t, p)}
	for _, suite := range []string{"roles", "session"} {
		t.Run(suite, func(t *testing.T) { runSuite(t, modules, suite, variables...) })
	}
}
