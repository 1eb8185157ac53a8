/* fs_tree.c: the names of the scratch folder. The nodes are an array; a folder's contents are the
 * nodes with it as their parent. With a thousand nodes, a search through all of them is fast
 * enough, and positions in a folder stay valid while files are created and removed. */
#include "fs.h"
#include <stdlib.h>
#include <string.h>

static struct fs_node fixed[FS_FIRST] = {
    [FS_ROOT] = {.name = "", .type = FS_FOLDER, .linked = true, .parent = FS_ROOT},
    [FS_LIB] = {.name = "lib", .name_len = 3, .type = FS_FOLDER, .linked = true, .parent = FS_ROOT},
    [FS_HOST] = {.name = "", .type = FS_FOLDER, .linked = true, .parent = FS_ROOT}, /* not listed */
    [FS_DEV] = {.name = "dev", .name_len = 3, .type = FS_FOLDER, .linked = true, .parent = FS_ROOT},
    [FS_NULL] = {.name = "null", .name_len = 4, .type = FS_DEVICE, .linked = true, .parent = FS_DEV},
    [FS_TMP] = {.name = "tmp", .name_len = 3, .type = FS_FOLDER, .linked = true, .parent = FS_ROOT},
};
static struct fs_node scratch[FS_ENTRIES];
static int used = FS_FIRST; /* the nodes from here on have never been used */

struct fs_node *fs_node(int i) { return i < FS_FIRST ? &fixed[i] : &scratch[i - FS_FIRST]; }

/* Returns the first node from the given one on that is in a folder, or FS_NONE. */
int fs_next_child(int folder, int from) {
    for (int i = from; i < used; i++)
        if (fs_node(i)->linked && fs_node(i)->parent == folder && i != FS_ROOT && i != FS_HOST) return i;
    return FS_NONE;
}

/* Returns the node with a name, or FS_NONE. */
int fs_child(int folder, const char *name, size_t len) {
    int i = fs_next_child(folder, 0);
    while (i != FS_NONE && (fs_node(i)->name_len != len || memcmp(fs_node(i)->name, name, len))) i = fs_next_child(folder, i + 1);
    return i;
}

/* Sets the time of the last change. */
void fs_touch(int i) {
    __wasi_timestamp_t now = 0;
    (void)__wasi_clock_time_get(__WASI_CLOCKID_REALTIME, 1, &now);
    fs_node(i)->accessed = fs_node(i)->modified = now;
}

static int free_node(void) {
    int i = FS_FIRST;
    while (i < FS_NODES && fs_node(i)->type != FS_UNKNOWN) i++;
    return i < FS_NODES ? i : FS_NONE;
}

/* Reports whether names can be added to and removed from a folder. */
static int check_folder(int folder) {
    if (folder != FS_TMP && folder < FS_FIRST) return __WASI_ERRNO_ROFS;
    return fs_node(folder)->linked ? 0 : __WASI_ERRNO_NOENT;
}

static char *copy_name(const struct fs_place *p) {
    char *name = malloc(p->name_len + 1); /* a name is never empty */
    if (name) memcpy(name, p->name, p->name_len);
    return name;
}

/* Creates an empty file or folder where the path leads. */
int fs_create(const struct fs_place *p, int type, int *made) {
    int e = check_folder(p->parent), i = free_node();
    if (e) return e;
    if (i == FS_NONE) return fs_full(true);
    char *name = copy_name(p);
    if (!name) return fs_full(false);
    *fs_node(i) = (struct fs_node){.name = name, .name_len = (uint8_t)p->name_len, .type = (uint8_t)type, .linked = true, .parent = p->parent};
    if (used <= i) used = i + 1;
    fs_touch(i);
    fs_touch(p->parent);
    *made = i;
    return 0;
}

static void free_if_unused(int i) {
    struct fs_node *n = fs_node(i);
    if (i < FS_FIRST || n->linked || n->opened) return;
    fs_free_data(n);
    free(n->name);
    *n = (struct fs_node){0};
}

/* Removes the name of a file or an empty folder. Its bytes remain until it is closed. */
int fs_remove(int i) {
    struct fs_node *n = fs_node(i);
    if (i == FS_TMP) return __WASI_ERRNO_BUSY;
    if (i < FS_FIRST) return __WASI_ERRNO_ROFS;
    if (!n->linked) return __WASI_ERRNO_NOENT;
    if (fs_next_child(i, FS_FIRST) != FS_NONE) return __WASI_ERRNO_NOTEMPTY;
    n->linked = false;
    fs_touch(n->parent);
    free_if_unused(i);
    return 0;
}

/* Notes that an open file of the node was closed. */
void fs_closed(int i) {
    fs_node(i)->opened--;
    free_if_unused(i);
}

/* Reports whether a folder is i or lies inside it. */
static bool inside(int folder, int i) {
    while (folder != FS_ROOT && folder != i) folder = fs_node(folder)->parent;
    return folder == i;
}

/* Checks that node i can take the place of the node at to. */
static int check_replace(int i, const struct fs_place *to) {
    bool folder = fs_node(i)->type == FS_FOLDER;
    if (folder && inside(to->parent, i)) return __WASI_ERRNO_INVAL;
    if (to->node == FS_NONE) return !folder && to->slash ? __WASI_ERRNO_NOTDIR : 0;
    if (!folder && to->type == FS_FOLDER) return __WASI_ERRNO_ISDIR;
    if (folder && to->type != FS_FOLDER) return __WASI_ERRNO_NOTDIR;
    return 0;
}

/* Gives node i another name, and removes the node that had it. */
int fs_rename(int i, const struct fs_place *to) {
    if (i == FS_TMP || !to->name) return __WASI_ERRNO_BUSY; /* no name: the path ends in "." or ".." */
    if (i < FS_FIRST) return __WASI_ERRNO_ROFS;
    if (i == to->node) return 0;
    int e = check_folder(to->parent);
    if (!e) e = check_replace(i, to);
    if (e) return e;
    char *name = copy_name(to);
    if (!name) return fs_full(false);
    if (to->node != FS_NONE && (e = fs_remove(to->node))) {
        free(name);
        return e;
    }
    struct fs_node *n = fs_node(i);
    fs_touch(n->parent);
    free(n->name);
    n->name = name, n->name_len = (uint8_t)to->name_len, n->parent = to->parent;
    fs_touch(n->parent);
    return 0;
}
