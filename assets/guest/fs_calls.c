/* fs_calls.c: the functions of WASI preview 1 for open files. */
#include "fs_calls.h"
#include <string.h>

/* Only printed text reaches the host. */
__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_write"))) int32_t host_fd_write(int32_t fd, const __wasi_ciovec_t *v, int32_t n,
                                                                                                       uint32_t *done);

/* Reads at most len bytes of a file at a position. */
static int read_at(struct fs_file *f, uint64_t at, void *dst, size_t len, size_t *done) {
    *done = 0;
    if (f->type != FS_FILE) return 0; /* a device is at its end */
    if (f->node == FS_HOST) return fs_host_read(f, at, dst, len, done);
    if (f->node != FS_LIB) {
        *done = fs_read(fs_node(f->node), at, dst, len);
        return 0;
    }
    int e = fs_library_load(f);
    if (e || at >= f->size) return e;
    *done = len < f->size - at ? len : (size_t)(f->size - at);
    memcpy(dst, f->bytes + at, *done);
    return 0;
}

static int check_read(const struct fs_file *f) {
    if (!f) return __WASI_ERRNO_BADF;
    if (f->type == FS_FOLDER) return __WASI_ERRNO_ISDIR;
    return f->reads ? 0 : __WASI_ERRNO_BADF;
}

static int check_write(const struct fs_file *f) { return f && f->writes ? 0 : __WASI_ERRNO_BADF; }

static int read_vectors(struct fs_file *f, uint64_t at, const __wasi_iovec_t *v, int32_t n, uint32_t *total) {
    *total = 0;
    for (int32_t i = 0; i < n; i++) {
        size_t done;
        int e = read_at(f, at + *total, v[i].buf, v[i].buf_len, &done);
        if (e) return e;
        *total += (uint32_t)done;
        if (done < v[i].buf_len) break;
    }
    return 0;
}

static int write_vectors(struct fs_file *f, uint64_t at, const __wasi_ciovec_t *v, int32_t n, uint32_t *total) {
    *total = 0;
    for (int32_t i = 0; i < n; i++) {
        size_t done = v[i].buf_len; /* a device takes everything */
        int e = f->type == FS_FILE ? fs_write(fs_node(f->node), at + *total, v[i].buf, v[i].buf_len, &done) : 0;
        if (e) return *total ? 0 : e;
        *total += (uint32_t)done;
        if (done < v[i].buf_len) break;
    }
    if (f->type == FS_FILE) fs_touch(f->node);
    return 0;
}

SYSCALL(fd_read, int32_t fd, const __wasi_iovec_t *v, int32_t n, uint32_t *total) {
    struct fs_file *f = fs_get(fd);
    int e = check_read(f);
    if (!e) e = read_vectors(f, f->position, v, n, total);
    if (!e) f->position += *total;
    return e;
}

SYSCALL(fd_pread, int32_t fd, const __wasi_iovec_t *v, int32_t n, int64_t at, uint32_t *total) {
    struct fs_file *f = fs_get(fd);
    int e = check_read(f);
    if (!e && (f->stream >= 0)) e = __WASI_ERRNO_SPIPE;
    return e ? e : read_vectors(f, (uint64_t)at, v, n, total);
}

SYSCALL(fd_write, int32_t fd, const __wasi_ciovec_t *v, int32_t n, uint32_t *total) {
    struct fs_file *f = fs_get(fd);
    int e = check_write(f);
    if (e) return e;
    if (f->stream >= 0) return host_fd_write(f->stream, v, n, total);
    uint64_t at = f->appends ? fs_node(f->node)->size : f->position;
    e = write_vectors(f, at, v, n, total);
    if (!e && *total) f->position = at + *total; /* writing nothing does not move the position */
    return e;
}

SYSCALL(fd_pwrite, int32_t fd, const __wasi_ciovec_t *v, int32_t n, int64_t at, uint32_t *total) {
    struct fs_file *f = fs_get(fd);
    int e = check_write(f);
    if (!e && (f->stream >= 0)) e = __WASI_ERRNO_SPIPE;
    return e ? e : write_vectors(f, (uint64_t)at, v, n, total);
}

