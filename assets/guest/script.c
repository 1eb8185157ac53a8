/* script.c: turns a script into a function through its syntax tree.
 *
 * TabPy puts a space before each line of the script, which changes triple-quoted strings and shifts
 * line numbers. Here the text is parsed unchanged, as a module (the parser accepts `return` outside
 * a function; only the compiler refuses it), and its statements become the body of a function,
 * `def _user_script(tabpy, _arg1, ...)`. Strings and line numbers are those of the script. */
#include "bridge.h"
#include "pycore_ast.h"
#include "pycore_compile.h"
#include "pycore_parser.h"
#include "pycore_pyarena.h"

static PyObject *own(PyArena *arena, PyObject *o) { return o && _PyArena_AddPyObject(arena, o) == 0 ? o : NULL; }

static arguments_ty parameters(PyObject *names, PyArena *arena) {
    Py_ssize_t n = PyList_GET_SIZE(names);
    asdl_arg_seq *args = _Py_asdl_arg_seq_new(n, arena);
    if (!args) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *name = own(arena, Py_NewRef(PyList_GET_ITEM(names, i)));
        arg_ty a = name ? _PyAST_arg(name, NULL, NULL, 1, 0, 1, 0, arena) : NULL;
        if (!a) return NULL;
        asdl_seq_SET(args, i, a);
    }
    return _PyAST_arguments(NULL, args, NULL, NULL, NULL, NULL, NULL, arena);
}

static void raise_indentation(const char *text, PyObject *filename, int line) {
    PyObject *args = Py_BuildValue("(s(OiiO))", text, filename, line, 1, Py_None);
    if (args) PyErr_SetObject(PyExc_IndentationError, args);
    Py_XDECREF(args);
}

/* Returns the statements of a script that is indented as a whole, parsed below `if True:`. */
static asdl_stmt_seq *unwrap_body(asdl_stmt_seq *body, PyObject *filename) {
    if (asdl_seq_LEN(body) == 1) return ((stmt_ty)asdl_seq_GET(body, 0))->v.If.body;
    raise_indentation("unindent does not match any outer indentation level", filename, ((stmt_ty)asdl_seq_GET(body, 1))->lineno);
    return NULL;
}

static mod_ty wrap(mod_ty script, PyObject *names, PyObject *filename, int unwrap, PyArena *arena) {
    asdl_stmt_seq *body = script->v.Module.body;
    if (unwrap && !(body = unwrap_body(body, filename))) return NULL;
    PyObject *name = own(arena, PyUnicode_InternFromString("_user_script"));
    arguments_ty args = parameters(names, arena);
    asdl_stmt_seq *module = _Py_asdl_stmt_seq_new(1, arena);
    if (!name || !args || !module) return NULL;
    stmt_ty first = asdl_seq_GET(body, 0), last = asdl_seq_GET(body, asdl_seq_LEN(body) - 1);
    stmt_ty f = _PyAST_FunctionDef(name, args, body, NULL, NULL, NULL, NULL, first->lineno, 0, last->end_lineno, last->end_col_offset, arena);
    if (!f) return NULL;
    asdl_seq_SET(module, 0, f);
    return _PyAST_Module(module, NULL, arena);
}

static PyObject *compile_in(const char *source, PyObject *names, PyObject *filename, int unwrap, PyArena *arena) {
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    flags.cf_flags = PyCF_SOURCE_IS_UTF8 | PyCF_IGNORE_COOKIE;
    mod_ty script = _PyParser_ASTFromString(source, filename, Py_file_input, &flags, arena);
    if (!script) return NULL;
    /* TabPy's message for a script of only blank lines and comments */
    if (asdl_seq_LEN(script->v.Module.body) == 0) {
        raise_indentation("expected an indented block after function definition on line 1", filename, 1);
        return NULL;
    }
    mod_ty module = wrap(script, names, filename, unwrap, arena);
    return module ? (PyObject *)_PyAST_Compile(module, filename, &flags, -1, arena) : NULL;
}

PyObject *tabcell_compile_script(const char *source, PyObject *names, int unwrap) {
    PyObject *filename = PyUnicode_FromString("<string>");
    PyArena *arena = filename ? _PyArena_New() : NULL;
    PyObject *code = arena ? compile_in(source, names, filename, unwrap, arena) : NULL;
    if (arena) _PyArena_Free(arena);
    Py_XDECREF(filename);
    return code;
}
