/* fs.h: the file system of a cell, which lies inside the guest. The host serves only the bytes and
 * listings of the library.
 *
 *   /          read-only, with the folders below
 *   /dev       holds null
 *   /lib       the library: read-only, from the host's resources (fs_library.c)
 *   /tmp       the scratch folder: files and folders in the cell's memory (fs_tree.c, fs_data.c)
 *   others     the folders of the host that a grant allows to read (fs_host.c)
 *
 * The C library calls these files through the functions of WASI preview 1 (fs_calls.c,
 * fs_path_calls.c) and through its own stat and access, which WASI has no permissions for
 * (fs_stat.c). There are no links, owners or permissions. Functions return an error number of WASI,
 * which is also the C library's, or 0. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasi/api.h>

#define FS_ENTRIES 1000 /* files and folders in /tmp, with those that are removed but still open */
#define FS_OPEN 256     /* descriptors */
#define FS_NAME 255     /* bytes of a name */
#define FS_PATH 4096    /* bytes of a path */
#define FS_RESOURCE 1024
#define FS_SIZE INT32_MAX /* bytes of a file */

/* Nodes with a fixed place. FS_LIB stands for the whole library, and FS_HOST for all folders of the
 * host. */
enum { FS_ROOT, FS_LIB, FS_HOST, FS_DEV, FS_NULL, FS_TMP, FS_FIRST, FS_NODES = FS_FIRST + FS_ENTRIES, FS_NONE };

enum { FS_UNKNOWN = __WASI_FILETYPE_UNKNOWN, FS_FOLDER = __WASI_FILETYPE_DIRECTORY, FS_FILE = __WASI_FILETYPE_REGULAR_FILE,
       FS_DEVICE = __WASI_FILETYPE_CHARACTER_DEVICE };

/* A file or folder. The bytes are in blocks; a block that is NULL holds zeros. */
struct fs_node {
    char *name;
    uint8_t name_len, type; /* FS_UNKNOWN: the node is free */
    bool linked;            /* has a name in its parent */
    uint16_t parent, opened;
    uint32_t size, first, slots; /* first: bytes of block 0; slots: length of blocks */
    uint8_t **blocks;
    uint64_t accessed, modified; /* ns since 1970 */
};

/* Where a path leads. */
struct fs_place {
    uint16_t node; /* FS_NONE: to a name that does not exist in parent */
    uint16_t parent;
    uint16_t folder; /* where a path of Windows begins, or FS_NONE */
    uint8_t type;
    bool slash; /* the path ends in a slash */
    const char *name;
    size_t name_len;
    bool denied;   /* no grant allows the path, which is the host's */
    uint64_t size; /* of a file in the library or the host */
    uint64_t modified;
    size_t path_len;
    char path[FS_RESOURCE]; /* in the library: the resource, f:/lib/...; in the host: h:/... */
};

/* An open file, which several descriptors may share. */
struct fs_file {
    uint32_t refs;
    uint16_t node;
    uint8_t type;
    int8_t stream; /* the host's descriptor, or -1 */
    bool reads, writes, appends;
    uint64_t position;
    /* of the library and the host */
    char *path;
    size_t path_len;
    uint64_t size, modified;
    uint8_t *bytes; /* of the library; read at first use */
    int32_t handle; /* of the host, or 0 */
};

/* fs_tree.c */
struct fs_node *fs_node(int i);
int fs_child(int folder, const char *name, size_t len);
int fs_next_child(int folder, int from);
int fs_create(const struct fs_place *p, int type, int *made);
int fs_remove(int i);
int fs_rename(int i, const struct fs_place *to);
void fs_closed(int i);
void fs_touch(int i);

/* fs_errors.c */
int fs_full(bool of_entries);
void fs_explain(int e);

/* fs_data.c */
size_t fs_read(const struct fs_node *n, uint64_t at, void *dst, size_t len);
int fs_write(struct fs_node *n, uint64_t at, const void *src, size_t len, size_t *written);
int fs_resize(struct fs_node *n, uint64_t size);
void fs_free_data(struct fs_node *n);

/* fs_library.c */
int fs_library_type(char *resource, size_t len, uint64_t *size);
int fs_library_load(struct fs_file *f);

/* fs_host.c */
bool fs_is_drive(const char *path, size_t len);
int fs_host_stat(struct fs_place *p);
int fs_host_missing(const struct fs_place *p);
int fs_host_open(struct fs_file *f);
void fs_host_close(struct fs_file *f);
int fs_host_read(struct fs_file *f, uint64_t at, void *dst, size_t len, size_t *done);
int32_t fs_host_list(const struct fs_file *f, void *buf, int32_t size, uint64_t first);

/* fs_path.c */
int fs_find(int fd, const char *path, size_t len, struct fs_place *p);

/* fs_stat.c */
uint64_t fs_id(int node);
uint64_t fs_library_id(const char *resource, size_t len);
uint64_t fs_entry_id(const char *folder, size_t folder_len, const char *name, size_t len);

/* fs_open.c */
struct fs_file *fs_get(int fd);
int fs_open(const struct fs_place *p, int *fd, struct fs_file **opened);
int fs_close(int fd);
int fs_dup(int fd, int *copy);
int fs_dup2(int fd, int copy);
