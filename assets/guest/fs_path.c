/* fs_path.c: finds the file or folder to which a path leads. No name is a link, so ".." means the
 * folder above. */
#include "fs.h"
#include <string.h>

/* Goes to a node of the tree. */
static void go_to(struct fs_place *p, int node) {
    p->node = (uint16_t)node;
    p->type = node == FS_NONE ? FS_UNKNOWN : fs_node(node)->type;
    if (node != FS_LIB) return;
    memcpy(p->path, "l:/lib", 6);
    p->path_len = 6;
}

/* Goes to a name in a folder of the library. */
static void step_library(struct fs_place *p, const char *name, size_t len) {
    p->parent = FS_LIB;
    if (p->path_len + 1 + len > sizeof p->path) return go_to(p, FS_NONE);
    p->path[p->path_len] = '/';
    memcpy(p->path + p->path_len + 1, name, len);
    p->path_len += 1 + len;
    p->type = (uint8_t)fs_library_type(p->path, p->path_len, &p->size);
    if (p->type == FS_UNKNOWN) p->node = FS_NONE;
}

static int step_up(struct fs_place *p) {
    if (p->node != FS_LIB || p->path_len == 6) {
        go_to(p, fs_node(p->node)->parent);
        return 0;
    }
    while (p->path[--p->path_len] != '/') {}
    return 0;
}

static int step(struct fs_place *p, const char *name, size_t len) {
    if (p->node == FS_NONE || !fs_node(p->node)->linked) return __WASI_ERRNO_NOENT;
    if (p->type != FS_FOLDER) return __WASI_ERRNO_NOTDIR;
    p->name = NULL;
    if (len == 1 && name[0] == '.') return 0;
    if (len == 2 && name[0] == '.' && name[1] == '.') return step_up(p);
    if (len > FS_NAME) return __WASI_ERRNO_NAMETOOLONG;
    p->name = name, p->name_len = len;
    if (p->node == FS_LIB) {
        step_library(p, name, len);
        return 0;
    }
    p->parent = p->node;
    go_to(p, fs_child(p->node, name, len));
    return 0;
}

static int start(struct fs_place *p, int fd, bool absolute) {
    const struct fs_file *folder = fs_get(fd);
    if (!folder) return __WASI_ERRNO_BADF;
    if (folder->type != FS_FOLDER) return __WASI_ERRNO_NOTDIR;
    go_to(p, absolute ? FS_ROOT : folder->node);
    if (p->node != FS_LIB) return 0;
    p->path_len = folder->path_len; /* at most the size of path, from where it was copied */
    memcpy(p->path, folder->path, p->path_len);
    return 0;
}

/* Finds where a path leads from the folder that is open as fd. A last name that does not exist is
 * no error. */
int fs_find(int fd, const char *path, size_t len, struct fs_place *p) {
    *p = (struct fs_place){.node = FS_NONE, .parent = FS_NONE};
    if (!len) return __WASI_ERRNO_NOENT;
    if (len >= FS_PATH) return __WASI_ERRNO_NAMETOOLONG;
    int e = start(p, fd, path[0] == '/');
    for (const char *end = path + len, *next; !e && path < end; path = next + (next < end)) {
        next = memchr(path, '/', (size_t)(end - path));
        if (!next) next = end;
        if (next == path) continue;
        e = step(p, path, (size_t)(next - path));
        p->slash = next < end;
    }
    return !e && p->slash && p->node != FS_NONE && p->type != FS_FOLDER ? __WASI_ERRNO_NOTDIR : e;
}
