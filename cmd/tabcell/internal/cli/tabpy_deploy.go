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
		Long: `Deploy the models that TabPy ships, under the same names: principal component analysis, sentiment of
English texts, t-tests and analysis of variance. Existing endpoints get a new version.`,
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

const tabpyDeployModelsHelp = `Deploy PCA, Sentiment Analysis, ttest and anova. This is tabcell under the name of TabPy's tool.

Usage:
  tabpy-deploy-models [CONFIG]

CONFIG is a configuration file in TabPy's format. The models are deployed to the server with this
configuration, or to its models folder if the server is not running. If the server requires
authentication, the user name and the password are asked for on a terminal, or else read from
standard input, one line each. To deploy to another server, see
"tabcell endpoint deploy-models --help".
`

// runAsTabPyDeployModels parses the command line of TabPy's tool, executes it, and returns the exit
// code.
//
// GAP: TabPy's tool exits with 0 after a failure, and runs a Python of the host for each model.
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
