/* memory.c: memcmp, eight bytes a step; the C library's takes one. Equal texts are compared with it wherever one is a dict's key. */
#include <stddef.h>
#include <stdint.h>

typedef uint64_t __attribute__((aligned(1), may_alias)) loose; /* eight bytes anywhere */

__attribute__((no_builtin)) int memcmp(const void *a, const void *b, size_t n) {
    const unsigned char *p = a, *q = b;
    for (; n >= 8; p += 8, q += 8, n -= 8) {
        uint64_t x = *(const loose *)p, y = *(const loose *)q;
        if (x != y) return __builtin_bswap64(x) < __builtin_bswap64(y) ? -1 : 1;
    }
    for (; n; p++, q++, n--)
        if (*p != *q) return *p < *q ? -1 : 1;
    return 0;
}
