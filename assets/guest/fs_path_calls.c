/* fs_path_calls.c: the functions of WASI preview 1 for paths and folders. */
#include "fs_calls.h"
#include <string.h>

enum { ROOT = 3, CREATE = __WASI_OFLAGS_CREAT, EXCLUSIVE = __WASI_OFLAGS_EXCL, TRUNCATE = __WASI_OFLAGS_TRUNC, ONLY_FOLDER = __WASI_OFLAGS_DIRECTORY };

/* The C library asks which folders it may open: the root. */
SYSCALL(fd_prestat_get, int32_t fd, __wasi_prestat_t *status) {
    if (fd != ROOT) return __WASI_ERRNO_BADF;
    *status = (__wasi_prestat_t){.tag = __WASI_PREOPENTYPE_DIR, .u.dir.pr_name_len = 1};
    return 0;
}

SYSCALL(fd_prestat_dir_name, int32_t fd, uint8_t *name, uint32_t len) {
    if (fd != ROOT) return __WASI_ERRNO_BADF;
    if (len < 1) return __WASI_ERRNO_NAMETOOLONG;
    *name = '/';
    return 0;
}

/* Checks whether an existing file can be opened. */
static int check_open(const struct fs_place *p, int32_t how, bool writes) {
    if ((how & CREATE) && p->slash && p->name) return __WASI_ERRNO_ISDIR;
    if ((how & CREATE) && (how & EXCLUSIVE)) return __WASI_ERRNO_EXIST;
    if (p->type != FS_FOLDER && (how & ONLY_FOLDER)) return __WASI_ERRNO_NOTDIR;
    if (p->type == FS_FOLDER && (writes || (how & (CREATE | TRUNCATE)))) return __WASI_ERRNO_ISDIR;
    return (p->node == FS_LIB || p->node == FS_HOST) && (writes || (how & TRUNCATE)) ? __WASI_ERRNO_ROFS : 0;
}

static int create_file(struct fs_place *p, int32_t how) {
    int node, e;
    if (!(how & CREATE)) return fs_host_missing(p);
    if (p->slash) return __WASI_ERRNO_ISDIR;
    if ((e = fs_create(p, FS_FILE, &node))) return e;
    p->node = (uint16_t)node, p->type = FS_FILE;
    return 0;
}

SYSCALL(path_open, int32_t fd, int32_t lookup, const char *path, uint32_t len, int32_t how, int64_t rights, int64_t inheriting, int32_t flags,
        int32_t *opened) {
    struct fs_place p;
    struct fs_file *f;
    bool writes = rights & __WASI_RIGHTS_FD_WRITE;
    int e = fs_find(fd, path, len, &p);
    if (!e) e = p.node == FS_NONE ? create_file(&p, how) : check_open(&p, how, writes);
    if (!e) e = fs_open(&p, opened, &f);
    if (e) return e;
    f->reads = rights & __WASI_RIGHTS_FD_READ;
    f->writes = writes, f->appends = flags & __WASI_FDFLAGS_APPEND;
    if (!(how & TRUNCATE) || p.type != FS_FILE || !fs_node(p.node)->size) return 0;
    fs_touch(p.node);
    return fs_resize(fs_node(p.node), 0);
}

SYSCALL(path_create_directory, int32_t fd, const char *path, uint32_t len) {
    struct fs_place p;
    int node, e = fs_find(fd, path, len, &p);
    if (e) return e;
    return p.node == FS_NONE ? fs_create(&p, FS_FOLDER, &node) : __WASI_ERRNO_EXIST;
}

static int check_remove(int e, const struct fs_place *p) {
    if (e) return e;
    if (p->node == FS_NONE) return __WASI_ERRNO_NOENT;
    return p->name ? 0 : __WASI_ERRNO_INVAL; /* the path ends in "." or ".." */
}

SYSCALL(path_remove_directory, int32_t fd, const char *path, uint32_t len) {
    struct fs_place p;
    int e = check_remove(fs_find(fd, path, len, &p), &p);
    if (!e && p.type != FS_FOLDER) e = __WASI_ERRNO_NOTDIR;
    return e ? e : fs_remove(p.node);
}

SYSCALL(path_unlink_file, int32_t fd, const char *path, uint32_t len) {
    struct fs_place p;
    int e = check_remove(fs_find(fd, path, len, &p), &p);
    if (!e && p.type == FS_FOLDER) e = __WASI_ERRNO_ISDIR;
    return e ? e : fs_remove(p.node);
}

SYSCALL(path_rename, int32_t fd, const char *path, uint32_t len, int32_t to_fd, const char *to_path, uint32_t to_len) {
    struct fs_place from, to;
    int e = fs_find(fd, path, len, &from);
    if (!e && from.node == FS_NONE) e = __WASI_ERRNO_NOENT;
    if (!e && !from.name) e = __WASI_ERRNO_BUSY;
    if (!e) e = fs_find(to_fd, to_path, to_len, &to);
    return e ? e : fs_rename(from.node, &to);
}

/* Sets the times that the flags name. */
static int set_times(int node, uint64_t accessed, uint64_t modified, int32_t flags) {
    if (node < FS_FIRST && node != FS_TMP) return __WASI_ERRNO_ROFS;
    struct fs_node *n = fs_node(node), old = *n;
    fs_touch(node);
    if (flags & __WASI_FSTFLAGS_ATIM) n->accessed = accessed;
    if (flags & __WASI_FSTFLAGS_MTIM) n->modified = modified;
    if (!(flags & (__WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_ATIM_NOW))) n->accessed = old.accessed;
    if (!(flags & (__WASI_FSTFLAGS_MTIM | __WASI_FSTFLAGS_MTIM_NOW))) n->modified = old.modified;
    return 0;
}

SYSCALL(fd_filestat_set_times, int32_t fd, int64_t accessed, int64_t modified, int32_t flags) {
    const struct fs_file *f = fs_get(fd);
    return f ? set_times(f->node, (uint64_t)accessed, (uint64_t)modified, flags) : __WASI_ERRNO_BADF;
}

SYSCALL(path_filestat_set_times, int32_t fd, int32_t lookup, const char *path, uint32_t len, int64_t accessed, int64_t modified, int32_t flags) {
    struct fs_place p;
    int e = fs_find(fd, path, len, &p);
    if (!e && p.node == FS_NONE) e = __WASI_ERRNO_NOENT;
    return e ? e : set_times(p.node, (uint64_t)accessed, (uint64_t)modified, flags);
}
