/* caller.c: the Python function on whose behalf native code runs, for the message when that code gives up (abort.cpp). */
#include "bridge.h"

const char *tabcell_caller(void);

/* "NAME, line N of FILE", in UTF-8; the thread state is asked for, as native code may have let go of the interpreter's lock. */
const char *tabcell_caller(void) {
    static char text[300];
    PyThreadState *thread = PyGILState_GetThisThreadState();
    PyFrameObject *frame = thread ? PyThreadState_GetFrame(thread) : NULL;
    PyCodeObject *code = frame ? PyFrame_GetCode(frame) : NULL;
    const char *name = code ? PyUnicode_AsUTF8(code->co_qualname) : NULL;
    const char *file = code ? PyUnicode_AsUTF8(code->co_filename) : NULL;
    if (!name || !file) return "native code";
    snprintf(text, sizeof text, "%.100s, line %d of %.150s", name, PyFrame_GetLineNumber(frame), file);
    return text;
}
