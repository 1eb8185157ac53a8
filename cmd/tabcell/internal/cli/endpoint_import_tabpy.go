package cli

import (
	"context"
	"fmt"

	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/runtime/registry"
)

// importFolder deploys the endpoints of TabPy's state folder, except those that are the same
// already. It reports those that cannot be deployed, and continues.
func (i *importRun) importFolder(ctx context.Context, s endpoints.Store, dir string, existing []endpoints.Endpoint) error {
	exists := map[string]bool{}
	for _, e := range existing {
		exists[e.Name] = true
	}
	each := func(d registry.Deployment) error {
		d.Replace = true
		if err := i.importDeployment(ctx, s, d, exists[d.Name]); err != nil {
			i.failed++
			fmt.Fprintf(i.app.Stderr, "tabcell: %v\n", err)
		}
		return context.Cause(ctx)
	}
	return endpoints.ImportTabPy(dir, i.maxBytes(), each, func(text string) {
		i.failed++
		fmt.Fprintf(i.app.Stderr, "tabcell: %s\n", text)
	})
}

// importDeployment deploys one endpoint. exists reports whether there is one of its name.
func (i *importRun) importDeployment(ctx context.Context, s endpoints.Store, d registry.Deployment, exists bool) error {
	if exists {
		same, err := s.Deployed(d)
		if err != nil {
			return fmt.Errorf("%s was not compared with the existing endpoint: %w", d.Name, err)
		}
		if same > 0 {
			i.report(endpoints.Imported{Name: d.Name, Outcome: registry.Unchanged, Version: same})
			return nil
		}
	}
	switch {
	case exists && i.existing == existingSkip:
		fmt.Fprintf(i.app.Stdout, "%s exists already and was not changed\n", d.Name)
	case exists && i.dryRun:
		fmt.Fprintf(i.app.Stdout, "%s differs and would be deployed as a new version\n", d.Name)
	case i.dryRun:
		fmt.Fprintf(i.app.Stdout, "%s would be deployed\n", d.Name)
	default:
		return i.app.deploy(ctx, s, d)
	}
	return nil
}
