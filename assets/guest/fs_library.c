/* fs_library.c: the files of the library, which are resources of the host. f:PATH holds the bytes
 * of a file, and l:PATH the listing of a folder: for each entry f or l, the name, and a zero byte.
 * The first byte of a resource's name selects one of them. */
#include "bridge.h"
#include "fs.h"
#include <stdlib.h>

/* Returns the type of the file or folder at a path, or FS_UNKNOWN, and the size of a file. */
int fs_library_type(char *resource, size_t len, uint64_t *size) {
    resource[0] = 'f';
    int32_t n = host_resource_size(resource, (int32_t)len);
    *size = n < 0 ? 0 : (uint64_t)n;
    if (n >= 0) return FS_FILE;
    resource[0] = 'l';
    return host_resource_size(resource, (int32_t)len) < 0 ? FS_UNKNOWN : FS_FOLDER;
}

/* Reads the bytes of a file or the listing of a folder, unless they have been read. */
int fs_library_load(struct fs_file *f) {
    if (f->bytes) return 0;
    f->path[0] = f->type == FS_FOLDER ? 'l' : 'f';
    int32_t n = host_resource_size(f->path, (int32_t)f->path_len);
    if (n < 0) return __WASI_ERRNO_IO;
    uint8_t *bytes = malloc((size_t)n + 1); /* never empty, so that it is not NULL */
    if (!bytes) return __WASI_ERRNO_NOMEM;
    if (host_resource_read(f->path, (int32_t)f->path_len, bytes, n) != n) {
        free(bytes);
        return __WASI_ERRNO_IO;
    }
    f->bytes = bytes, f->size = (uint32_t)n;
    return 0;
}
