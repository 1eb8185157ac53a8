/* sqlite.c: locks of SQLite's databases. SQLite itself keeps the locks that connections of one
 * process have, and asks the system only about other processes. A cell has none, so every request
 * of the system succeeds; wasi-libc refuses them. */
#include "bridge.h"
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>

enum { GET_LOCK = 12, UNLOCKED = 2 }; /* as SQLite defines F_GETLK and F_UNLCK on WASI */

static int no_other_process(int fd, int command, ...) {
    if (command == GET_LOCK) {
        va_list arguments;
        va_start(arguments, command);
        va_arg(arguments, struct flock *)->l_type = UNLOCKED;
        va_end(arguments);
    }
    return 0;
}

int tabcell_sqlite_locks(void) {
    sqlite3_vfs *vfs = sqlite3_vfs_find("unix");
    if (!vfs || vfs->xSetSystemCall(vfs, "fcntl", (sqlite3_syscall_ptr)no_other_process) != SQLITE_OK) return -1;
    return sqlite3_vfs_register(vfs, 1) == SQLITE_OK ? 0 : -1;
}
