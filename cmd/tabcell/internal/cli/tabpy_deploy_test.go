package cli

import (
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
)

// Both commands deploy the models under TabPy's names.
func TestDeployModels(t *testing.T) {
	s := newEndpointTest(t)
	ready, err := endpoints.ReadyMadeModels()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range ready {
		s.models.On(string(d.Code.Content), runtime.ModelInfo{Docstring: "doc"}, runtimetest.Returns("1"))
	}
	all := `Successfully deployed anova (version 1)
Successfully deployed PCA (version 1)
Successfully deployed Sentiment Analysis (version 1)
Successfully deployed ttest (version 1)
`
	if code, stdout, stderr := s.run("endpoint", "deploy-models"); code != 0 || stdout != all {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	config := s.file("tabpy.conf", "[TabPy]\nTABCELL_MODELS_PATH = "+s.dir+"\n")
	s.environ = nil
	want := "Using config file at " + config + "\n" + strings.ReplaceAll(all, "version 1", "version 2")
	if code, stdout, stderr := s.run("tabpy-deploy-models", config); code != 0 || stdout != want {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	s.expect(0, `(?s)^Deploy PCA, .*Usage:`, "tabpy-deploy-models", "--help")
	s.expect(1, `Usage:`, "tabpy-deploy-models", "a", "b")
}
