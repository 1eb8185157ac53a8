package guest

import (
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// treeSetup precedes each script of hostileTrees.
const treeSetup = `import ctypes, re
import lightgbm as lgb
import numpy as np
g = np.random.default_rng(1)
X = g.normal(size=(200, 4))
y = X[:, 0] + 0.1 * g.normal(size=200)
P = {"verbose": -1, "min_data_in_leaf": 5, "num_leaves": 7}
def error(call):
    try:
        return str(call())
    except Exception as e:
        return type(e).__name__ + ": " + str(e)
lib = lgb.basic._LIB
`

const overTime = "exceeded its time limit"

// hostileTrees has scripts with wrong parameters, damaged models, or calls of the library with wrong
// arguments. Each row has a part of the result or error; an empty text stands for any error.
var hostileTrees = []struct{ name, script, want string }{
	{"objective", `return error(lambda: lgb.train({**P, "objective": "nothing"}, lgb.Dataset(X, y), 2))`, "LightGBMError: Unknown objective type name: nothing"},
	{"graphics processor", `return error(lambda: lgb.train({**P, "device_type": "gpu"}, lgb.Dataset(X, y), 2))`, "LightGBMError: GPU Tree Learner was not enabled"},
	{"other machines", `return error(lambda: lgb.train({**P, "tree_learner": "data", "num_machines": 2, "machines": "127.0.0.1:1,127.0.0.1:2"}, lgb.Dataset(X, y), 2))`,
		"LightGBMError: a cell has no other machines"},
	{"many leaves", `return error(lambda: lgb.train({**P, "num_leaves": 2**31 - 1}, lgb.Dataset(X, y), 2))`, "LightGBMError: Check failed: (num_leaves) <= (131072)"},
	{"all leaves", `return len(lgb.train({**P, "num_leaves": 131072, "min_data_in_leaf": 1}, lgb.Dataset(X, y), 2).model_to_string()) > 1000`, ""},
	{"many rounds", `return lgb.train(P, lgb.Dataset(X, y), 10**9).num_trees()`, overTime},
	{"many bins", `return error(lambda: lgb.train({**P, "max_bin": 2**31 - 1}, lgb.Dataset(X, y), 2).num_trees())`, ""},
	{"many classes", `return error(lambda: lgb.train({**P, "objective": "multiclass", "num_class": 2**30}, lgb.Dataset(X, y), 2))`, ""},
	{"infinite values", `return error(lambda: lgb.train(P, lgb.Dataset(np.full((200, 4), np.inf), y), 2).num_trees())`, ""},
	{"missing values", `return error(lambda: lgb.train(P, lgb.Dataset(np.full((200, 4), np.nan), y), 2).num_trees())`, `"1"`},
	{"missing labels", `return error(lambda: lgb.train(P, lgb.Dataset(X, y * np.nan), 2).predict(X[:2]))`, "[0. 0.]"},
	{"no rows", `return error(lambda: lgb.train(P, lgb.Dataset(X[:0], y[:0]), 2))`, "Error: "},
	{"other columns", `return error(lambda: lgb.train(P, lgb.Dataset(X, y), 2).predict(X[:, :2]))`, "LightGBMError: The number of features in data (2) is not the same"},
	{"shorter labels", `return error(lambda: lgb.train(P, lgb.Dataset(X, y[:10]), 2))`, "LightGBMError: Length of labels differs from the length of #data"},
	{"model cut off", `text = lgb.train(P, lgb.Dataset(X, y), 3).model_to_string()
return [error(lambda: lgb.Booster(model_str=text[:n]).num_trees())[:20] for n in (0, 10, 200, 400)]`, "LightGBMError"},
	{"model with a wrong size", `text = lgb.train(P, lgb.Dataset(X, y), 3).model_to_string()
return error(lambda: lgb.Booster(model_str=text.replace("num_leaves=7", "num_leaves=70000")).num_trees())`, "LightGBMError"},
	{"model with a wrong node", `text = lgb.train(P, lgb.Dataset(X, y), 3).model_to_string()
return error(lambda: lgb.Booster(model_str=re.sub("left_child=-?[0-9]+", "left_child=99999999", text)).predict(X))`, ""},
	{"file of the host", `return error(lambda: lgb.Booster(model_file="/etc/passwd"))`, "LightGBMError: Could not open /etc/passwd"},
	{"data of the host", `return error(lambda: lgb.Dataset("/etc/passwd").construct())`, "LightGBMError: "},
	{"forced splits of the host", `return error(lambda: lgb.train({**P, "forcedsplits_filename": "/etc/passwd"}, lgb.Dataset(X, y), 2).num_trees())`, "2"},
	{"few arguments", `return error(lambda: lib.LGBM_BoosterFree())`, "TypeError: LGBM_BoosterFree takes 1 arguments (0 given)"},
	{"wrong argument", `return error(lambda: lib.LGBM_BoosterFree(ctypes.c_double(1)))`, "TypeError: argument 1 of LGBM_BoosterFree has the wrong type"},
	{"wrong callback", `return error(lambda: lib.LGBM_RegisterLogCallback(ctypes.CFUNCTYPE(None, ctypes.c_double)(print)))`, "TypeError: argument 1 of LGBM_RegisterLogCallback has the wrong type"},
	{"number as callback", `return error(lambda: lib.LGBM_RegisterLogCallback(ctypes.c_void_p(77)))`, "TypeError: argument 1 of LGBM_RegisterLogCallback has the wrong type"},
	{"callback that is gone", `lib.LGBM_RegisterLogCallback(ctypes.CFUNCTYPE(None, ctypes.c_char_p)(print))
return lgb.train({**P, "verbose": 1}, lgb.Dataset(X, y), 2).num_trees()`, "2"},
	{"callback that fails", `callback = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(lambda text: 1 / 0)
lib.LGBM_RegisterLogCallback(callback)
return lgb.train({**P, "verbose": 1}, lgb.Dataset(X, y), 2).num_trees()`, "2"},
	{"callback that calls the library", `def call(text):
    lib.LGBM_BoosterLoadModelFromString(b"x", ctypes.byref(ctypes.c_int()), ctypes.byref(ctypes.c_void_p()))
callback = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(call)
lib.LGBM_RegisterLogCallback(callback)
return lgb.train({**P, "verbose": 1}, lgb.Dataset(X, y), 2).num_trees()`, "2"},
	{"callback without an end", `deepest = []
def call(text):
    try:
        lgb.train({**P, "verbose": 1}, lgb.Dataset(X[:40], y[:40]), 1)
    except RecursionError as e:
        deepest.append(str(e))
callback = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(call)
lib.LGBM_RegisterLogCallback(callback)
call(b"")
return deepest[0]`, "the library is called by callbacks of its callbacks"},
	{"null handle", `return lib.LGBM_BoosterFree(None)`, "0"},
	{"wild handle", `return lib.LGBM_BoosterGetNumClasses(ctypes.c_void_p(2**31 + 5), ctypes.byref(ctypes.c_int()))`, ""},
	{"function at an address", `return error(lambda: ctypes.CFUNCTYPE(ctypes.c_int)(12345)())`, "OSError: foreign functions are not available in a cell; there is none at address"},
	{"another library", `return error(lambda: ctypes.CDLL("libc.so.6"))`, "OSError: foreign functions are not available in a cell, nor is the library libc.so.6"},
	{"function with a function as a void pointer", `return error(lambda: lib.LGBM_DatasetCreateFromCSRFunc)`, "AttributeError: a cell has no foreign function LGBM_DatasetCreateFromCSRFunc"},
	{"structure as a value", `class S(ctypes.Structure):
    _fields_ = [("a", ctypes.c_int), ("b", ctypes.c_double)]
return error(lambda: lib.LGBM_BoosterFree(S()))`, "RuntimeError: ffi_prep_cif failed"},
}

// TestHostileLightGBM runs hostile scripts. Each ends in its limits, and the next script has a fresh
// cell.
func TestHostileLightGBM(t *testing.T) {
	e := harness.Full(t)
	for _, c := range hostileTrees {
		t.Run(c.name, func(t *testing.T) {
			limits := runtime.Limits{Timeout: testenv.Scaled(20 * time.Second), Memory: 384 << 20}
			if c.want == overTime {
				limits.Timeout = 2 * time.Second
			}
			r, err := e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(treeSetup+c.script, "{}"), Limits: limits})
			got := string(r.Body)
			if err != nil {
				got = err.Error()
			}
			if c.want != "" && !strings.Contains(got, c.want) {
				t.Errorf("got %.300q, want %q", got, c.want)
			}
		})
	}
	r, err := e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(treeSetup+"return lgb.train(P, lgb.Dataset(X, y), 2).num_trees()", "{}")})
	if err != nil || string(r.Body) != "2" {
		t.Errorf("afterwards: %q, %v", r.Body, err)
	}
}
