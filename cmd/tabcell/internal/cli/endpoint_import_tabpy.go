package cli

import (
	"context"
	"fmt"

	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/runtime/registry"
)

// importFolder deploys the endpoints of TabPy's state folder. It reports those that cannot be
// deployed, and continues.
func (i *importRun) importFolder(ctx context.Context, s endpoints.Store, dir string, existing []endpoints.Endpoint) error {
	exists := map[string]bool{}
	for _, e := range existing {
		exists[e.Name] = true
	}
	each := func(d registry.Deployment) error {
		d.Replace = true
		switch {
		case i.existing == existingSkip && exists[d.Name]:
			fmt.Fprintf(i.app.Stdout, "%s exists already and was not changed\n", d.Name)
			return nil
		case i.dryRun:
			fmt.Fprintf(i.app.Stdout, "%s would be deployed\n", d.Name)
			return nil
		}
		if err := i.app.deploy(ctx, s, d); err != nil {
			i.failed++
			fmt.Fprintf(i.app.Stderr, "tabcell: %v\n", err)
		}
		return context.Cause(ctx)
	}
	return endpoints.ImportTabPy(dir, i.maxBytes(), each, func(text string) { fmt.Fprintf(i.app.Stderr, "tabcell: %s\n", text) })
}
