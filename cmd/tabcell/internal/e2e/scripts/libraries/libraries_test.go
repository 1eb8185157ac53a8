// Package libraries runs the scripts of the libraries that scripts.First does not list.
package libraries

import (
	"path/filepath"
	"slices"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/scripts"
)

func TestScripts(t *testing.T) {
	scripts.Run(t, filepath.Join("..", "testdata"), func(f scripts.Family) bool { return !slices.Contains(scripts.First, f.Library()) })
}
