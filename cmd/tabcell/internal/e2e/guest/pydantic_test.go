package guest

import (
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// hostileModels has scripts whose models or data are deep, large or slow, so that native code uses
// stack, memory or time without an end. Each row has a part of the result or error; an empty text
// stands for any error.
var hostileModels = []struct{ name, script, want string }{
	{"deep JSON", "return errors(lambda: TypeAdapter(Any).validate_json('[' * 100000))", "recursion limit exceeded"},
	{"deep JSON that is skipped", `class M(BaseModel):
    a: int
return errors(lambda: M.model_validate_json('{"b": ' + '[' * 100000 + ']' * 100000 + ', "a": 1}'))`, "recursion limit exceeded"},
	{"deep data", `class M(BaseModel):
    a: Optional["M"] = None
value = None
for _ in range(100000):
    value = {"a": value}
return errors(lambda: M.model_validate(value))`, "recursion_depth_exceeded"},
	{"deep lists", `value = []
for _ in range(100000):
    value = [value]
T = TypeAliasType("T", list["T"])
globals()["T"] = T
return errors(lambda: TypeAdapter(T).validate_python(value))`, "recursion_depth_exceeded"},
	{"deep result", `value = []
for _ in range(100000):
    value = [value]
return len(pydantic_core.to_json(value))`, "ValueError"},
	{"result that contains itself", `value = []
value.append(value)
return len(pydantic_core.to_json(value))`, "ValueError"},
	{"deep type", `t = int
for _ in range(3000):
    t = list[t]
return repr(TypeAdapter(t))[:5]`, "RecursionError"},
	{"deep schema, whose native code uses up the stack", `s = core_schema.int_schema()
for _ in range(100000):
    s = core_schema.list_schema(s)
return repr(pydantic_core.SchemaValidator(s))[:5]`, ""},
	{"deep model", `class M(BaseModel):
    a: Any
value = None
for _ in range(100000):
    value = M.model_construct(a=value)
return len(value.model_dump_json())`, "depth exceeded"},
	{"validator that validates again", `class M(BaseModel):
    a: int
    @field_validator("a")
    @classmethod
    def again(cls, v):
        return cls(a=v).a
return M(a=1).a`, "RecursionError"},
	{"serializer that serializes again", `class M(BaseModel):
    a: int
    @model_serializer
    def again(self):
        return self.model_dump()
return M(a=1).model_dump()`, "RecursionError"},
	{"large pattern", `return repr(TypeAdapter(Annotated[str, Field(pattern="(a{1000}){1000}{1000}")]))[:5]`, "exceeds size limit"},
	{"nested pattern", `return repr(TypeAdapter(Annotated[str, Field(pattern="(" * 100000 + ")" * 100000)]))[:5]`, "regex parse error"},
	{"pattern with many ways", `return errors(lambda: TypeAdapter(Annotated[str, Field(pattern="^(a*)*b$")]).validate_python("a" * 10000))`, "string_pattern_mismatch"},
	{"long integer", `return errors(lambda: TypeAdapter(int).validate_python("1" * 5000))`, "int_parsing_size"},
	{"long integer of JSON", `return errors(lambda: TypeAdapter(int).validate_json("1" * 10000000))`, "JSON"},
	{"large power", `return errors(lambda: str(TypeAdapter(Annotated[Decimal, Field(max_digits=5)]).validate_python("1e999999999")))`, "decimal_"},
	{"endless generator", `return errors(lambda: TypeAdapter(list[int]).validate_python(i for i in itertools.count()))`, ""},
	{"memory of JSON", `return len(TypeAdapter(Any).validate_json("[" + "1.5," * 100000000 + "1]"))`, ""},
	{"list that changes", `class Grow(list):
    pass
values = [1, 2, 3]
def more(v):
    values.extend([v] * 10)
    return v
return errors(lambda: len(TypeAdapter(Annotated[list[Annotated[int, AfterValidator(more)]], Field(max_length=50)]).validate_python(values)))`, "3"},
	{"damaged schema", `return repr(pydantic_core.SchemaValidator({"type": "list", "items_schema": {"type": "nothing"}}))`, "SchemaError"},
	{"objects without a state", `return repr(pydantic_core.SchemaValidator.__new__(pydantic_core.SchemaValidator))`, "TypeError"},
}

// modelSetup precedes each script of hostileModels.
const modelSetup = `import itertools, pydantic_core
from decimal import Decimal
from typing import Annotated, Any, Optional
from typing_extensions import TypeAliasType
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError, field_validator, model_serializer
from pydantic_core import core_schema
def errors(call):
    try:
        return call()
    except ValidationError as e:
        return str([x["type"] + ": " + x["msg"] for x in e.errors(include_input=False, include_url=False)])
`

// TestHostilePydantic runs scripts with hostile models and data. Each ends in its limits, and the next
// script has a fresh cell.
func TestHostilePydantic(t *testing.T) {
	e := harness.Full(t)
	limits := runtime.Limits{Timeout: testenv.Scaled(20 * time.Second), Memory: 384 << 20}
	for _, c := range hostileModels {
		t.Run(c.name, func(t *testing.T) {
			r, err := e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(modelSetup+c.script, "{}"), Limits: limits})
			got := string(r.Body)
			if err != nil {
				got = err.Error()
			}
			if c.want != "" && !strings.Contains(got, c.want) {
				t.Errorf("got %.300q, want %q", got, c.want)
			}
			if c.want == "" && err == nil {
				t.Errorf("got the result %.300q, want an error", got)
			}
		})
	}
	r, err := e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(modelSetup+"return TypeAdapter(int).validate_python('1')", "{}")})
	if err != nil || string(r.Body) != "1" {
		t.Errorf("afterwards: %q, %v", r.Body, err)
	}
}
