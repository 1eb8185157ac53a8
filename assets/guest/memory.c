/* memory.c: memcmp in steps of eight bytes; the C library's compares single bytes. Every dict
 * lookup by a string that is equal but not identical to the key calls it. */
#include <stddef.h>
#include <stdint.h>

typedef uint64_t __attribute__((aligned(1), may_alias)) unaligned; /* eight bytes at any address */

__attribute__((no_builtin)) int memcmp(const void *a, const void *b, size_t n) {
    const unsigned char *p = a, *q = b;
    for (; n >= 8; p += 8, q += 8, n -= 8) {
        uint64_t x = *(const unaligned *)p, y = *(const unaligned *)q;
        if (x != y) return __builtin_bswap64(x) < __builtin_bswap64(y) ? -1 : 1;
    }
    for (; n; p++, q++, n--)
        if (*p != *q) return *p < *q ? -1 : 1;
    return 0;
}
