/* compress.c: the block functions of RIPEMD-160 and SM3 (GB/T 32905), and scrypt's. */
#include "digests.h"
#include <string.h>

static inline uint32_t rotl(uint32_t x, int n) { return x << n | x >> (32 - n); }

static inline uint32_t load_le(const uint8_t *p) { return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }

static inline uint32_t ripemd_f(int round, uint32_t x, uint32_t y, uint32_t z) {
    switch (round) {
    case 0: return x ^ y ^ z;
    case 1: return (x & y) | (~x & z);
    case 2: return (x | ~y) ^ z;
    case 3: return (x & z) | (y & ~z);
    default: return x ^ (y | ~z);
    }
}

/* Runs one of the two lines of RIPEMD-160 over a block: word is the order of the words, shift the
 * rotations, k the constants, and reverse the order of the functions. */
static void ripemd_line(uint32_t h[5], const uint32_t x[16], const uint8_t word[80], const uint8_t shift[80], const uint32_t k[5], int reverse) {
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 80; i++) {
        int round = i / 16;
        uint32_t t = rotl(a + ripemd_f(reverse ? 4 - round : round, b, c, d) + x[word[i]] + k[round], shift[i]) + e;
        a = e, e = d, d = rotl(c, 10), c = b, b = t;
    }
    h[0] = a, h[1] = b, h[2] = c, h[3] = d, h[4] = e;
}

void ripemd160_blocks(digest_state *s, const uint8_t *data, uint32_t n) {
    static const uint8_t words[2][80] = {
        {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8, 3, 10, 14, 4, 9, 15, 8, 1,
         2, 7, 0, 6, 13, 11, 5, 12, 1, 9, 11, 10, 0, 8, 12, 4, 13, 3, 7, 15, 14, 5, 6, 2, 4, 0, 5, 9, 7, 12, 2, 10, 14, 1, 3, 8, 11, 6, 15, 13},
        {5, 14, 7, 0, 9, 2, 11, 4, 13, 6, 15, 8, 1, 10, 3, 12, 6, 11, 3, 7, 0, 13, 5, 10, 14, 15, 8, 12, 4, 9, 1, 2, 15, 5, 1, 3, 7, 14, 6, 9,
         11, 8, 12, 2, 10, 0, 4, 13, 8, 6, 4, 1, 3, 11, 15, 0, 5, 12, 2, 13, 9, 7, 10, 14, 12, 15, 10, 4, 1, 5, 8, 7, 6, 2, 13, 14, 0, 3, 9, 11},
    };
    static const uint8_t shifts[2][80] = {
        {11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8, 7, 6, 8, 13, 11, 9, 7, 15, 7, 12, 15, 9, 11, 7, 13, 12, 11, 13, 6, 7, 14, 9, 13, 15,
         14, 8, 13, 6, 5, 12, 7, 5, 11, 12, 14, 15, 14, 15, 9, 8, 9, 14, 5, 6, 8, 6, 5, 12, 9, 15, 5, 11, 6, 8, 13, 12, 5, 12, 13, 14, 11, 8, 5, 6},
        {8, 9, 9, 11, 13, 15, 15, 5, 7, 7, 8, 11, 14, 14, 12, 6, 9, 13, 15, 7, 12, 8, 9, 11, 7, 7, 12, 7, 6, 15, 13, 11, 9, 7, 15, 11, 8, 6, 6, 14,
         12, 13, 5, 14, 13, 13, 7, 5, 15, 5, 8, 11, 14, 14, 6, 14, 6, 9, 12, 9, 12, 5, 15, 8, 8, 5, 12, 9, 12, 5, 14, 6, 8, 13, 6, 5, 15, 13, 11, 11},
    };
    static const uint32_t k[2][5] = {{0, 0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xA953FD4E}, {0x50A28BE6, 0x5C4DD124, 0x6D703EF3, 0x7A6D76E9, 0}};
    for (; n; n--, data += 64) {
        uint32_t x[16], left[5], right[5], *h = s->w;
        for (int i = 0; i < 16; i++) x[i] = load_le(data + 4 * i);
        memcpy(left, h, sizeof left);
        memcpy(right, h, sizeof right);
        ripemd_line(left, x, words[0], shifts[0], k[0], 0);
        ripemd_line(right, x, words[1], shifts[1], k[1], 1);
        uint32_t t = h[1] + left[2] + right[3];
        h[1] = h[2] + left[3] + right[4];
        h[2] = h[3] + left[4] + right[0];
        h[3] = h[4] + left[0] + right[1];
        h[4] = h[0] + left[1] + right[2];
        h[0] = t;
    }
}

