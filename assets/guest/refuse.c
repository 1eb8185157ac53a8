/* refuse.c: system calls that do nothing in a cell.
 *
 * wasi-libc calls the host through functions named __imported_wasi_snapshot_preview1_*. The ones
 * that are defined here and in the files of fs.h are not imports of the module, so the host need
 * neither provide nor guard them (build/imports.txt lists the remaining imports). A cell has no
 * links, no environment and one thread. */
#include "fs_calls.h"

/* the error of a file system without links */
SYSCALL(path_link, int32_t fd, int32_t lookup, const char *path, uint32_t len, int32_t new_fd, const char *new_path, uint32_t new_len) {
    return __WASI_ERRNO_PERM;
}
SYSCALL(path_symlink, const char *path, uint32_t len, int32_t fd, const char *new_path, uint32_t new_len) { return __WASI_ERRNO_PERM; }

/* no file is a link */
SYSCALL(path_readlink, int32_t fd, const char *path, uint32_t len, uint8_t *dst, uint32_t size, uint32_t *used) {
    struct fs_place p;
    int e = fs_find(fd, path, len, &p);
    if (!e && p.node == FS_NONE) e = __WASI_ERRNO_NOENT;
    return e ? e : __WASI_ERRNO_INVAL;
}

SYSCALL(sched_yield, void) { return __WASI_ERRNO_SUCCESS; }
SYSCALL(environ_get, uint8_t **variables, uint8_t *text) { return __WASI_ERRNO_SUCCESS; }
SYSCALL(environ_sizes_get, uint32_t *count, uint32_t *size) { return *count = *size = 0; }
