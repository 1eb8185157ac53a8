/* refuse.c: system calls that are implemented inside the guest.
 *
 * wasi-libc calls the host through functions named __imported_wasi_snapshot_preview1_*. The ones
 * that are defined here are not imports of the module, so the host need neither provide nor guard
 * them (build/imports.txt lists the remaining imports). A cell has a read-only library, no
 * environment and one thread: writing fails as on a read-only file system, and the other calls do
 * nothing. The types are those of WASI preview 1, with sizes and pointers of 32 bits. */
#include <stdint.h>
#include <wasi/api.h>

#define SYSCALL(name, ...) int32_t __imported_wasi_snapshot_preview1_##name(__VA_ARGS__)
#define RETURNS(name, errno, ...) \
    SYSCALL(name, __VA_ARGS__);   \
    SYSCALL(name, __VA_ARGS__) { return errno; }

#define READ_ONLY __WASI_ERRNO_ROFS
#define NO_SUCH_CALL __WASI_ERRNO_NOTSUP
#define DONE __WASI_ERRNO_SUCCESS

RETURNS(fd_allocate, READ_ONLY, int32_t fd, int64_t offset, int64_t len)
RETURNS(fd_filestat_set_size, READ_ONLY, int32_t fd, int64_t size)
RETURNS(fd_filestat_set_times, READ_ONLY, int32_t fd, int64_t atime, int64_t mtime, int32_t flags)
RETURNS(fd_pwrite, READ_ONLY, int32_t fd, int32_t iovs, int32_t n, int64_t offset, int32_t written)
RETURNS(path_create_directory, READ_ONLY, int32_t fd, int32_t path, int32_t len)
RETURNS(path_filestat_set_times, READ_ONLY, int32_t fd, int32_t lookup, int32_t path, int32_t len, int64_t atime, int64_t mtime, int32_t flags)
RETURNS(path_link, READ_ONLY, int32_t fd, int32_t lookup, int32_t path, int32_t len, int32_t new_fd, int32_t new_path, int32_t new_len)
RETURNS(path_remove_directory, READ_ONLY, int32_t fd, int32_t path, int32_t len)
RETURNS(path_rename, READ_ONLY, int32_t fd, int32_t path, int32_t len, int32_t new_fd, int32_t new_path, int32_t new_len)
RETURNS(path_symlink, READ_ONLY, int32_t path, int32_t len, int32_t fd, int32_t new_path, int32_t new_len)
RETURNS(path_unlink_file, READ_ONLY, int32_t fd, int32_t path, int32_t len)

RETURNS(fd_fdstat_set_flags, NO_SUCH_CALL, int32_t fd, int32_t flags)
RETURNS(fd_renumber, NO_SUCH_CALL, int32_t from, int32_t to)
/* no file is a link */
RETURNS(path_readlink, __WASI_ERRNO_INVAL, int32_t fd, int32_t path, int32_t len, int32_t buf, int32_t size, int32_t used)

RETURNS(fd_advise, DONE, int32_t fd, int64_t offset, int64_t len, int32_t advice)
RETURNS(fd_datasync, DONE, int32_t fd)
RETURNS(fd_sync, DONE, int32_t fd)
RETURNS(sched_yield, DONE, void)
RETURNS(environ_get, DONE, int32_t variables, int32_t text)

SYSCALL(environ_sizes_get, uint32_t *count, uint32_t *size);
SYSCALL(environ_sizes_get, uint32_t *count, uint32_t *size) { return *count = *size = 0; }
