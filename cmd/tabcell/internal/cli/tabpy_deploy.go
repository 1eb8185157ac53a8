package cli

import (
	"context"
	"fmt"

	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

func (a *App) deployModelsCommand(o *endpointOptions) *cobra.Command {
	return &cobra.Command{
		Use: "deploy-models", Short: "Deploy ready-made models: PCA, Sentiment Analysis, ttest, anova", Args: cobra.NoArgs,
		Long: "Deploy the models that TabPy ships, under its names: principal components, sentiment of English texts, t-tests and analysis of variance.\n" +
			"Those that are there get a new version.",
		RunE: func(*cobra.Command, []string) error { return a.deployModels(o) },
	}
}

func (a *App) deployModels(o *endpointOptions) error {
	models, err := endpoints.ReadyMadeModels()
	if err != nil {
		return err
	}
	return a.withStore(o, true, func(ctx context.Context, s endpoints.Store) error {
		for _, d := range models {
			if err := a.deploy(ctx, s, d); err != nil {
				return err
			}
		}
		return nil
	})
}

const tabpyDeployModelsHelp = `tabcell under the name of TabPy's tool: deploy PCA, Sentiment Analysis, ttest and anova to the server of a configuration.

Usage:
  tabpy-deploy-models [CONFIG]

CONFIG is a configuration file as TabPy reads it. A server with authentication asks for a user name and a password: on a terminal, or a line each
of standard input. To deploy elsewhere: see "tabcell endpoint deploy-models --help".
`

// runAsTabPyDeployModels takes the command line of TabPy's tool. GAP: there a failure ends with 0; and each model is deployed by a Python of the host.
func (a *App) runAsTabPyDeployModels(args []string) int {
	switch {
	case len(args) == 1 && (args[0] == "-h" || args[0] == "--help"):
		fmt.Fprint(a.Stdout, tabpyDeployModelsHelp)
		return exitOK
	case len(args) > 1:
		fmt.Fprint(a.Stderr, tabpyDeployModelsHelp)
		return exitFailed
	}
	o := &endpointOptions{src: settings.Sources{Environ: a.Environ}, url: a.getenv("TABCELL_URL"), user: a.getenv("TABCELL_CLIENT_USER")}
	if len(args) == 1 {
		o.src.File = args[0]
		fmt.Fprintf(a.Stdout, "Using config file at %s\n", args[0])
	}
	return a.report(a.deployModels(o))
}
