package guest

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// consoleExample is an example of the console's playground.
type consoleExample struct {
	ID           string
	Kind         string
	FunctionName string
	Args         []string
	Script, Data []string
}

// consoleExamples returns the examples by ID.
func consoleExamples(t *testing.T) map[string]consoleExample {
	t.Helper()
	var list []consoleExample
	text := testenv.ReadFile(t, testenv.File("httpapi/console/web/src/playground/examples.json"))
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	byID := map[string]consoleExample{}
	for _, e := range list {
		byID[e.ID] = e
	}
	return byID
}

// columns returns the columns of the data, as numbers where all values are numbers or missing.
func (e consoleExample) columns(t *testing.T) map[string][]any {
	t.Helper()
	r := csv.NewReader(strings.NewReader(strings.Join(e.Data, "\n")))
	records, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string][]any{}
	for i, name := range records[0] {
		var texts []string
		for _, record := range records[1:] {
			texts = append(texts, record[i])
		}
		columns[name] = typed(texts)
	}
	return columns
}

func typed(texts []string) []any {
	isText := slices.ContainsFunc(texts, func(s string) bool {
		_, err := strconv.ParseFloat(s, 64)
		return s != "" && err != nil
	})
	var values []any
	for _, s := range texts {
		f, _ := strconv.ParseFloat(s, 64) // checked above
		switch {
		case s == "":
			values = append(values, nil)
		case isText:
			values = append(values, s)
		default:
			values = append(values, f)
		}
	}
	return values
}

// run returns the result of the example in the full guest, and what it printed. Prep's function is
// called in the way of Prep.
func (e consoleExample) run(t *testing.T, result any) (printed string) {
	t.Helper()
	columns := e.columns(t)
	data := map[string]any{"_arg1": columns}
	script := strings.Join(e.Script, "\n")
	switch e.Kind {
	case "table":
	case "prep":
		script += "\nreturn " + e.FunctionName + "(pd.DataFrame(_arg1))"
	default:
		data = map[string]any{}
		for i, name := range e.Args {
			data["_arg"+strconv.Itoa(i+1)] = columns[name]
		}
	}
	return evaluateExample(t, script, data, result)
}

func evaluateExample(t *testing.T, script string, data, result any) (printed string) {
	t.Helper()
	text, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	r, err := harness.Full(t).Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(script, string(text))})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(r.Body, result); err != nil {
		t.Fatal(err)
	}
	return string(r.Output)
}

// TestConsoleExamples runs every example of the playground with its data.
func TestConsoleExamples(t *testing.T) {
	checks := map[string]func(*testing.T, consoleExample){
		"cleaned": checkCleaned, "clustering": checkClustering, "forecast": checkForecast,
		"sentiment": checkSentiment, "table": checkSummary, "prep": checkPrep,
	}
	examples := consoleExamples(t)
	if len(examples) != len(checks) {
		t.Errorf("%d examples, %d checks", len(examples), len(checks))
	}
	for id, check := range checks {
		t.Run(id, func(t *testing.T) { check(t, examples[id]) })
	}
}

func checkCleaned(t *testing.T, e consoleExample) {
	var got []float64
	printed := e.run(t, &got)
	if want := []float64{120.5, 98, 143.25, 137.125, 109.25, 87, 92.5, 131}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !strings.Contains(printed, "2 of 8 values were missing") {
		t.Errorf("printed %q", printed)
	}
}

// checkClustering expects the three clouds of the data as groups, in any order.
func checkClustering(t *testing.T, e consoleExample) {
	var got []int
	e.run(t, &got)
	if len(got) != len(e.Data)-1 {
		t.Fatalf("%d values for %d rows", len(got), len(e.Data)-1)
	}
	for i, group := range got {
		if group != got[i%3] {
			t.Fatalf("customer %d is in group %d: %v", i, group, got)
		}
	}
	if groups := slices.Compact(slices.Sorted(slices.Values(got))); !slices.Equal(groups, []int{1, 2, 3}) {
		t.Errorf("groups %v", groups)
	}
}

func checkForecast(t *testing.T, e consoleExample) {
	var got []float64
	printed := e.run(t, &got)
	sales := e.columns(t)["Sales"]
	if len(got) != len(sales) {
		t.Fatalf("%d values for %d rows", len(got), len(sales))
	}
	for i, value := range sales {
		switch known, ok := value.(float64); {
		case ok && got[i] != known:
			t.Errorf("row %d became %v, was %v", i, got[i], known)
		case !ok && (math.IsNaN(got[i]) || got[i] < 300 || got[i] > 700):
			t.Errorf("the forecast of row %d is %v", i, got[i])
		}
	}
	if !strings.Contains(printed, "forecast: [") {
		t.Errorf("printed %q", printed)
	}
}

func checkSentiment(t *testing.T, e consoleExample) {
	var got []float64
	e.run(t, &got)
	if want := []float64{1, -1, 1, 0, -1.0 / 3}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func checkSummary(t *testing.T, e consoleExample) {
	var got struct {
		Region []string
		Orders []int
		Margin []float64
	}
	e.run(t, &got)
	if !slices.Equal(got.Region, []string{"Central", "East", "South", "West"}) || !slices.Equal(got.Orders, []int{2, 2, 2, 3}) || len(got.Margin) != 4 {
		t.Errorf("got %+v", got)
	}
}

// checkPrep compares the columns of the result with those of get_output_schema.
func checkPrep(t *testing.T, e consoleExample) {
	var got map[string][]any
	e.run(t, &got)
	if len(got) != 3 || len(got["Margin"]) != len(e.Data)-1 {
		t.Errorf("got %v", got)
	}
	const types = "prep_string = lambda: ['text']\nprep_decimal = lambda: [0.5]\n"
	var schema map[string][]any
	evaluateExample(t, types+strings.Join(e.Script, "\n")+"\nreturn get_output_schema()", map[string]any{}, &schema)
	for name := range got {
		if schema[name] == nil {
			t.Errorf("the schema %v lacks %s", schema, name)
		}
	}
}
