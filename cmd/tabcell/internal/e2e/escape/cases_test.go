package escape

import "strings"

// escape is an attack by a script, with the statuses that the response may have and a text that it
// must contain.
type escape struct {
	name, script string
	statuses     []int
	text         string
}

var (
	answered  = []int{200}
	failed    = []int{500}
	timedOut  = []int{408}
	contained = []int{408, 500} // depends on the limit that the script reaches first
)

var fileEscapes = []escape{
	{"open /etc/passwd", "return open('/etc/passwd').read()", failed, "PermissionError : [Errno 2] no grant of this server allows reading"},
	{"dots", "return open('/lib/../../../etc/passwd').read()", failed, "PermissionError : [Errno 2] no grant of this server allows reading"},
	{"relative", "return open('../../etc/passwd').read()", failed, "PermissionError : [Errno 2] no grant of this server allows reading"},
	{"proc", "return open('/proc/self/environ').read()", failed, "PermissionError : [Errno 2] no grant of this server allows reading"},
	{"os.open", "import os\nreturn os.open('/etc/passwd', os.O_RDONLY)", failed, "PermissionError : [Errno 2] no grant of this server allows reading"},
	{"list folders", "import os\nreturn [os.listdir('/'), os.listdir('/tmp/../tmp'), os.listdir('/dev')]", answered, `[["lib", "dev", "tmp"], [], ["null"]]`},
	{"folders of the host", "import os\nreturn [os.path.exists(p) for p in ('/etc', '/proc', '/usr', '/root', '/lib/../etc', '../../etc')]", answered, "[false, false, false, false, false, false]"},
	{"symlink", "import os\nos.symlink('/etc/passwd', '/lib/x')", failed, "Error"},
	{"write into the library", "open('/lib/json/__init__.py', 'w').write('x')", failed, "Read-only file system"},
	{"write beside it", "open('/etc', 'w').write('x')", failed, "Read-only file system"},
	{"close the root folder", "import os\nos.close(3)", failed, "Bad file descriptor"},
	{"replace the root folder", "import os\nos.dup2(os.open('/tmp', os.O_RDONLY), 3)", failed, "Bad file descriptor"},
	{"descriptors 3 to 1023", "import os\nfor fd in range(3, 1024):\n    try:\n        os.read(fd, 1)\n        return fd\n    except OSError:\n        pass\nreturn 'none'",
		answered, `"none"`},
	{"read standard input", "import os\nreturn [os.read(0, 10).decode(), input()]", failed, "EOFError"},
	{"sys.path", "import sys\nsys.path.insert(0, '/etc')\nimport passwd", failed, "ModuleNotFoundError"},
	{"environment", "import os\nreturn [n for n in os.environ if not n.startswith('KMP_')]", answered, "[]"}, // importing scikit-learn sets KMP_*
	{"ctypes", "import ctypes\nctypes.CDLL('libc.so.6').system(b'id')", failed, "OSError"},
	{"mmap", "import mmap\nmmap.mmap(-1, 4096)", failed, "Error"},
}

