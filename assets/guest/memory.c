/* memory.c: memcmp in steps of eight bytes; the C library's compares single bytes. Every dict
 * lookup by a string that is equal but not identical to the key calls it, and every comparison of
 * two strings. */
#include <stddef.h>
#include <stdint.h>

/* Eight and four bytes at any address. */
typedef uint64_t __attribute__((aligned(1), may_alias)) unaligned;
typedef uint32_t __attribute__((aligned(1), may_alias)) unaligned_half;

/* Compares eight bytes. The first is the lowest. */
static int compare(uint64_t x, uint64_t y) {
    if (x == y) return 0;
    int shift = __builtin_ctzll(x ^ y) & ~7;
    return (int)(x >> shift & 0xff) - (int)(y >> shift & 0xff);
}

/* Returns fewer than eight bytes as a number. Some may be in it twice, which does not change the
 * result of a comparison. */
static uint64_t load_short(const unsigned char *p, size_t n) {
    if (n >= 4) return *(const unaligned_half *)p | (uint64_t)*(const unaligned_half *)(p + n - 4) << 32;
    return n ? p[0] | (uint32_t)p[n / 2] << 8 | (uint32_t)p[n - 1] << 16 : 0;
}

__attribute__((no_builtin)) int memcmp(const void *a, const void *b, size_t n) {
    const unsigned char *p = a, *q = b;
    if (n < 8) return compare(load_short(p, n), load_short(q, n));
    for (; n > 8; p += 8, q += 8, n -= 8) {
        uint64_t x = *(const unaligned *)p, y = *(const unaligned *)q;
        if (x != y) return compare(x, y);
    }
    return compare(*(const unaligned *)(p + n - 8), *(const unaligned *)(q + n - 8)); /* the last eight */
}
