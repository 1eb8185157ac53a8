# Raises an error whose text describes _arg1. tables_test.go runs it in a cell; make.py, natively.
import json


def shape(v):
    if type(v).__name__ == "ndarray":
        return ["array", str(v.dtype), [shape(x) for x in v.tolist()]]
    if isinstance(v, (list, tuple)):
        return [type(v).__name__, [shape(x) for x in v]]
    if isinstance(v, dict):
        return {str(k): shape(x) for k, x in v.items()}
    return [type(v).__name__, repr(v)]


columns = [[shape(v) for v in _arg1.iloc[:, i]] for i in range(_arg1.shape[1])]
raise ValueError(json.dumps([[str(d) for d in _arg1.dtypes], repr(_arg1.index), repr(_arg1.columns), columns]))