var outsideEscapes = []escape{
	{"socket", "import socket\nsocket.socket().connect(('127.0.0.1', 9004))", failed, "no grant of this server allows a connection to 127.0.0.1:9004"},
	{"name lookup", "import socket\nsocket.getaddrinfo('localhost', 80)", failed, "Error"},
	{"urllib", "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9004/info')", failed, "URLError"},
	{"http.client", "import http.client\nhttp.client.HTTPConnection('127.0.0.1', 9004).request('GET', '/')", failed, "no grant of this server allows a connection to 127.0.0.1:9004"},
	{"requests", "import requests\nrequests.get('http://127.0.0.1:9004/info')", failed, "ConnectionError"},
	{"os.system", "import os\nos.system('id')", failed, "OSError"},
	{"subprocess", "import subprocess\nsubprocess.run(['id'])", failed, "OSError"},
	{"fork", "import os\nos.fork()", failed, "processes are not available"},
	{"exec", "import os\nos.execv('/bin/sh', ['sh'])", failed, "OSError"},
	{"kill", "import os\nos.kill(1, 9)", failed, "OSError"},
	{"signal", "import signal\nsignal.alarm(1)", failed, "Error"},
	{"threads", "import threading\nthreading.Thread(target=print).start()", failed, "RuntimeError"},
	{"multiprocessing", "import multiprocessing\nmultiprocessing.Process(target=print).start()", failed, "Error"},
	{"asyncio", "import asyncio\nasyncio.run(asyncio.open_connection('127.0.0.1', 9004))", failed, "Error"},
	{"direct host calls", "import _tabcell\n_tabcell.reply(0, 'forged', None)\n_tabcell.reply(200, 'forged', None)\nreturn 'mine'", answered, `"mine"`},
	{"direct reads of the input", "import _tabcell\nreturn [len(_tabcell.input(i)) > 0 for i in (0, 1, 2, -1, 2**31 - 1)]", answered, "[true, true, false, false, false]"},
	{"direct reads of resources", "import _tabcell\nreturn [_tabcell.resource(n) for n in ('', '/etc/passwd', 'f:/etc/passwd', 'f:/lib/../x', 'm:' + 'x' * 10**6)]",
		answered, "[null, null, null, null, null]"},
	{"segmentation fault", "import faulthandler\nfaulthandler._sigsegv()", failed, "SystemError"},
	{"abort", "import os\nos.abort()", failed, "SystemError"},
	{"os._exit", "import os\nos._exit(0)", failed, "SystemExit"},
}

var timeEscapes = []escape{
	{"sleep(1e9)", "import time\ntime.sleep(1e9)", timedOut, "timed out"},
	{"sleep in a loop", "import time\nwhile True:\n    try:\n        time.sleep(10)\n    except BaseException:\n        pass", timedOut, "timed out"},
	{"while True", "while True: pass", timedOut, "timed out"},
	{"catch everything", "while True:\n    try:\n        while True: pass\n    except BaseException:\n        pass", timedOut, "timed out"},
	{"swallow once", "try:\n    while True: pass\nexcept BaseException:\n    return 'mine'", timedOut, "timed out"},
	{"9**9**9", "return 9**9**9", timedOut, "timed out"},
	{"int to str", "import sys\nsys.set_int_max_str_digits(0)\nreturn len(str(1 << 10**8))", contained, ""},
	{"regular expression", "import re\nreturn re.match(r'(a+)+b', 'a' * 60)", timedOut, "timed out"},
	{"evil __lt__", "class E:\n    def __lt__(self, other):\n        while True: pass\nreturn sorted([E(), E()])", timedOut, "timed out"},
	{"sum(range)", "return sum(range(10**12))", timedOut, "timed out"},
	{"bytes * n", "x = b'ab' * 10**7\nwhile True:\n    x.replace(b'a', b'bc')", timedOut, "timed out"},
	{"str.replace", "x = 'ab' * 10**7\nwhile True:\n    x.replace('a', 'bc')", timedOut, "timed out"},
	{"json.loads of a long list", "import json\nx = '[' + '1,' * 10**7 + '1]'\nwhile True:\n    json.loads(x)", contained, ""},
	{"matmul", "import numpy as np\na = np.ones((2000, 2000))\nwhile True:\n    a @ a", timedOut, "timed out"},
	{"numpy sort", "import numpy as np\nwhile True:\n    np.sort(np.random.rand(3 * 10**6))", timedOut, "timed out"},
	{"endless recursion", "def f():\n    try:\n        f()\n    finally:\n        f()\nf()", contained, ""},
	{"__del__ after return", "class E:\n    def __del__(self):\n        while True: pass\ne = E()\nreturn 1", timedOut, "timed out"},
	{"loop while serializing", "class E:\n    def _asdict(self):\n        while True: pass\nreturn E()", timedOut, "timed out"},
}

