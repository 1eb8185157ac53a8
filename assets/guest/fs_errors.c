/* fs_errors.c: texts of errors. The linker puts __wrap_strerror in place of the C library's
 * strerror (steps/70-link.sh). Where the texts of musl and glibc differ, scripts get glibc's, and
 * an error of a limit names it. */
#include "bridge.h"
#include "fs.h"
#include <errno.h>

char *__real_strerror(int e);
char *__wrap_strerror(int e);

static bool entries; /* the last ENOSPC was about the number of files, not about memory */

/* Returns ENOSPC, and notes which limit was reached. */
int fs_full(bool of_entries) {
    entries = of_entries;
    return __WASI_ERRNO_NOSPC;
}

static char explanation[512]; /* the host's text for the error number explained */
static int explained;

/* Notes the host's text for an error that is about to be raised. */
void fs_explain(int e) {
    int32_t n = host_net_error(explanation, sizeof explanation - 1);
    explained = n > 0 ? e : 0;
    explanation[n > 0 ? n : 0] = 0;
}

/* Returns the explanation of an error once. */
static char *explain(int e) {
    if (!e || e != explained) return NULL;
    explained = 0;
    return explanation;
}

char *__wrap_strerror(int e) {
    char *text = explain(e);
    if (text) return text;
    switch (e) {
    case EMFILE: return "Too many open files";
    case ENAMETOOLONG: return "File name too long";
    case EXDEV: return "Invalid cross-device link";
    case ENOTSUP: return "Operation not supported";
    case ENOSPC:
        return entries ? "No space left on device (/tmp of a cell holds at most 1000 files and folders)"
                       : "No space left on device (/tmp is part of the memory of the cell, which TABCELL_MEMORY_LIMIT_MB limits)";
    default: return __real_strerror(e);
    }
}
