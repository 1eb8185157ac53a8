/* caller.c: the Python function that called the running native code, for abort.cpp's message. */
#include "bridge.h"

const char *tabcell_caller(void);

/* Returns "NAME, line N of FILE" in UTF-8. It looks up the thread state, because native code may
 * have released the interpreter's lock. */
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
