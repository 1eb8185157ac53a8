/* fs_open.c: descriptors. 0 to 2 are the streams of the host, and 3 is the root folder, from which
 * the C library resolves all paths. */
#include "fs.h"
#include <stdlib.h>
#include <string.h>

enum { ROOT = 3 };

/* These are never freed, because they have one reference more than descriptors. */
static struct fs_file initial[] = {
    {.refs = 2, .node = FS_NULL, .type = FS_DEVICE, .stream = 0, .reads = true},
    {.refs = 2, .node = FS_NULL, .type = FS_DEVICE, .stream = 1, .writes = true},
    {.refs = 2, .node = FS_NULL, .type = FS_DEVICE, .stream = 2, .writes = true},
    {.refs = 2, .node = FS_ROOT, .type = FS_FOLDER, .stream = -1},
};
static struct fs_file *descriptors[FS_OPEN] = {&initial[0], &initial[1], &initial[2], &initial[ROOT]};

/* Returns an open file, or NULL. */
struct fs_file *fs_get(int fd) { return fd >= 0 && fd < FS_OPEN ? descriptors[fd] : NULL; }

static int free_descriptor(void) {
    int fd = ROOT + 1;
    while (fd < FS_OPEN && descriptors[fd]) fd++;
    return fd;
}

static void release(struct fs_file *f) {
    if (--f->refs) return;
    fs_closed(f->node);
    fs_host_close(f);
    free(f->path);
    free(f->bytes);
    free(f);
}

/* Opens the file or folder at a place. */
int fs_open(const struct fs_place *p, int *fd, struct fs_file **opened) {
    *fd = free_descriptor();
    if (*fd == FS_OPEN) return __WASI_ERRNO_MFILE;
    struct fs_file *f = calloc(1, sizeof *f);
    bool has_path = p->node == FS_LIB || p->node == FS_HOST;
    char *path = f && has_path ? malloc(p->path_len) : NULL;
    if (!f || (has_path && !path)) {
        free(f);
        return __WASI_ERRNO_NOMEM;
    }
    if (path) memcpy(path, p->path, p->path_len);
    *f = (struct fs_file){.refs = 1, .node = p->node, .type = p->type, .stream = -1, .path = path, .path_len = p->path_len, .size = p->size, .modified = p->modified};
    int e = f->node == FS_HOST ? fs_host_open(f) : 0;
    if (e) {
        free(path);
        free(f);
        return e;
    }
    fs_node(f->node)->opened++;
    descriptors[*fd] = *opened = f;
    return 0;
}

/* Closes a descriptor. 0 to 2 become the host's streams again, because the bridge uses them. */
int fs_close(int fd) {
    struct fs_file *f = fs_get(fd);
    if (!f || fd == ROOT) return __WASI_ERRNO_BADF;
    descriptors[fd] = fd < ROOT ? &initial[fd] : NULL;
    if (fd > ROOT || f != &initial[fd]) release(f);
    return 0;
}

/* Returns another descriptor of an open file in copy. */
int fs_dup(int fd, int *copy) {
    if (!fs_get(fd)) return __WASI_ERRNO_BADF;
    *copy = free_descriptor();
    return *copy == FS_OPEN ? __WASI_ERRNO_MFILE : fs_dup2(fd, *copy);
}

/* Makes copy another descriptor of an open file. */
int fs_dup2(int fd, int copy) {
    struct fs_file *f = fs_get(fd);
    if (!f || copy < 0 || copy >= FS_OPEN || copy == ROOT) return __WASI_ERRNO_BADF;
    if (fd == copy) return 0;
    f->refs++;
    (void)fs_close(copy);
    descriptors[copy] = f;
    return 0;
}
