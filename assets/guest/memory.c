/* memory.c: memcmp in steps of eight bytes, and memchr in steps of 16. The C library's compare
 * single bytes and look at four. Every dict lookup by a string that is equal but not identical to
 * the key calls memcmp, and every comparison of two strings. memchr finds a character in a string,
 * and the first False of a boolean array. */
#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

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

__attribute__((no_builtin)) void *memchr(const void *block, int c, size_t n) {
    const unsigned char *p = block, *const end = p + n;
    const v128_t sought = wasm_u8x16_splat((unsigned char)c);
    for (; (size_t)(end - p) >= 64; p += 64) {
        v128_t first = wasm_i8x16_eq(wasm_v128_load(p), sought);
        v128_t second = wasm_i8x16_eq(wasm_v128_load(p + 16), sought);
        v128_t third = wasm_i8x16_eq(wasm_v128_load(p + 32), sought);
        v128_t fourth = wasm_i8x16_eq(wasm_v128_load(p + 48), sought);
        if (wasm_v128_any_true(wasm_v128_or(wasm_v128_or(first, second), wasm_v128_or(third, fourth)))) break;
    }
    for (; (size_t)(end - p) >= 16; p += 16) {
        unsigned found = wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(p), sought));
        if (found) return (void *)(p + __builtin_ctz(found));
    }
    for (; p != end; p++)
        if (*p == (unsigned char)c) return (void *)p;
    return NULL;
}
