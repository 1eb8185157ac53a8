/* fs_cwd.c: the working directory, which the C library keeps as text. The linker puts the functions
 * __wrap_* here in place of the library's (steps/70-link.sh). */
#include "fs.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

int __real_chdir(const char *path);
int __wrap_chdir(const char *path);
int __real___wasilibc_find_relpath_alloc(const char *path, const char **prefix, char **relative, size_t *len, int can_realloc);
int __wrap___wasilibc_find_relpath_alloc(const char *path, const char **prefix, char **relative, size_t *len, int can_realloc);

/* Removes empty names, "." and ".." from an absolute path. No name is a link. */
static void normalise(char *path) {
    char *to = path, *name = path, *next;
    for (; *name; name = next) {
        while (*name == '/') name++;
        next = name + strcspn(name, "/");
        size_t len = (size_t)(next - name);
        if (len == 2 && name[0] == '.' && name[1] == '.') {
            while (to > path && *--to != '/') {}
        } else if (len && !(len == 1 && name[0] == '.')) {
            *to++ = '/'; /* not beyond the slash before the name */
            memmove(to, name, len);
            to += len;
        }
    }
    if (to == path) *to++ = '/';
    *to = 0;
}

/* Changes the working directory. The library would append "..", so that getcwd returned it. */
int __wrap_chdir(const char *path) {
    char cwd[FS_PATH];
    if (!*path) {
        errno = ENOENT;
        return -1;
    }
    if (__real_chdir(path) || !getcwd(cwd, sizeof cwd)) return -1;
    normalise(cwd);
    return __real_chdir(cwd);
}

/* Finds the open folder for a path. There is none for an empty path, which the library would take
 * for the working directory. */
int __wrap___wasilibc_find_relpath_alloc(const char *path, const char **prefix, char **relative, size_t *len, int can_realloc) {
    return *path ? __real___wasilibc_find_relpath_alloc(path, prefix, relative, len, can_realloc) : -1;
}