var memoryEscapes = []escape{
	{"bytearray(2**31)", "bytearray(2**31)", failed, "Error"},
	{"bytearray(2**30)", "bytearray(2**30)", failed, "MemoryError"},
	{"list(range(10**9))", "return list(range(10**9))", failed, "MemoryError"},
	{"exponential strings", "x = 'a'\nwhile True:\n    x += x", failed, "MemoryError"},
	{"growth to the cap", "x = []\nwhile True:\n    x.append('a' * 10**6)", contained, ""},
	{"many small objects", "x = []\nwhile True:\n    x.append([])", contained, ""},
	{"numpy", "import numpy as np\nnp.ones(10**9)", failed, "Error"},
	{"catch MemoryError", "x = []\nwhile True:\n    try:\n        x.append(bytearray(10**7))\n    except MemoryError:\n        return len(x)", answered, ""},
	{"fill /tmp", "with open('x', 'wb') as f:\n    while True:\n        f.write(b'x' * 10**6)", failed, "No space left on device"},
	{"fill /tmp with small files", "i = 0\nwhile True:\n    i += 1\n    open(str(i), 'w').close()", failed, "1000 files"},
	{"recursion", "def f(n):\n    return f(n + 1)\nreturn f(0)", failed, "RecursionError"},
	{"recursion without limit", "import sys\nsys.setrecursionlimit(10**9)\ndef f(n):\n    return f(n + 1)\nreturn f(0)", contained, ""},
	{"recursion in C", "import sys\nsys.setrecursionlimit(10**9)\nclass E:\n    def __repr__(self):\n        return repr(self)\nreturn repr(E())", contained, ""},
	{"deep repr", "x = []\nfor i in range(10**5):\n    x = [x]\nreturn repr(x)", failed, "RecursionError"},
	{"deep pickle", "import pickle\nx = []\nfor i in range(10**5):\n    x = [x]\nreturn len(pickle.dumps(x))", failed, "RecursionError"},
	{"deep json", "import json\nreturn json.loads('[' * 10**5)", failed, "RecursionError"},
	{"deep compile", "return eval('(' * 10**5 + ')' * 10**5)", failed, "Error"},
	{"deep ast", "import ast\nreturn ast.literal_eval('-' * 10**5 + '1')", failed, "Error"},
	{"deep comparison", "a, b = [], []\nfor i in range(10**5):\n    a, b = [a], [b]\nreturn a == b", failed, "RecursionError"},
	{"deep deallocation", "x = None\nfor i in range(10**6):\n    x = (x,)\ndel x\nreturn 1", answered, "1"},
	{"script of 10 MB", "x = 0\n" + strings.Repeat("x += 1\n", 1_500_000) + "return x", contained, ""},
	{"10^6 arguments", "return max(" + strings.Repeat("1,", 1_000_000) + "2)", []int{200, 408, 500}, ""},
}

var outputEscapes = []escape{
	{"print flood", "while True:\n    print('x' * 1000)", timedOut, "timed out"},
	{"large result", "return 'x' * (20 << 20)", failed, "limit of 8 MB"},
	{"deep result", "x = []\nfor i in range(10**5):\n    x = [x]\nreturn x", failed, "RecursionError"},
	{"NaN and inf", "return [float('nan'), float('inf'), {float('nan'): 1}]", answered, `[null, null, {"null": 1}]`},
	{"lone surrogate", `return '\ud800'`, answered, `"\ud800"`},
	{"bytes", "return b'\\xff'", failed, "UnicodeDecodeError"},
	{"cycle", "x = []\nx.append(x)\nreturn x", failed, "Circular reference"},
	{"large cycle", "x = ['y' * 10**5]\nx.append(x)\nreturn x", failed, ""},
	{"cycle through _asdict", "class E:\n    def _asdict(self):\n        return {'a': self}\nreturn E()", failed, ""},
	{"keys that are not strings", "return {(1, 2): 3}", failed, "keys must be str"},
	{"list that changes", "x = [1, 2]\nclass E:\n    def _asdict(self):\n        x.clear()\n        return {}\nx.insert(0, E())\nreturn x", []int{200, 500}, ""},
	{"dict that changes", "x = {}\nclass E:\n    def _asdict(self):\n        x.clear()\n        return {}\nx.update({i: E() for i in range(9)})\nreturn x", []int{200, 500}, ""},
	{"atexit", "import atexit\natexit.register(lambda: print('later'))\nreturn 1", answered, "1"},
	{"evil __str__", "class E(Exception):\n    def __str__(self):\n        raise RuntimeError\nraise E", failed, "E : "},
	{"evil class name", "E = type('</script>\\r\\nX: y', (Exception,), {})\nraise E", failed, `\r\n`},
	{"evil metaclass", "class M(type):\n    @property\n    def __name__(cls):\n        raise RuntimeError\nclass E(Exception, metaclass=M): pass\nraise E", failed, "E : "},
	{"huge exception text", "raise Exception('x' * 10**8)", contained, ""},
	{"cyclic exception chain", "a, b = Exception('a'), Exception('b')\na.__cause__, b.__cause__ = b, a\nraise a", failed, "Exception : a"},
	{"SystemExit", "raise SystemExit(3)", failed, "SystemExit : 3"},
	{"KeyboardInterrupt", "raise KeyboardInterrupt", failed, "KeyboardInterrupt"},
	{"GeneratorExit", "raise GeneratorExit", failed, "GeneratorExit"},
	{"closed streams", "import sys\nsys.stdout.close()\nsys.stderr.close()\nreturn 1", answered, "1"},
	{"replaced streams", "import sys\nsys.stdout = sys.__stdout__ = None\nprint('x')\nreturn 1", answered, "1"},
}

