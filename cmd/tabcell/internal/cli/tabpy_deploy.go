package cli

import (
	"context"
	"fmt"

	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

func (f *App) deployModelsCommand(o *endpointOptions) *cobra.Command {
	return &cobra.Command{
		Use: "deploy-models", Short: "Deploy ready-made models: PCA, Sentiment Analysis, ttest, anova", Args: cobra.NoArgs,
		Long: "Deploy the models that TabPy ships, under its names: principal components, sentiment of English texts, t-tests and analysis of variance.\n" +
			"Those that are there get a new version.",
		RunE: func(*cobra.Command, []string) error { return f.deployModels(o) },
	}
}

func (f *App) deployModels(o *endpointOptions) error {
	models, err := endpoints.ReadyMadeModels()
	if err != nil {
		return err
	}
	return f.withStore(o, true, func(ctx context.Context, s endpoints.Store) error {
		for _, d := range models {
			if err := f.deploy(ctx, s, d); err != nil {
				return err
			}
		}
		return nil
	})
}

const tabpyModelsHelp = `tabcell under the name of TabPy's tool: deploy PCA, Sentiment Analysis, ttest and anova to the server of a configuration.

Usage:
  tabpy-deploy-models [CONFIG]

CONFIG is a configuration file as TabPy reads it. A server with authentication asks for a user name and a password: on a terminal, or a line each
of standard input. To deploy elsewhere: see "tabcell endpoint deploy-models --help".
`

// runAsTabPyModels takes the command line of TabPy's tool. GAP: there a failure ends with 0; and each model is deployed by a Python of the host.
func (f *App) runAsTabPyModels(args []string) int {
	switch {
	case len(args) == 1 && (args[0] == "-h" || args[0] == "--help"):
		fmt.Fprint(f.Stdout, tabpyModelsHelp)
		return exitOK
	case len(args) > 1:
		fmt.Fprint(f.Stderr, tabpyModelsHelp)
		return exitFailed
	}
	o := &endpointOptions{src: settings.Sources{Environ: f.Environ}, url: f.variable("TABCELL_URL"), user: f.variable("TABCELL_CLIENT_USER")}
	if len(args) == 1 {
		o.src.File = args[0]
		fmt.Fprintf(f.Stdout, "Using config file at %s\n", args[0])
	}
	return f.report(f.deployModels(o))
}
