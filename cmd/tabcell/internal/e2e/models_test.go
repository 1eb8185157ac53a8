package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// TestDeployedModelsMatchTabPy compares the models that deploy-models deploys with TabPy 2.16's own
// models. The numbers are those of TabPy with scipy 1.18 and scikit-learn 1.9; in its PCA, the
// argument that scikit-learn renamed was changed. The sign of a component is arbitrary.
func TestDeployedModelsMatchTabPy(t *testing.T) {
	harness.Full(t)
	s := harness.StartServer(t, "[TabPy]\nTABPY_PORT = ${PORT}\nTABPY_STATE_PATH = ${STATE_PATH}\n")
	var out bytes.Buffer
	f := &cli.App{Args: []string{"tabcell", "endpoint", "deploy-models", "--url", s.URL}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out}
	if code := f.Run(); code != 0 || strings.Count(out.String(), "Successfully deployed") != 4 {
		t.Fatalf("exit code %d\n%s", code, &out)
	}
	const a, b = `[120.5,98.25,143.0,87.75,110.0,156.5]`, `[20.1,11.5,31.0,9.9,18.0,35.5]`
	for _, c := range []struct {
		name, data string
		want       []float64
	}{
		{"ttest", `[` + a + `,` + b + `]`, []float64{9.303484784677397e-05}},
		{"ttest", `[` + a + `,["x","y","x","y","y","x"]]`, []float64{0.037746192134440734}},
		{"ttest", `[` + a + `,[true,false,true,true,false,false]]`, []float64{0.8601996848070464}},
		{"ttest", `{"_arg1": ` + a + `, "_arg2": [100]}`, []float64{0.1322448896330225}},
		{"anova", `[` + a + `,` + b + `]`, []float64{6.8249234524729125e-06}},
		{"anova", `[[1,2],[1,3],[2.5,4]]`, []float64{0.38287143198926277}},
		{"PCA", `[1,` + a + `,` + b + `,["u","v","u","w","v","w"]]`,
			[]float64{0.7352343498605461, -2.0562293265273057, 1.9208587758127438, -1.1850114409924815, -1.3884105205947337, 1.9735581624412308}},
		{"Sentiment Analysis", `[["I love it!", "This is terrible.", "ok"]]`, []float64{0.6696, -0.4767, 0.296}},
		{"Sentiment Analysis", `[["I love it!", "This is terrible.", "ok"], "textblob"]`, []float64{0.625, -1, 0.5}},
	} {
		status, body := query(t, s, c.name, c.data)
		if got := numbersOf(body); status != 200 || !closeTo(got, c.want) {
			t.Errorf("%s %s: %d %s, want %v", c.name, c.data, status, body, c.want)
		}
	}
	for call, want := range map[string]string{
		`ttest [[1, 2, 3], ["x", "y"]]`:          "ValueError : there are 3 values and 2 groups for them",
		`anova [["a"], [1]]`:                     "ValueError : _arg1 must be numbers",
		`PCA [3, [1, 2], [2, 1]]`:                "ValueError : component must be from 1 to 2, the number of columns",
		`Sentiment Analysis [[1]]`:               "TypeError : _arg1 must be texts",
		`Sentiment Analysis [["good"], "spacy"]`: "ValueError : library must be nltk or textblob, not spacy",
	} {
		name, data, _ := strings.Cut(call, " [")
		if status, body := query(t, s, name, "["+data); status != 500 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s, want %s", call, status, body, want)
		}
	}
}

// query queries a model with the given arguments in JSON and returns the status and the body.
func query(t *testing.T, s *harness.Server, name, data string) (int, string) {
	t.Helper()
	r, err := http.Post(s.URL+"/query/"+url.PathEscape(name), "application/json", strings.NewReader(`{"data": `+data+`}`))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(text)
}

// numbersOf returns the number, or the list of numbers, in the body of a response. For other bodies
// it returns nil.
func numbersOf(body string) []float64 {
	var single struct{ Response float64 }
	if json.Unmarshal([]byte(body), &single) == nil {
		return []float64{single.Response}
	}
	var list struct{ Response []float64 }
	_ = json.Unmarshal([]byte(body), &list) // fails if there are no numbers
	return list.Response
}

// closeTo reports whether the numbers agree to nine digits. Columns, which have more than three
// numbers, may have the opposite sign.
func closeTo(got, want []float64) bool {
	if len(got) != len(want) || len(want) == 0 {
		return false
	}
	sign := 1.0
	if len(want) > 3 && got[0]*want[0] < 0 {
		sign = -1
	}
	for i := range want {
		if math.Abs(sign*got[i]-want[i]) > 1e-9*math.Abs(want[i]) {
			return false
		}
	}
	return true
}
