package endpoints

import (
	"embed"
	"path"

	"tabcell/runtime/registry"
)

// readyMade has the sources of the ready-made models. They have the names of the models that come
// with TabPy, but are an independent implementation.
//
//go:embed models/*.py
var readyMade embed.FS

// readyModels lists the models in the order in which TabPy deploys its own.
var readyModels = []struct {
	name, file, function, description string
	requires                          []string
}{
	{"anova", "anova.py", "anova", "Returns the p-value of an ANOVA test", []string{"scipy"}},
	{"PCA", "PCA.py", "PCA", "Returns the specified principal component", []string{"sklearn"}},
	{"Sentiment Analysis", "sentiment_analysis.py", "SentimentAnalysis", "Returns a sentiment score between -1 and 1 for a given string", []string{"nltk"}},
	{"ttest", "ttest.py", "ttest", "Returns the p-value of a t-test", []string{"scipy"}},
}

// ReadyMadeModels returns the ready-made models in the order in which TabPy deploys its own.
func ReadyMadeModels() (models []registry.Deployment, err error) {
	for _, m := range readyModels {
		text, err := readyMade.ReadFile(path.Join("models", m.file))
		if err != nil {
			return nil, err
		}
		models = append(models, registry.Deployment{
			Name: m.name, Replace: true, Metadata: registry.Metadata{Description: m.description, Public: true},
			Code: registry.Code{Kind: registry.Source, Function: m.function, Requires: m.requires, Content: text},
		})
	}
	return models, nil
}
