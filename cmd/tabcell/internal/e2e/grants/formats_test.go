package grants

import (
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// makeModels writes files in the formats of these versions of the libraries, and returns them in
// base64.
const makeModels = `import base64, os, pickle, sqlite3
import joblib, numpy as np, pandas as pd
from sklearn.linear_model import LinearRegression
model = LinearRegression().fit(np.arange(10).reshape(-1, 1), np.arange(10) * 2.0)
joblib.dump(model, '/tmp/model.joblib', compress=3)
joblib.dump({'big': np.arange(100000), 'model': model}, '/tmp/plain.joblib')
pickle.dump(model, open('/tmp/model.pkl', 'wb'))
np.savez('/tmp/arrays.npz', a=np.eye(2), b=np.arange(3))
pd.DataFrame({'a': [1, 2]}).to_excel('/tmp/book.xlsx', index=False)
pd.DataFrame({'a': [1, 2]}).to_csv('/tmp/table.csv.gz', index=False)
c = sqlite3.connect('/tmp/lookup.db')
c.execute('create table t (k text primary key, v int)')
c.executemany('insert into t values (?, ?)', [('k%d' % i, i) for i in range(5000)])
c.commit()
return {n: base64.b64encode(open('/tmp/' + n, 'rb').read()).decode() for n in os.listdir('/tmp')}`

var formatCases = []struct{ name, script, want string }{
	{"joblib", `import joblib
return float(round(joblib.load('C:\\models\\model.joblib').predict([[4]])[0], 6))`, `8.0`},
	{"joblib with arrays", `import joblib
return int(joblib.load('C:/models/plain.joblib')['big'].sum())`, `4999950000`},
	{"joblib mmap", `import joblib
joblib.load('C:/models/plain.joblib', mmap_mode='r')`, `!a file of a grant cannot be mapped`},
	{"pickle", `import pickle
with open(r'c:\Models\MODEL.pkl', 'rb') as f:
    return float(round(pickle.load(f).predict([[4]])[0], 6))`, `8.0`},
	{"npz", `import numpy as np
with np.load(r'C:\models\arrays.npz') as z:
    return [z['a'].tolist(), z['b'].tolist()]`, `[[[1.0, 0.0], [0.0, 1.0]], [0, 1, 2]]`},
	{"excel", `import pandas as pd
return pd.read_excel(r'C:\models\book.xlsx')['a'].sum()`, `3`},
	{"gzip", `import pandas as pd
return pd.read_csv(r'C:\models\table.csv.gz')['a'].sum()`, `3`},
	{"sqlite", `import sqlite3
c = sqlite3.connect(r'C:\models\lookup.db')
return [c.execute('select v from t where k = ?', ('k4321',)).fetchone()[0], c.execute('select count(*) from t').fetchone()[0]]`, `[4321, 5000]`},
	{"sqlite uri", `import sqlite3, pandas as pd
c = sqlite3.connect('file:C:/models/lookup.db?mode=ro', uri=True)
return pd.read_sql('select sum(v) s from t', c)['s'].tolist()`, `[12497500]`},
	{"sqlite write", `import sqlite3
sqlite3.connect(r'C:\models\lookup.db').execute('delete from t')`, `!attempt to write a readonly database`},
	{"listdir", `import os
return [len(os.listdir('C:\\models')), os.path.exists('C:\\models\\none'), os.path.exists(os.path.join('C:\\models', 'model.pkl'))]`, `[7, false, true]`},
	{"pathlib", `import pathlib
return (pathlib.Path('C:\\models') / 'model.pkl').is_file()`, `true`},
	{"create", `open(r'C:\models\new.txt', 'w')`, `!Read-only file system`},
	{"another folder", `open(r'C:\secret\x.txt')`, `!PermissionError : [Errno 2] no grant of this server allows reading`},
	{"scratch", `open(r'C:\temp\x.csv', 'w').write('1')
return open(r'C:\temp\x.csv').read()`, `"1"`},
}

// TestFormats reads files of libraries, by paths of Windows as scripts have them.
func TestFormats(t *testing.T) {
	host, full := t.TempDir(), harness.Full(t)
	made, err := full.Evaluate(t.Context(), call(nil, makeModels, runtime.Limits{}))
	if err != nil {
		t.Fatal(err)
	}
	var files map[string]string
	if err := json.Unmarshal(made.Body, &files); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		b, err := base64.StdEncoding.DecodeString(content)
		if err != nil {
			t.Fatal(err)
		}
		testenv.WriteFile(t, filepath.Join(host, name), string(b))
	}
	grants := grantsOf(runtime.Grant{Folders: []runtime.GrantFolder{{Host: host, Guest: `C:\models`}}})
	for _, c := range formatCases {
		t.Run(c.name, func(t *testing.T) { expectIn(t, full, grants, c.script, c.want) })
	}
}
