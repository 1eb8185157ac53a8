/* fs_errors.c: texts of errors. The linker puts __wrap_strerror in place of the C library's
 * strerror (steps/70-link.sh). Where the texts of musl and glibc differ, scripts get glibc's, and
 * an error of a limit names it. */
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

char *__wrap_strerror(int e) {
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