static uint64_t size_of(const struct fs_file *f) { return f->path ? f->size : fs_node(f->node)->size; }

SYSCALL(fd_seek, int32_t fd, int64_t offset, int32_t whence, uint64_t *position) {
    struct fs_file *f = fs_get(fd);
    if (!f) return __WASI_ERRNO_BADF;
    if (f->stream >= 0) return __WASI_ERRNO_SPIPE;
    if (f->type == FS_FOLDER) return __WASI_ERRNO_INVAL;
    int64_t base = whence == __WASI_WHENCE_CUR ? (int64_t)f->position : whence == __WASI_WHENCE_END ? (int64_t)size_of(f) : 0, sum;
    if (__builtin_add_overflow(base, offset, &sum) || sum < 0) return __WASI_ERRNO_INVAL;
    if (f->type == FS_FILE) f->position = (uint64_t)sum;
    *position = f->position;
    return 0;
}

SYSCALL(fd_tell, int32_t fd, uint64_t *position) { return SYSCALL_NAME(fd_seek)(fd, 0, __WASI_WHENCE_CUR, position); }

SYSCALL(fd_close, int32_t fd) { return fs_close(fd); }

SYSCALL(fd_renumber, int32_t from, int32_t to) {
    int e = fs_get(to) ? fs_dup2(from, to) : __WASI_ERRNO_BADF;
    return e || from == to ? e : fs_close(from);
}

static int set_size(int fd, uint64_t size, bool shorten) {
    struct fs_file *f = fs_get(fd);
    int e = check_write(f);
    if (!e && f->type != FS_FILE) e = __WASI_ERRNO_INVAL;
    if (e || (!shorten && size <= fs_node(f->node)->size)) return e;
    e = fs_resize(fs_node(f->node), size);
    if (!e) fs_touch(f->node);
    return e;
}

SYSCALL(fd_filestat_set_size, int32_t fd, int64_t size) { return size < 0 ? __WASI_ERRNO_INVAL : set_size(fd, (uint64_t)size, true); }

/* Extends a file; its blocks are taken when they are written. */
SYSCALL(fd_allocate, int32_t fd, int64_t offset, int64_t len) {
    int64_t size;
    if (offset < 0 || len <= 0) return __WASI_ERRNO_INVAL;
    return __builtin_add_overflow(offset, len, &size) ? __WASI_ERRNO_FBIG : set_size(fd, (uint64_t)size, false);
}

static int check_open(int fd) { return fs_get(fd) ? 0 : __WASI_ERRNO_BADF; }

SYSCALL(fd_advise, int32_t fd, int64_t offset, int64_t len, int32_t advice) { return check_open(fd); }
SYSCALL(fd_datasync, int32_t fd) { return check_open(fd); }
SYSCALL(fd_sync, int32_t fd) { return check_open(fd); }

#define WRITE_RIGHTS (__WASI_RIGHTS_FD_WRITE | __WASI_RIGHTS_FD_ALLOCATE | __WASI_RIGHTS_FD_FILESTAT_SET_SIZE)

/* A stream has no rights, by which the C library recognises a terminal. */
SYSCALL(fd_fdstat_get, int32_t fd, __wasi_fdstat_t *status) {
    const struct fs_file *f = fs_get(fd);
    if (!f) return __WASI_ERRNO_BADF;
    *status = (__wasi_fdstat_t){.fs_filetype = f->type, .fs_flags = f->appends ? __WASI_FDFLAGS_APPEND : 0};
    if (f->stream >= 0) return 0;
    status->fs_rights_base = status->fs_rights_inheriting = ~UINT64_C(0);
    if (!f->reads) status->fs_rights_base &= ~__WASI_RIGHTS_FD_READ;
    if (!f->writes) status->fs_rights_base &= ~WRITE_RIGHTS;
    return 0;
}

SYSCALL(fd_fdstat_set_flags, int32_t fd, int32_t flags) {
    struct fs_file *f = fs_get(fd);
    if (!f) return __WASI_ERRNO_BADF;
    if (f->stream >= 0) return __WASI_ERRNO_NOTSUP;
    f->appends = flags & __WASI_FDFLAGS_APPEND;
    return 0;
}
