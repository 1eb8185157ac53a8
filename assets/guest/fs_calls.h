/* fs_calls.h: the names of the functions of WASI preview 1, as the C library calls them. A function
 * that is defined under such a name is not an import of the module. */
#pragma once
#include "fs.h"

#define SYSCALL_NAME(name) __imported_wasi_snapshot_preview1_##name
#define SYSCALL(name, ...)                   \
    int32_t SYSCALL_NAME(name)(__VA_ARGS__); \
    int32_t SYSCALL_NAME(name)(__VA_ARGS__)
