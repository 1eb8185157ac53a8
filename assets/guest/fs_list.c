/* fs_list.c: the contents of open folders. An entry's cookie is the position of the next one. */
#include "bridge.h"
#include "fs_calls.h"
#include <string.h>

struct buffer { uint8_t *at, *end; };

/* Appends as many of the bytes as fit, and reports whether all did. */
static bool append(struct buffer *b, const void *src, size_t len) {
    size_t room = (size_t)(b->end - b->at), part = len < room ? len : room;
    memcpy(b->at, src, part);
    b->at += part;
    return part == len;
}

static bool append_entry(struct buffer *b, uint64_t next, uint64_t id, uint8_t type, const char *name, size_t len) {
    __wasi_dirent_t entry;
    memset(&entry, 0, sizeof entry); /* with its padding */
    entry.d_next = next, entry.d_ino = id, entry.d_namlen = (uint32_t)len, entry.d_type = type;
    return append(b, &entry, sizeof entry) && append(b, name, len);
}

static void list_tree(const struct fs_file *f, struct buffer *b, uint64_t cookie) {
    int i = cookie < FS_NODES ? fs_next_child(f->node, (int)cookie) : FS_NONE;
    for (; i != FS_NONE; i = fs_next_child(f->node, i + 1)) {
        const struct fs_node *n = fs_node(i);
        uint64_t id = i == FS_LIB ? fs_library_id("l:/lib", 6) : fs_id(i);
        if (!append_entry(b, (uint64_t)i + 1, id, n->type, n->name, n->name_len)) return;
    }
}

struct host_entry { uint32_t kind, len; };

/* Lists a folder of the host. base is the cookie of its first entry. */
static void list_host(const struct fs_file *f, struct buffer *b, uint64_t cookie, uint64_t base) {
    uint8_t entries[4096];
    uint64_t i = cookie > base ? cookie - base : 0;
    const char *folder = f->path ? f->path : "h:"; /* the root */
    size_t len = f->path ? f->path_len : 2;
    for (int32_t n; (n = fs_host_list(f, entries, sizeof entries, i)) > 0;) {
        struct host_entry e;
        for (const uint8_t *at = entries; at + sizeof e <= entries + n; at += sizeof e + e.len) {
            memcpy(&e, at, sizeof e);
            const char *name = (const char *)at + sizeof e;
            uint8_t type = e.kind == FILE_FOLDER ? FS_FOLDER : FS_FILE;
            if (e.len > (size_t)(entries + n - at) - sizeof e || !append_entry(b, base + ++i, fs_entry_id(folder, len, name, e.len), type, name, e.len)) return;
        }
    }
}

/* Lists a folder of the library, whose resource has entries of a letter, a name and a zero byte. */
static void list_library(const struct fs_file *f, struct buffer *b, uint64_t cookie) {
    const char *at = (const char *)f->bytes, *end = at + f->size;
    for (uint64_t i = 0; at < end; i++) {
        const char *name = at + 1;
        size_t len = strnlen(name, (size_t)(end - name));
        uint8_t type = *at == 'l' ? FS_FOLDER : FS_FILE;
        if (i >= cookie && !append_entry(b, i + 1, fs_entry_id(f->path, f->path_len, name, len), type, name, len)) return;
        at = name + len + 1;
    }
}

SYSCALL(fd_readdir, int32_t fd, uint8_t *dst, uint32_t len, int64_t cookie, uint32_t *used) {
    struct fs_file *f = fs_get(fd);
    struct buffer b = {dst, dst + len};
    if (!f) return __WASI_ERRNO_BADF;
    if (f->type != FS_FOLDER) return __WASI_ERRNO_NOTDIR;
    int e = f->node == FS_LIB ? fs_library_load(f) : 0;
    if (e) return e;
    if (f->node == FS_LIB) list_library(f, &b, (uint64_t)cookie);
    else if (f->node != FS_HOST) list_tree(f, &b, (uint64_t)cookie);
    if (f->node == FS_HOST || f->node == FS_ROOT) list_host(f, &b, (uint64_t)cookie, f->node == FS_ROOT ? FS_NODES : 0);
    *used = (uint32_t)(b.at - dst);
    return 0;
}
