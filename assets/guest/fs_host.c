/* fs_host.c: the folders of the host that a grant allows to read. A path outside the cell's own
 * folders is the host's; its fs_place and fs_file have it after the letters "h:". The host checks
 * it, and without a grant it has no files. */
#include "bridge.h"
#include "fs.h"
#include <string.h>

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* Reports whether a path begins with a drive, as in C:\ or C:/. */
bool fs_is_drive(const char *path, size_t len) { return len > 2 && is_letter(path[0]) && path[1] == ':' && (path[2] == '\\' || path[2] == '/'); }

/* Returns the path as the host expects it: that of Windows begins with the drive or two
 * backslashes, without the slash of the root. */
static const char *host_path(const char *path, size_t *len) {
    path += 2, *len -= 2;
    if (*len > 1 && (path[1] == '\\' || fs_is_drive(path + 1, *len - 1))) path++, *len -= 1;
    return path;
}

static int error_of(int32_t code) {
    static const struct { int32_t code; int error; } errors[] = {
        {HOST_DENIED, __WASI_ERRNO_ACCES},          {HOST_HANDLE, __WASI_ERRNO_BADF},      {HOST_INVALID, __WASI_ERRNO_INVAL},
        {HOST_INTERRUPTED, __WASI_ERRNO_INTR},      {HOST_NOT_FOUND, __WASI_ERRNO_NOENT},  {HOST_LIMIT, __WASI_ERRNO_MFILE},
        {HOST_NOT_FOLDER, __WASI_ERRNO_NOTDIR},     {HOST_IS_FOLDER, __WASI_ERRNO_ISDIR},
    };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].code == -code) return errors[i].error;
    return __WASI_ERRNO_IO;
}

/* Returns the error for a result of the host, and notes its text if there is one to be shown. */
static int check(int32_t code) {
    if (code >= 0) return 0;
    int e = error_of(code);
    if (e == __WASI_ERRNO_ACCES || e == __WASI_ERRNO_MFILE || e == __WASI_ERRNO_IO) fs_explain(e);
    return e;
}

/* Completes a place at a path of the host. A name that does not exist is no error. */
int fs_host_stat(struct fs_place *p) {
    struct { uint32_t kind, zero; uint64_t size; int64_t modified; uint64_t id; } found;
    size_t len = p->path_len;
    const char *path = host_path(p->path, &len);
    int32_t code = host_stat(path, (int32_t)len, &found, sizeof found);
    if (code == -HOST_NOT_FOUND || code == -HOST_DENIED) {
        p->node = FS_NONE, p->type = FS_UNKNOWN, p->denied = code == -HOST_DENIED;
        return 0;
    }
    p->type = found.kind == FILE_FOLDER ? FS_FOLDER : FS_FILE;
    p->size = found.size, p->modified = found.modified > 0 ? (uint64_t)found.modified : 0;
    return check(code);
}

/* Returns the error for a path of the host that does not exist, or that no grant allows. */
int fs_host_missing(const struct fs_place *p) {
    if (p->parent != FS_HOST && !(p->name && fs_is_drive(p->name, p->name_len))) return __WASI_ERRNO_NOENT;
    size_t len = p->path_len;
    const char *path = p->parent == FS_HOST ? host_path(p->path, &len) : (len = p->name_len, p->name);
    int32_t code = host_open(path, (int32_t)len);
    if (code > 0) (void)host_close(code); /* it exists by now */
    return code < 0 ? check(code) : __WASI_ERRNO_NOENT;
}

static int open_file(struct fs_file *f) {
    size_t len = f->path_len;
    const char *path = host_path(f->path, &len);
    int32_t handle = host_open(path, (int32_t)len);
    f->handle = handle > 0 ? handle : 0;
    return check(handle);
}

/* Opens the file of the host. */
int fs_host_open(struct fs_file *f) { return f->type == FS_FILE ? open_file(f) : 0; }

void fs_host_close(struct fs_file *f) {
    if (f->handle) (void)host_close(f->handle);
}

static int32_t read_file(const struct fs_file *f, uint64_t at, void *dst, size_t len) {
    return host_read(f->handle, dst, len > INT32_MAX ? INT32_MAX : (int32_t)len, (int32_t)(uint32_t)at, (int32_t)(uint32_t)(at >> 32));
}

/* Reads at most len bytes. A file that was open when the memory was captured, as that of a model,
 * is opened again. */
int fs_host_read(struct fs_file *f, uint64_t at, void *dst, size_t len, size_t *done) {
    int32_t n = 0;
    for (*done = 0; *done < len; *done += (size_t)n) {
        n = read_file(f, at + *done, (uint8_t *)dst + *done, len - *done);
        if (n == -HOST_HANDLE && !open_file(f)) n = read_file(f, at + *done, (uint8_t *)dst + *done, len - *done);
        if (n <= 0) break;
    }
    return *done ? 0 : check(n);
}

/* Reads entries of a folder into buf, from the given one on. Returns the number of bytes. */
int32_t fs_host_list(const struct fs_file *f, void *buf, int32_t size, uint64_t first) {
    size_t len = f->path ? f->path_len : 3;
    const char *path = f->path ? host_path(f->path, &len) : host_path("h:/", &len);
    int32_t n = host_list(path, (int32_t)len, buf, size, (int32_t)first);
    return n < 0 ? 0 : n;
}
