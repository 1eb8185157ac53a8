/* fs_path.c: finds the file or folder to which a path leads. No name of a cell is a link, so ".." means the
 * folder above. */
#include "fs.h"
#include <string.h>

/* Goes to a node of the tree. */
static void go_to(struct fs_place *p, int node) {
    p->node = (uint16_t)node;
    p->type = node == FS_NONE ? FS_UNKNOWN : fs_node(node)->type;
    if (node != FS_LIB && node != FS_HOST) return;
    p->path_len = node == FS_LIB ? 6 : 2;
    memcpy(p->path, node == FS_LIB ? "l:/lib" : "h:", p->path_len);
}

/* Goes to a name in a folder of the library or the host. The host is asked only for the whole
 * path. */
static void step_path(struct fs_place *p, const char *name, size_t len) {
    p->parent = p->node;
    if (p->path_len + 1 + len > sizeof p->path) return go_to(p, FS_NONE);
    p->path[p->path_len] = '/';
    memcpy(p->path + p->path_len + 1, name, len);
    p->path_len += 1 + len;
    if (p->node == FS_HOST) return;
    p->type = (uint8_t)fs_library_type(p->path, p->path_len, &p->size);
    if (p->type == FS_UNKNOWN) p->node = FS_NONE;
}

static int step_up(struct fs_place *p) {
    if ((p->node != FS_LIB || p->path_len == 6) && p->node != FS_HOST) {
        go_to(p, fs_node(p->node)->parent);
        return 0;
    }
    while (p->path[--p->path_len] != '/') {}
    if (p->path_len == 2) go_to(p, FS_ROOT); /* the host's folders are those of the root */
    return 0;
}

/* Goes to the host for a name that begins a path of Windows: C:, C:\\..., or \\\\server... */
static bool step_drive(struct fs_place *p, const char *name, size_t len, bool last) {
    bool share = len > 2 && name[0] == '\\' && name[1] == '\\';
    if (!share && !fs_is_drive(name, len) && !(len == 2 && !last && fs_is_drive(name, 3))) return false;
    p->folder = p->node;
    go_to(p, FS_HOST);
    step_path(p, name, len);
    for (size_t i = share ? 5 : 2; i < p->path_len; i++)
        if (p->path[i] == '\\') p->path[i] = '/';
    return true;
}

static void step_name(struct fs_place *p, const char *name, size_t len, bool last) {
    if (p->node == FS_LIB || p->node == FS_HOST) return step_path(p, name, len);
    int child = fs_child(p->node, name, len);
    if (child == FS_NONE && step_drive(p, name, len, last)) return;
    if (child == FS_NONE && p->node == FS_ROOT) {
        go_to(p, FS_HOST);
        return step_path(p, name, len);
    }
    p->parent = p->node;
    go_to(p, child);
}

static int step(struct fs_place *p, const char *name, size_t len, bool last) {
    if (p->node == FS_NONE || !fs_node(p->node)->linked) return __WASI_ERRNO_NOENT;
    if (p->type != FS_FOLDER) return __WASI_ERRNO_NOTDIR;
    p->name = NULL;
    if (len == 1 && name[0] == '.') return 0;
    if (len == 2 && name[0] == '.' && name[1] == '.') return step_up(p);
    if (len > FS_NAME) return __WASI_ERRNO_NAMETOOLONG;
    p->name = name, p->name_len = len;
    step_name(p, name, len, last);
    return 0;
}

static int start(struct fs_place *p, int fd, bool absolute) {
    const struct fs_file *folder = fs_get(fd);
    if (!folder) return __WASI_ERRNO_BADF;
    if (folder->type != FS_FOLDER) return __WASI_ERRNO_NOTDIR;
    go_to(p, absolute ? FS_ROOT : folder->node);
    if (p->node != FS_LIB && p->node != FS_HOST) return 0;
    p->path_len = folder->path_len; /* at most the size of path, from where it was copied */
    memcpy(p->path, folder->path, p->path_len);
    return 0;
}

/* Finds where a path of the host leads. If it is one of Windows in a folder that the host does not
 * have, it is a name in the cell's own folder. */
static int find_host(struct fs_place *p) {
    int e = fs_host_stat(p);
    if (e || p->node != FS_NONE || p->folder == FS_NONE || !p->name || !fs_is_drive(p->name, p->name_len)) return e;
    struct fs_place above = *p;
    while (above.path_len > 2 && above.path[--above.path_len] != '/') {}
    if (!fs_host_stat(&above) && above.type != FS_FOLDER) p->parent = p->folder;
    return 0;
}

/* Finds where a path leads from the folder that is open as fd. A last name that does not exist is
 * no error. */
int fs_find(int fd, const char *path, size_t len, struct fs_place *p) {
    *p = (struct fs_place){.node = FS_NONE, .parent = FS_NONE, .folder = FS_NONE};
    if (!len) return __WASI_ERRNO_NOENT;
    if (len >= FS_PATH) return __WASI_ERRNO_NAMETOOLONG;
    int e = start(p, fd, path[0] == '/');
    for (const char *end = path + len, *next; !e && path < end; path = next + (next < end)) {
        next = memchr(path, '/', (size_t)(end - path));
        if (!next) next = end;
        if (next == path) continue;
        e = step(p, path, (size_t)(next - path), next == end);
        p->slash = next < end;
    }
    if (!e && p->node == FS_HOST) e = find_host(p);
    return !e && p->slash && p->node != FS_NONE && p->type != FS_FOLDER ? __WASI_ERRNO_NOTDIR : e;
}
