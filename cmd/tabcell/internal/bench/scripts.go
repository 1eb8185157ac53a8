package bench

import (
	"encoding/json"
	"fmt"
)

const (
	datesScript = "from datetime import datetime\nreturn [datetime.strptime(x, '%Y-%m-%d %H:%M:%S').toordinal() for x in _arg1]"

	RollingScript = "import pandas as pd\nreturn pd.Series(_arg1).rolling(30).mean().fillna(0).tolist()"

	groupScript = "import pandas as pd\nd = pd.DataFrame({'k': _arg1, 'v': _arg2})\nreturn d.groupby('k')['v'].transform('mean').tolist()"

	kmeansScript = "import numpy as np\nfrom sklearn.cluster import KMeans\nx = np.column_stack([_arg1, _arg2])\n" +
		"return KMeans(n_clusters=4, n_init=1, random_state=1).fit(x).labels_.tolist()"

	regressionScript = "import numpy as np\nfrom sklearn.linear_model import LinearRegression\nx = np.array(_arg1).reshape(-1, 1)\n" +
		"return LinearRegression().fit(x, _arg2).predict(x).round(6).tolist()"

	dictScript = "d = {}\nfor i in range(100000):\n    k = str(i % 5000)\n    d[k] = d.get(k, 0) + i\nreturn sorted(d.values())[-1]"

	jsonScript = "import json\nx = [{'a': i, 'b': str(i)} for i in range(8000)]\nreturn len(json.loads(json.dumps(x)))"

	floatsScript = "import math\nt = 0.0\nfor i in range(250000):\n    t += math.sqrt(i) * 0.5\nreturn t"

	// loopScript takes about 100 ms in a native interpreter.
	loopScript = "a = 0\nfor i in range(2000000):\n    a = (a + i) % 1000003 if i % 7 else a + 1\nreturn i"
)

// ScriptBody returns the body of a request that runs a script with the given arguments.
func ScriptBody(script string, args ...any) func() []byte {
	return LazyBody(script, func() []any { return args })
}

// LazyBody is like ScriptBody, but creates the arguments only when the body is created.
func LazyBody(script string, args func() []any) func() []byte {
	return func() []byte {
		data := map[string]any{}
		for i, a := range args() {
			data[fmt.Sprintf("_arg%d", i+1)] = a
		}
		b, _ := json.Marshal(map[string]any{"script": script, "data": data}) // cannot fail: the arguments are numbers and strings
		return b
	}
}

// Column returns its arguments, as a column of data.
func Column(values ...any) []any { return values }

// AdditionBody returns the body of a request that adds two columns of n rows.
func AdditionBody(n int) func() []byte {
	return LazyBody("return [a + b for a, b in zip(_arg1, _arg2)]", func() []any { return []any{Floats(9, n), Floats(10, n)} })
}

// TableBody returns the body of a table extension: the argument is a whole table, and the response
// is the table with an additional column.
func TableBody(columns, rows int) func() []byte {
	script := "import pandas as pd\nd = pd.DataFrame(_arg1)\nd['total'] = d.sum(axis=1)\nreturn d.to_dict(orient='list')"
	return LazyBody(script, func() []any {
		table := map[string]any{}
		for i := range columns {
			table[fmt.Sprintf("c%d", i)] = Floats(uint64(20+i), rows)
		}
		return []any{table}
	})
}
