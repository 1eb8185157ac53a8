package main

import (
	"context"
	"embed"
	"fmt"
	"path"

	"tabcell/runtime/registry"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

// The models that TabPy ships, under its names, written anew.
//
//go:embed models/*.py
var readyMade embed.FS

// readyModels are the ready-made models, in the order in which TabPy deploys its own.
var readyModels = []struct {
	name, file, function, description string
	requires                          []string
}{
	{"anova", "anova.py", "anova", "Returns the p-value of an ANOVA test", []string{"scipy"}},
	{"PCA", "PCA.py", "PCA", "Returns the specified principal component", []string{"sklearn"}},
	{"Sentiment Analysis", "sentiment_analysis.py", "SentimentAnalysis", "Returns a sentiment score between -1 and 1 for a given string", []string{"nltk"}},
	{"ttest", "ttest.py", "ttest", "Returns the p-value of a t-test", []string{"scipy"}},
}

func readyModel(i int) (registry.Deployment, error) {
	m := readyModels[i]
	text, err := readyMade.ReadFile(path.Join("models", m.file))
	return registry.Deployment{
		Name: m.name, Replace: true, Metadata: registry.Metadata{Description: m.description, Public: true},
		Code: registry.Code{Kind: registry.Source, Function: m.function, Requires: m.requires, Content: text},
	}, err
}

func (f *front) deployModelsCommand(o *endpointOptions) *cobra.Command {
	return &cobra.Command{
		Use: "deploy-models", Short: "Deploy ready-made models: PCA, Sentiment Analysis, ttest, anova", Args: cobra.NoArgs,
		Long: "Deploy the models that TabPy ships, under its names: principal components, sentiment of English texts, t-tests and analysis of variance.\n" +
			"Those that are there get a new version.",
		RunE: func(*cobra.Command, []string) error { return f.deployModels(o) },
	}
}

func (f *front) deployModels(o *endpointOptions) error {
	return f.withShelf(o, true, func(ctx context.Context, s shelf) error {
		for i := range readyModels {
			d, err := readyModel(i)
			if err == nil {
				err = f.deploy(ctx, s, d)
			}
			if err != nil {
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
func (f *front) runAsTabPyModels(args []string) int {
	switch {
	case len(args) == 1 && (args[0] == "-h" || args[0] == "--help"):
		fmt.Fprint(f.stdout, tabpyModelsHelp)
		return exitOK
	case len(args) > 1:
		fmt.Fprint(f.stderr, tabpyModelsHelp)
		return exitFailed
	}
	o := &endpointOptions{src: settings.Sources{Environ: f.environ}, url: f.variable("TABCELL_URL"), user: f.variable("TABCELL_CLIENT_USER")}
	if len(args) == 1 {
		o.src.File = args[0]
		fmt.Fprintf(f.stdout, "Using config file at %s\n", args[0])
	}
	return f.report(f.deployModels(o))
}
