/* fuzz.c: a libFuzzer harness for the reader of Arrow IPC streams (guest/arrow_*.c).
 *
 * It runs in an embedded native CPython. With ARROW_FUZZ=full the stream also passes through the
 * Python half, from table_read to table_write, which needs numpy and pandas in PYTHONPATH.
 * Otherwise only the C half runs, at many times the speed. check.sh builds and runs it. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

PyObject *tabcell_arrow_module(void);

static PyObject *try_stream;

/* The driver of the C half: reads the stream, and then every array as strings, bytes and views of
 * both widths, whatever its type is. */
static const char core[] =
    "import _arrow, ctypes\n"
    "_arrow.set_error(ValueError)\n"
    "def arrays(item):\n"
    "    for a in item:\n"
    "        yield a\n"
    "        yield from arrays(a[4])\n"
    "def texts(view, a):\n"
    "    n, parts = min(a[0], 4096), [view[at:at + size] for at, size in a[2]]\n"
    "    mask = bytearray(i % 3 == 0 for i in range(n)) if a[1] else None\n"
    "    for text in (True, False):\n"
    "        for call in (lambda o: _arrow.texts(o, mask, None, text, parts[1], 4, parts[2]),\n"
    "                     lambda o: _arrow.texts(o, mask, None, text, parts[1], 8, parts[2]),\n"
    "                     lambda o: _arrow.views(o, mask, None, text, parts[1], [view[p:p + s] for p, s in a[3]])):\n"
    "            out = (ctypes.py_object * n)()\n"
    "            try:\n"
    "                call(out)\n"
    "                _arrow.encode(out, mask, text, False)\n"
    "                _arrow.encode(out, mask, text, True)\n"
    "            except (ValueError, IndexError, TypeError):\n"
    "                pass\n"
    "    for width in (4, 8):\n"
    "        try:\n"
    "            _arrow.check(parts[1], width, parts[2], n)\n"
    "            _arrow.rebase(parts[1], width, n // 3, n)\n"
    "        except (ValueError, IndexError):\n"
    "            pass\n"
    "def try_stream(data):\n"
    "    try:\n"
    "        items = _arrow.read(data)[2]\n"
    "    except (ValueError, MemoryError):\n"
    "        return\n"
    "    for item in items:\n"
    "        for a in arrays(item[2] if item[0] is None else [item[2]]):\n"
    "            texts(memoryview(data), a)\n";

/* The driver of both halves. It does not catch errors that do not describe the stream, because they
 * are defects. */
static const char full[] =
    "import resource, warnings\n"
    "warnings.simplefilter('ignore')\n"
    "from tabcell_guest import table_read, table_write\n"
    "from tabcell_guest.table_errors import ArrowException\n"
    "def try_stream(data):\n"
    "    try:\n"
    "        frame = table_read.read(data)\n"
    "    except (ArrowException, ValueError, MemoryError):\n"
    "        return\n"
    "    if len(frame) < 10000:\n"
    "        try:\n"
    "            table_write.write(frame, len)\n"
    "        except (ArrowException, ValueError, TypeError, OverflowError, MemoryError):\n"
    "            pass\n";

static PyObject *module(void) { return tabcell_arrow_module(); }

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    const char *mode = getenv("ARROW_FUZZ");
    PyImport_AppendInittab("_arrow", module);
    Py_Initialize();
    PyObject *names = PyDict_New();
    PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins());
    PyObject *r = PyRun_String(mode && !strcmp(mode, "full") ? full : core, Py_file_input, names, names);
    try_stream = PyDict_GetItemString(names, "try_stream");
    if (r && try_stream) return 0;
    PyErr_Print();
    exit(1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    PyObject *stream = PyByteArray_FromStringAndSize((const char *)data, (Py_ssize_t)size);
    PyObject *r = stream ? PyObject_CallOneArg(try_stream, stream) : NULL;
    if (!r) {
        PyErr_Print();
        abort();
    }
    Py_DECREF(r);
    Py_DECREF(stream);
    return 0;
}
