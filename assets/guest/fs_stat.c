/* fs_stat.c: stat, fstat and access of the C library, which replace its own. WASI's have no
 * permissions, so that a file's mode would be 0, and every file would seem writable. */
#include "fs.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The time of files that have none: of the library, and of /tmp before anything is written. It is
 * 2026-01-01, the build's time, since zip archives cannot have times before 1980. */
#define BUILD_TIME (UINT64_C(1767225600) * 1000000000)

enum { HOST_DEVICE = 3 }; /* st_dev of the host's files; lib/mmap.py repeats it */

int __wasilibc_nocwd_fstatat(int fd, const char *path, struct stat *st, int flags);
int __wasilibc_nocwd_faccessat(int fd, const char *path, int mode, int flags);

static uint64_t hash(uint64_t h, const char *text, size_t len) { /* FNV-1a */
    while (len--) h = (h ^ (uint8_t)*text++) * UINT64_C(0x100000001b3);
    return h;
}

static uint64_t hash_path(const char *resource, size_t len) { return hash(UINT64_C(0xcbf29ce484222325), resource + 2, len - 2); }

/* The numbers of files: small ones in the tree; hashes of the paths, with the highest bit set, in
 * the library. None is 0. */
uint64_t fs_id(int node) { return (uint64_t)node + 1; }
uint64_t fs_library_id(const char *resource, size_t len) { return hash_path(resource, len) | UINT64_C(1) << 63; }
uint64_t fs_entry_id(const char *folder, size_t folder_len, const char *name, size_t len) {
    return hash(hash(hash_path(folder, folder_len), "/", 1), name, len) | UINT64_C(1) << 63;
}

static bool writable(int node) { return node == FS_NULL || node >= FS_TMP; }

static mode_t mode_of(int node, uint8_t type) {
    if (type == FS_DEVICE) return S_IFCHR | 0666;
    if (node == FS_TMP) return S_IFDIR | 01777;
    return type == FS_FOLDER ? S_IFDIR | (writable(node) ? 0755 : 0555) : S_IFREG | (writable(node) ? 0644 : 0444);
}

static struct timespec time_of(uint64_t ns) {
    if (!ns) ns = BUILD_TIME;
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
}

static void fill(struct stat *st, int node, uint8_t type, uint64_t id, uint64_t size) {
    const struct fs_node *n = fs_node(node);
    memset(st, 0, sizeof *st);
    st->st_dev = writable(node) ? 2 : 1;
    st->st_ino = id;
    st->st_mode = mode_of(node, type);
    st->st_nlink = !n->linked ? 0 : type == FS_FOLDER ? 2 : 1;
    st->st_size = type == FS_FOLDER ? 4096 : (off_t)size;
    st->st_blksize = 4096;
    st->st_blocks = (st->st_size + 511) / 512;
    st->st_atim = time_of(n->accessed);
    st->st_mtim = st->st_ctim = time_of(n->modified);
}

/* Fills in what a path has, which lies in the library or the host. */
static void fill_path(struct stat *st, int node, uint8_t type, const char *path, size_t len, uint64_t size, uint64_t modified) {
    fill(st, node, type, fs_library_id(path, len), size);
    if (node != FS_HOST) return;
    st->st_dev = HOST_DEVICE;
    st->st_atim = st->st_mtim = st->st_ctim = time_of(modified);
}

static int fail(int e) {
    errno = e;
    return -1;
}

int fstat(int fd, struct stat *st) {
    const struct fs_file *f = fs_get(fd);
    if (!f) return fail(EBADF);
    if (f->path) fill_path(st, f->node, f->type, f->path, f->path_len, f->size, f->modified);
    else fill(st, f->node, f->type, fs_id(f->node), fs_node(f->node)->size);
    return 0;
}

static int find(int fd, const char *path, struct fs_place *p) {
    int e = fs_find(fd, path, strlen(path), p);
    if (!e && p->node == FS_NONE) e = p->denied ? fs_host_missing(p) : ENOENT;
    return e;
}

int __wasilibc_nocwd_fstatat(int fd, const char *path, struct stat *st, int flags) {
    struct fs_place p;
    int e = find(fd, path, &p);
    if (e) return fail(e);
    if (p.node == FS_LIB || p.node == FS_HOST) fill_path(st, p.node, p.type, p.path, p.path_len, p.size, p.modified);
    else fill(st, p.node, p.type, fs_id(p.node), fs_node(p.node)->size);
    return 0;
}

int __wasilibc_nocwd_faccessat(int fd, const char *path, int mode, int flags) {
    struct fs_place p;
    int e = find(fd, path, &p);
    if (e) return fail(e);
    if ((mode & W_OK) && !writable(p.node)) return fail(EROFS);
    return (mode & X_OK) && p.type != FS_FOLDER ? fail(EACCES) : 0;
}
