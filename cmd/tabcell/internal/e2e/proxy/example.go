// Package proxy tests the examples of proxies in assets/install/proxy, and starts them for the tests
// of clusters. `task test:proxy` runs the tests with the real programs.
package proxy

import (
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

// example returns an example of a configuration.
func example(t *testing.T, name string) string {
	t.Helper()
	return testenv.ReadFile(t, testenv.File("assets/install/proxy/"+name))
}