void sm3_blocks(digest_state *s, const uint8_t *data, uint32_t n) {
    for (; n; n--, data += 64) {
        uint32_t w[68], v[8];
        for (int i = 0; i < 16; i++) w[i] = __builtin_bswap32(load_le(data + 4 * i));
        for (int i = 16; i < 68; i++) {
            uint32_t x = w[i - 16] ^ w[i - 9] ^ rotl(w[i - 3], 15);
            w[i] = x ^ rotl(x, 15) ^ rotl(x, 23) ^ rotl(w[i - 13], 7) ^ w[i - 6];
        }
        memcpy(v, s->w, sizeof v);
        for (int i = 0; i < 64; i++) {
            uint32_t a = v[0], b = v[1], c = v[2], e = v[4], f = v[5], g = v[6], k = i < 16 ? 0x79CC4519 : 0x7A879D8A;
            uint32_t ss1 = rotl(rotl(a, 12) + e + (i % 32 ? rotl(k, i % 32) : k), 7), ss2 = ss1 ^ rotl(a, 12);
            uint32_t tt1 = (i < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c)) + v[3] + ss2 + (w[i] ^ w[i + 4]);
            uint32_t tt2 = (i < 16 ? e ^ f ^ g : (e & f) | (~e & g)) + v[7] + ss1 + w[i];
            v[3] = c, v[2] = rotl(b, 9), v[1] = a, v[0] = tt1;
            v[7] = g, v[6] = rotl(f, 19), v[5] = e, v[4] = tt2 ^ rotl(tt2, 9) ^ rotl(tt2, 17);
        }
        for (int i = 0; i < 8; i++) s->w[i] ^= v[i];
    }
}

/* Salsa20/8 on a block of 16 words. */
static void salsa(uint32_t b[16]) {
    uint32_t x[16];
    memcpy(x, b, sizeof x);
#define QUARTER(i, j, k, l) x[j] ^= rotl(x[i] + x[l], 7), x[k] ^= rotl(x[j] + x[i], 9), x[l] ^= rotl(x[k] + x[j], 13), x[i] ^= rotl(x[l] + x[k], 18)
    for (int i = 0; i < 4; i++) {
        QUARTER(0, 4, 8, 12), QUARTER(5, 9, 13, 1), QUARTER(10, 14, 2, 6), QUARTER(15, 3, 7, 11);
        QUARTER(0, 1, 2, 3), QUARTER(5, 6, 7, 4), QUARTER(10, 11, 8, 9), QUARTER(15, 12, 13, 14);
    }
#undef QUARTER
    for (int i = 0; i < 16; i++) b[i] += x[i];
}

/* scryptBlockMix: mixes 2 * r blocks of 16 words from in to out. */
static void block_mix(const uint32_t *in, uint32_t *out, uint32_t r) {
    uint32_t x[16];
    memcpy(x, in + (2 * r - 1) * 16, sizeof x);
    for (uint32_t i = 0; i < 2 * r; i++) {
        for (int j = 0; j < 16; j++) x[j] ^= in[16 * i + j];
        salsa(x);
        memcpy(out + 16 * (i / 2 + (i & 1) * r), x, sizeof x);
    }
}

/* scryptROMix of one of the p parts. The memory ends with the two blocks that are mixed. Words are
 * little-endian, as in the guest's memory. */
static void rom_mix(uint8_t *part, uint32_t *memory, uint32_t n, uint32_t r) {
    uint32_t words = 32 * r, *x = memory + (size_t)words * n, *y = x + words;
    memcpy(x, part, 4 * words);
    for (uint32_t i = 0; i < n; i++) {
        memcpy(memory + (size_t)words * i, x, 4 * words);
        block_mix(memory + (size_t)words * i, x, r);
    }
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *v = memory + (size_t)words * (x[words - 16] & (n - 1));
        for (uint32_t j = 0; j < words; j++) y[j] = x[j] ^ v[j];
        block_mix(y, x, r);
    }
    memcpy(part, x, 4 * words);
}

void digest_scrypt_mix(uint8_t *b, uint32_t *memory, uint32_t n, uint32_t r, uint32_t p) {
    for (uint32_t i = 0; i < p; i++) rom_mix(b + (size_t)128 * r * i, memory, n, r);
}
