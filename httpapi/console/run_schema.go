package console

import "encoding/json"

// schemaBody has the columns that a step of Prep says to have.
type schemaBody struct {
	Columns []schemaColumn `json:"columns"`
	Error   *scriptError   `json:"error,omitempty"`
}

type schemaColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// runSchema runs get_output_schema of a step, as Prep does in a call of its own.
func (c *Console) runSchema(q *Request, step pythonCall) (*schemaBody, error) {
	call := pythonCall{script: step.schema, data: []byte("{}"), lines: step.lines, added: 1}
	result, err := c.runCall(q, call)
	if err != nil {
		return nil, err
	}
	b := &schemaBody{Columns: []schemaColumn{}, Error: result.Error}
	if b.Error != nil {
		b.Error.Traceback = "" // its lines are those of the script with the line before it
		return b, nil
	}
	err = eachElement(result.Value, func(key, value []byte) bool {
		var column schemaColumn
		var types []string
		if json.Unmarshal(key, &column.Name) == nil && json.Unmarshal(value, &types) == nil && len(types) > 0 {
			column.Type = types[0]
		}
		b.Columns = append(b.Columns, column)
		return len(b.Columns) < maxColumns
	})
	if err != nil || len(b.Columns) == 0 {
		b.Error = &scriptError{Class: "TypeError", Message: "get_output_schema must return a DataFrame with a column for each field", In: "script"}
	}
	return b, nil
}
