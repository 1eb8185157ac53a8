package grants

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// folderCases are scripts that read the folder at ROOT.
var folderCases = []struct{ name, script, want string }{
	{"read", `return [open('ROOT/a.txt').read(), open('ROOT/sub/b.txt', 'rb').read().decode()]`, `["alpha\nbeta\n", "b"]`},
	{"seek", `f = open('ROOT/a.txt', 'rb')
out = [f.seek(0, 2), f.seek(6), f.read(2).decode(), f.tell(), f.seek(-3, 2), f.read().decode()]
return out + [f.read().decode()]`, `[11, 6, "be", 8, 8, "ta\n", ""]`},
	{"lines", `return [l.strip() for l in open('ROOT/a.txt')]`, `["alpha", "beta"]`},
	{"stat", `import os
s = os.stat('ROOT/a.txt')
return [s.st_size, oct(s.st_mode), s.st_mtime > 1e9, os.path.isfile('ROOT/a.txt'), os.path.isdir('ROOT/sub'), os.path.exists('ROOT/none'),
        os.access('ROOT/a.txt', os.R_OK), os.access('ROOT/a.txt', os.W_OK)]`, `[11, "0o100444", true, true, true, false, true, false]`},
	{"listdir", `import os
return [os.listdir('ROOT'), os.listdir('ROOT/sub/'), [(e.name, e.is_dir()) for e in os.scandir('ROOT')][:1]]`,
		`[["a.txt", "big.bin", "m.pkl", "sub", "t.csv", "x.npy"], ["b.txt"], [["a.txt", false]]]`},
	{"walk", `import glob, os, pathlib
top = 'ROOT'
return [[(d[len(top):], n) for d, _, n in os.walk(top)][1], sorted(p.name for p in pathlib.Path(top).rglob('*.txt')), len(glob.glob(top + '/*.*'))]`,
		`[["/sub", ["b.txt"]], ["a.txt", "b.txt"], 5]`},
	{"chdir", `import os
os.chdir('ROOT/sub')
return [open('b.txt').read(), open('../a.txt').readline(), os.path.relpath('ROOT/a.txt'), os.getcwd() == 'ROOT/sub']`, `["b", "alpha\n", "../a.txt", true]`},
	{"copy", `import shutil
return open(shutil.copy('ROOT/a.txt', '/tmp/copy.txt'), 'a').write('x') and open('/tmp/copy.txt').read()`, `"alpha\nbeta\nx"`},
	{"large", `import hashlib
f = open('ROOT/big.bin', 'rb')
n = f.seek(0, 2)
f.seek(3_000_001)
return [n, f.read(4).hex(), hashlib.file_digest(open('ROOT/big.bin', 'rb'), 'sha256').hexdigest()[:8]]`, `[5000000, "c1c2c3c4", "BIG"]`},
	{"pandas", `import pandas as pd
return pd.read_csv('ROOT/t.csv')['n'].sum()`, `6`},
	{"pickle", `import pickle
return pickle.load(open('ROOT/m.pkl', 'rb'))`, `{"a": [1, 2]}`},
	{"numpy", `import numpy as np
return np.load('ROOT/x.npy').tolist()`, `[1.0, 2.0]`},
	{"mmap", `import mmap
f = open('ROOT/a.txt', 'rb')
mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)`, `!a file of a grant cannot be mapped`},
	{"numpy mmap", `import numpy as np
np.load('ROOT/x.npy', mmap_mode='r')`, `!a file of a grant cannot be mapped`},
	{"write", `open('ROOT/a.txt', 'w')`, `!Read-only file system`},
	{"append", `open('ROOT/a.txt', 'a')`, `!Read-only file system`},
	{"update", `open('ROOT/a.txt', 'r+b')`, `!Read-only file system`},
	{"create", `open('ROOT/new.txt', 'x')`, `!Read-only file system`},
	{"mkdir", `import os
os.mkdir('ROOT/new')`, `!Read-only file system`},
	{"remove", `import os
os.remove('ROOT/a.txt')`, `!Read-only file system`},
	{"rename", `import os
os.rename('ROOT/a.txt', '/tmp/a')`, `!Read-only file system`},
	{"rename into", `import os
open('/tmp/a', 'w')
os.rename('/tmp/a', 'ROOT/c.txt')`, `!Read-only file system`},
	{"utime", `import os
os.utime('ROOT/a.txt')`, `!Read-only file system`},
	{"missing", `open('ROOT/none.txt')`, `!FileNotFoundError : [Errno 44] No such file or directory: 'ROOT/none.txt'`},
	{"folder as file", `open('ROOT/sub')`, `!IsADirectoryError`},
	{"file as folder", `import os
os.listdir('ROOT/a.txt')`, `!NotADirectoryError`},
	{"outside", `open('ROOT/../../etc/secret')`, `!PermissionError : [Errno 2] no grant of this server allows reading`},
	{"above", `import os
return sorted(set(os.listdir(os.path.dirname('ROOT'))) - {'lib', 'dev', 'tmp'}) == [os.path.basename('ROOT')]`, `true`},
	{"import", `import sys
sys.path.insert(0, 'ROOT/sub')
import b`, `!ModuleNotFoundError`},
}

// TestFolder reads a folder at the path of the host, and at another path.
func TestFolder(t *testing.T) {
	host, err := os.MkdirTemp(testenv.CacheDir(), "folder") // not in /tmp, which is the cell's
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(host) })
	digest := writeFolder(t, host)
	for _, guest := range []string{host, "/models", "/srv/data/models"} {
		t.Run(guest, func(t *testing.T) {
			grants := grantsOf(runtime.Grant{Folders: []runtime.GrantFolder{{Host: host, Guest: guest}}})
			fill := strings.NewReplacer("ROOT", guest, "BIG", digest)
			for _, c := range folderCases {
				t.Run(c.name, func(t *testing.T) { expect(t, grants, fill.Replace(c.script), fill.Replace(c.want)) })
			}
		})
	}
}

// writeFolder writes the files of folderCases and returns the digest of big.bin.
func writeFolder(t *testing.T, dir string) (digest string) {
	t.Helper()
	big := make([]byte, 5_000_000)
	for i := range big {
		big[i] = byte(i)
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	head := "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }"
	head += strings.Repeat(" ", 117-len(head)) + "\n"
	array := binary.LittleEndian.AppendUint64(nil, math.Float64bits(1))
	array = binary.LittleEndian.AppendUint64(array, math.Float64bits(2))
	for name, content := range map[string]string{
		"a.txt": "alpha\nbeta\n", "sub/b.txt": "b", "t.csv": "n,s\n1,a\n2,b\n3,c\n", "big.bin": string(big),
		"m.pkl": "\x80\x02}q\x00X\x01\x00\x00\x00aq\x01]q\x02(K\x01K\x02es.",
		"x.npy": "\x93NUMPY\x01\x00v\x00" + head + string(array),
	} {
		testenv.WriteFile(t, filepath.Join(dir, name), content)
	}
	return fmt.Sprintf("%x", sha256.Sum256(big))[:8]
}