// stateEscapes change state that would survive in an interpreter shared by several scripts.
var stateEscapes = []escape{
	{"builtins", "import builtins\nbuiltins.len = lambda x: 42\nbuiltins.sneaky = 1\nreturn len([])", answered, "42"},
	{"module attributes", "import json, math\njson.dumps = None\nmath.pi = 3\nreturn math.pi", answered, "3"},
	{"sys.modules", "import sys\nsys.modules['json'] = None\nsys.modules['sneaky'] = sys\nsys.meta_path.clear()\nreturn 1", answered, "1"},
	{"globals", "global sneaky\nsneaky = 1\nreturn globals()['sneaky']", answered, "1"},
	{"decimal context", "import decimal\ndecimal.getcontext().prec = 2\ndecimal.DefaultContext.prec = 2\nreturn 1", answered, "1"},
	{"warning filters", "import warnings\nwarnings.simplefilter('error')\nreturn 1", answered, "1"},
	{"locale and recursion limit", "import sys, locale\nsys.setrecursionlimit(50)\nreturn 1", answered, "1"},
	{"numpy options", "import numpy as np\nnp.set_printoptions(precision=1)\nnp.seterr(all='raise')\nnp.random.seed(1)\nreturn 1", answered, "1"},
	{"pandas options", "import pandas as pd\npd.set_option('display.max_rows', 3)\npd.DataFrame.sum = None\nreturn 1", answered, "1"},
	{"random state", "import random\nrandom.seed(1)\nrandom.random = lambda: 4\nreturn 1", answered, "1"},
	{"the bridge itself", "import tabcell_guest.evaluate as e, tabcell_guest.convert as c\ne.run = c.convert = None\nreturn 1", answered, "1"},
	{"open", "import builtins, io\nbuiltins.open = io.open = None\nreturn 1", answered, "1"},
	{"types", "import datetime, decimal, fractions\nfractions.Fraction.__add__ = None\nreturn 1", answered, "1"},
	{"collector", "import gc\ngc.disable()\ngc.set_threshold(1)\ngc.callbacks.append(print)\nreturn 1", answered, "1"},
	{"hooks", "import sys\nsys.excepthook = sys.settrace = sys.setprofile = None\nsys.setswitchinterval(9)\nreturn 1", answered, "1"},
	{"environment", "import os\nos.environ['SNEAKY'] = '1'\nreturn 1", answered, "1"},
	{"files", "import os\nopen('left', 'w').write('x' * 10**6)\nkept = [open('left') for i in range(99)]\nos.dup2(kept[0].fileno(), 1)\nos.chdir('/lib')\nreturn 1", answered, "1"},
}
