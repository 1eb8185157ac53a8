package compare

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestCase(t *testing.T) {
	small := &Gap{Reason: "r", Within: Tolerance{ATol: 1e-3}}
	for _, c := range []struct {
		gap       *Gap
		got, want string
		problem   string // part of the description
	}{
		{nil, `{"float64": [1.0000000001]}`, `{"float64": [1.0]}`, ""},
		{nil, `{"float64": [1.00000001]}`, `{"float64": [1.0]}`, "differ"},
		{nil, `{"int32": [1]}`, `{"int64": [1]}`, "differ"},
		{nil, `[1]`, `[1.0]`, "differ"},
		{nil, `[3000000001]`, `[3000000000]`, "differ"},
		{nil, `[1.0, 2.0]`, `[1.0]`, "differ"},
		{nil, `{"float": "nan"}`, `{"float": "inf"}`, "differ"},
		{nil, ``, `1`, "differ"},
		{small, `1.0001`, `1.0`, ""},
		{small, `1.01`, `1.0`, "exceeds"},
		{small, `1.0`, `1.0`, "equal, although"},
	} {
		problem := Case(c.gap, Tolerance{RTol: 1e-9}, json.RawMessage(c.got), json.RawMessage(c.want))
		if !strings.Contains(problem, c.problem) || (problem == "") != (c.problem == "") {
			t.Errorf("%s / %s: %q, want %q", c.got, c.want, problem, c.problem)
		}
	}
}
