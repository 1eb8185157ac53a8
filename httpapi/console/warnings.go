package console

import (
	"bytes"
	"fmt"
	"slices"
)

// warnings returns what Tableau would not accept in a result.
func (b *runBody) warnings(r *runResult) []string {
	all := []string{}
	if r.Error != nil {
		return all
	}
	switch {
	case b.Kind == kindScript && r.Columns != nil:
		all = append(all, "The answer is a table. A calculation needs one value, or a list with one for each row.")
	case b.Kind == kindScript && r.Rows != 1 && r.Rows != r.ExpectedRows && r.ExpectedRows > 0:
		all = append(all, fmt.Sprintf("The answer has %d values. Tableau accepts 1 value, or %d: one for each row.", r.Rows, r.ExpectedRows))
	case b.Kind != kindScript && r.Columns == nil:
		all = append(all, "The answer is not a table. A table is a DataFrame, or a dict with a list for each column.")
	}
	if i := slices.IndexFunc(r.Columns, func(c columnBody) bool { return c.Rows != r.Rows }); i >= 0 {
		all = append(all, fmt.Sprintf("The column %q has %d rows, others have %d.", r.Columns[i].Name, r.Columns[i].Rows, r.Rows))
	}
	if b.Kind == kindScript && r.Columns == nil {
		all = append(all, typeWarning(b.Function, r.Value)...)
	}
	return all
}

// valueTypes has the check and the name of the values that a function of Tableau expects.
var valueTypes = map[string]struct {
	fits func(value []byte) bool
	name string
}{
	"SCRIPT_REAL": {isNumber, "numbers"},
	"SCRIPT_INT":  {func(v []byte) bool { return isNumber(v) && !bytes.ContainsAny(v, ".eE") }, "whole numbers"},
	"SCRIPT_STR":  {func(v []byte) bool { return v[0] == '"' }, "text"},
	"SCRIPT_BOOL": {func(v []byte) bool { return v[0] == 't' || v[0] == 'f' }, "true or false"},
}

func isNumber(v []byte) bool { return v[0] == '-' || v[0] >= '0' && v[0] <= '9' }

// typeWarning returns a warning about the first value of another type than the function expects.
// Missing values fit every type.
func typeWarning(function string, answer []byte) []string {
	wanted, ok := valueTypes[function]
	if !ok {
		return nil
	}
	row, wrong := 0, []byte(nil)
	check := func(_, value []byte) bool {
		row++
		if !wanted.fits(value) && string(value) != "null" {
			wrong = value
		}
		return wrong == nil
	}
	if eachElement(answer, check) != nil && len(answer) > 0 {
		check(nil, answer)
	}
	if wrong == nil {
		return nil
	}
	return []string{fmt.Sprintf("%s expects %s, but value %d is %s.", function, wanted.name, row, cutText(string(wrong), 50))}
}
