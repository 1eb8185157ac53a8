package input

import (
	"encoding/json"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// Tableau Prep sends the user's file, followed by a call of the function that the step names. The
// whole table is the argument _arg1.

// prepDefinitions are the functions that Prep defines for the types of an output schema.
const prepDefinitions = `
def prep_string(): return pd.Series(['prep_string_type'])
def prep_int(): return pd.Series(['prep_int_type'])
def prep_decimal(): return pd.Series(['prep_decimal_type'])
def prep_bool(): return pd.Series(['prep_bool_type'])
def prep_date(): return pd.Series(['prep_date_type'])
def prep_datetime(): return pd.Series(['prep_datetime_type'])
`

// prepCall returns the script that Prep sends to run a step.
func prepCall(file, function string) string {
	return file + "\nimport pandas as pd\nexecution_result = " + function + "(pd.DataFrame(_arg1))\n" + prepReturn
}

// prepSchemaCall returns the script that Prep sends to get the output schema of a step.
func prepSchemaCall(file string) string {
	return "import pandas as pd\n" + prepDefinitions + file + "\nexecution_result = get_output_schema()\n" + prepReturn
}

const prepReturn = `if isinstance(execution_result, pd.DataFrame):
    return execution_result.to_dict(orient='list')
return execution_result`

// prepFlow is the file of a step with numbers, text, dates and missing values. Its output has other
// columns and fewer rows than its input.
const prepFlow = `"""Sales by region, with the share of each."""
import numpy as np
import pandas as pd

DISCOUNT = 0.1


def net(price):
    return price * (1 - DISCOUNT)


def by_region(df):
    df['When'] = pd.to_datetime(df['When'])
    df['Net'] = net(df['Price']) * df['Units']
    out = df.groupby('Region', as_index=False).agg(Units=('Units', 'sum'), Net=('Net', 'sum'), Last=('When', 'max'))
    out['Share'] = out['Units'] / out['Units'].sum()
    out['Large'] = out['Units'] > 5
    out['Code'] = np.arange(len(out)) * 3_000_000_000
    out['Last'] = out['Last'].dt.strftime('%Y-%m-%d')
    return out


def get_output_schema():
    return pd.DataFrame({
        'Region': prep_string(), 'Units': prep_int(), 'Net': prep_decimal(), 'Last': prep_date(), 'Share': prep_decimal(),
        'Large': prep_bool(), 'Code': prep_int(), 'At': prep_datetime(),
    })
`

const prepTable = `{"_arg1": {
	"Region": ["North", "South", "North", null], "Units": [4, 2, 3, 1], "Price": [10.0, null, 5.5, 1.0],
	"When": ["2024-02-29", "2024-01-01", "2024-03-01", "2024-01-02"]}}`

func TestPrepRequests(t *testing.T) {
	s := harness.StartPatient(t)
	const schema = `{"Region": ["prep_string_type"], "Units": ["prep_int_type"], "Net": ["prep_decimal_type"], "Last": ["prep_date_type"], ` +
		`"Share": ["prep_decimal_type"], "Large": ["prep_bool_type"], "Code": ["prep_int_type"], "At": ["prep_datetime_type"]}`
	for _, c := range []struct{ name, script, data, response string }{
		{"step", prepCall(prepFlow, "by_region"), prepTable, `{"Region": ["North", "South"], "Units": [7, 2], "Net": [50.85, 0.0], ` +
			`"Last": ["2024-03-01", "2024-01-01"], "Share": [0.7777777777777778, 0.2222222222222222], "Large": [true, false], "Code": [0, 3000000000]}`},
		{"schema", prepSchemaCall(prepFlow), `{}`, schema},
		{"unchanged rows", prepCall("def same(df):\n    return df", "same"), `{"_arg1": {"a": [1, 2], "b": ["x", null], "c": [0.5, null]}}`,
			`{"a": [1, 2], "b": ["x", null], "c": [0.5, null]}`},
		{"no rows", prepCall("def same(df):\n    return df", "same"), `{"_arg1": {"a": [], "b": []}}`, `{"a": [], "b": []}`},
		{"nested function", prepCall("def outer(df):\n    def inner(x):\n        return x + 1\n    return df.map(inner)", "outer"),
			`{"_arg1": {"a": [1, 2]}}`, `{"a": [2, 3]}`},
		{"dictionary instead of a frame", prepCall("def total(df):\n    return {'a': [int(df['a'].sum())]}", "total"), `{"_arg1": {"a": [1, 2]}}`, `{"a": [3]}`},
		{"dates", prepCall("def d(df):\n    df['t'] = pd.to_datetime(df['t'])\n    return df", "d"), `{"_arg1": {"t": ["2024-02-29", null]}}`,
			`{"t": ["2024-02-29T00:00:00", null]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, response := s.Post(string(harness.ScriptRequest(c.script, c.data)))
			if status != 200 || response != c.response {
				t.Errorf("%d %s\nwant %s", status, response, c.response)
			}
		})
	}
}

// TestPrepErrors checks that the error response names the user's mistake.
func TestPrepErrors(t *testing.T) {
	s := harness.StartPatient(t)
	for _, c := range []struct{ name, script, info string }{
		{"missing column", prepCall("def f(df):\n    return df[['nothing']]", "f"), `KeyError : "None of [Index(['nothing'], dtype='str')] are in the [columns]"`},
		{"undefined function", prepCall("def f(df):\n    return df", "g"), `NameError : name 'g' is not defined`},
		{"columns of different lengths", prepCall("def f(df):\n    df['b'] = [1]\n    return df", "f"), "ValueError : Length of values (1) does not match length of index (2)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, response := s.Post(string(harness.ScriptRequest(c.script, `{"_arg1": {"a": [1, 2]}}`)))
			var failure struct{ Info string }
			if err := json.Unmarshal([]byte(response), &failure); err != nil || status != 500 || failure.Info != c.info {
				t.Errorf("%d %s (%v)\nwant %s", status, response, err, c.info)
			}
		})
	}
}
