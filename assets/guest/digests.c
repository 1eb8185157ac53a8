/* digests.c: the table of digests, and their common parts: padding, HMAC and PBKDF2. MD5,
 * SHA-1 and SHA-2 are CPython's (HACL*). */
#include "digests.h"
#include <string.h>
#include "_hacl/internal/Hacl_Hash_MD5.h"
#include "_hacl/internal/Hacl_Hash_SHA1.h"
#include "_hacl/internal/Hacl_Hash_SHA2.h"

static void md5_init(digest_state *s) { Hacl_Hash_MD5_init(s->w); }
static void md5_blocks(digest_state *s, const uint8_t *data, uint32_t n) { Hacl_Hash_MD5_update_multi(s->w, (uint8_t *)data, n); }
static void sha1_init(digest_state *s) { Hacl_Hash_SHA1_init(s->w); }
static void sha1_blocks(digest_state *s, const uint8_t *data, uint32_t n) { Hacl_Hash_SHA1_update_multi(s->w, (uint8_t *)data, n); }
static void sha224_init(digest_state *s) { Hacl_Hash_SHA2_sha224_init(s->w); }
static void sha256_init(digest_state *s) { Hacl_Hash_SHA2_sha256_init(s->w); }
static void sha256_blocks(digest_state *s, const uint8_t *data, uint32_t n) { Hacl_Hash_SHA2_sha256_update_nblocks(n * 64, (uint8_t *)data, s->w); }
static void sha384_init(digest_state *s) { Hacl_Hash_SHA2_sha384_init(s->d); }
static void sha512_init(digest_state *s) { Hacl_Hash_SHA2_sha512_init(s->d); }
static void sha512_blocks(digest_state *s, const uint8_t *data, uint32_t n) { Hacl_Hash_SHA2_sha512_update_nblocks(n * 128, (uint8_t *)data, s->d); }

static void sha512_224_init(digest_state *s) { /* FIPS 180-4, 5.3.6.1 */
    static const uint64_t start[8] = {0x8C3D37C819544DA2, 0x73E1996689DCD4D6, 0x1DFAB7AE32FF9C82, 0x679DD514582F9FCF,
                                      0x0F6D2B697BD44DA8, 0x77E36F7304C48942, 0x3F9D85A86A1D36C8, 0x1112E6AD91D692A1};
    memcpy(s->d, start, sizeof start);
}
static void sha512_256_init(digest_state *s) { /* FIPS 180-4, 5.3.6.2 */
    static const uint64_t start[8] = {0x22312194FC2BF72C, 0x9F555FA3C84C64C2, 0x2393B86B6F53B151, 0x963877195940EABD,
                                      0x96283EE2A88EFFE3, 0xBE5E1E2553863992, 0x2B0199FC2C85B8AA, 0x0EB72DDC81C52CA2};
    memcpy(s->d, start, sizeof start);
}
static void ripemd160_init(digest_state *s) {
    static const uint32_t start[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    memcpy(s->w, start, sizeof start);
}
static void sm3_init(digest_state *s) {
    static const uint32_t start[8] = {0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E};
    memcpy(s->w, start, sizeof start);
}

static const digest_algorithm algorithms[] = {
    {"md5", 64, 16, 0, 0, md5_init, md5_blocks},
    {"sha1", 64, 20, 1, 0, sha1_init, sha1_blocks},
    {"sha224", 64, 28, 1, 0, sha224_init, sha256_blocks},
    {"sha256", 64, 32, 1, 0, sha256_init, sha256_blocks},
    {"sha384", 128, 48, 1, 1, sha384_init, sha512_blocks},
    {"sha512", 128, 64, 1, 1, sha512_init, sha512_blocks},
    {"sha512_224", 128, 28, 1, 1, sha512_224_init, sha512_blocks},
    {"sha512_256", 128, 32, 1, 1, sha512_256_init, sha512_blocks},
    {"ripemd160", 64, 20, 0, 0, ripemd160_init, ripemd160_blocks},
    {"sm3", 64, 32, 1, 0, sm3_init, sm3_blocks},
    {0},
};

const digest_algorithm *digest_find(const char *name) {
    for (const digest_algorithm *a = algorithms; a->name; a++)
        if (!strcmp(a->name, name)) return a;
    return NULL;
}

void digest_begin(digest_context *c, const digest_algorithm *a) {
    c->algorithm = a;
    c->length = 0;
    a->init(&c->state);
}

void digest_resume(digest_context *c, const digest_algorithm *a, const digest_state *s) {
    c->algorithm = a;
    c->length = a->block;
    c->state = *s;
}

void digest_update(digest_context *c, const uint8_t *data, size_t len) {
    size_t block = c->algorithm->block, have = c->length % block;
    c->length += len;
    if (have) {
        size_t n = len < block - have ? len : block - have;
        memcpy(c->rest + have, data, n);
        data += n, len -= n;
        if (have + n < block) return;
        c->algorithm->blocks(&c->state, c->rest, 1);
    }
    c->algorithm->blocks(&c->state, data, len / block);
    if (len % block) memcpy(c->rest, data + len - len % block, len % block);
}

void digest_pad(const digest_algorithm *a, uint8_t *block, size_t len, uint64_t length) {
    uint64_t bits = length * 8;
    block[len++] = 0x80;
    memset(block + len, 0, a->block - len);
    for (int i = 0; i < 8; i++) block[a->block - 1 - i] = (uint8_t)(bits >> 8 * (a->big_endian ? i : 7 - i));
}

void digest_write(const digest_algorithm *a, const digest_state *s, uint8_t *out) {
    int bytes = a->wide ? 8 : 4;
    for (int i = 0; i < a->size; i++) {
        int byte = a->big_endian ? bytes - 1 - i % bytes : i % bytes;
        out[i] = (uint8_t)(a->wide ? s->d[i / 8] >> 8 * byte : s->w[i / 4] >> 8 * byte);
    }
}

void digest_finish(digest_context *c, uint8_t *out) {
    const digest_algorithm *a = c->algorithm;
    size_t have = c->length % a->block, room = a->block - (a->wide ? 17 : 9);
    if (have > room) { /* the length does not fit into this block */
        c->rest[have++] = 0x80;
        memset(c->rest + have, 0, a->block - have);
        a->blocks(&c->state, c->rest, 1);
        digest_pad(a, c->rest, 0, c->length);
        c->rest[0] = 0;
    } else {
        digest_pad(a, c->rest, have, c->length);
    }
    a->blocks(&c->state, c->rest, 1);
    digest_write(a, &c->state, out);
}

void digest_hmac_key(const digest_algorithm *a, const uint8_t *key, size_t len, digest_state *inner, digest_state *outer) {
    uint8_t block[DIGEST_MAX_BLOCK] = {0};
    if (len > a->block) {
        digest_context c;
        digest_begin(&c, a);
        digest_update(&c, key, len);
        digest_finish(&c, block);
    } else if (len) {
        memcpy(block, key, len);
    }
    for (int i = 0; i < a->block; i++) block[i] ^= 0x36;
    a->init(inner);
    a->blocks(inner, block, 1);
    for (int i = 0; i < a->block; i++) block[i] ^= 0x36 ^ 0x5c;
    a->init(outer);
    a->blocks(outer, block, 1);
}

/* Writes one block of PBKDF2's output, of the size of the digest. u is the first HMAC. */
static void iterate(const digest_algorithm *a, const digest_state *inner, const digest_state *outer, const uint8_t *u, uint32_t iterations, uint8_t *out) {
    uint8_t block[DIGEST_MAX_BLOCK];
    memcpy(block, u, a->size);
    memcpy(out, u, a->size);
    digest_pad(a, block, a->size, a->block + a->size);
    for (uint32_t n = 1; n < iterations; n++) {
        digest_state s = *inner;
        a->blocks(&s, block, 1);
        digest_write(a, &s, block);
        s = *outer;
        a->blocks(&s, block, 1);
        digest_write(a, &s, block);
        for (int i = 0; i < a->size; i++) out[i] ^= block[i];
    }
}

void digest_pbkdf2(const digest_algorithm *a, const uint8_t *password, size_t password_len, const uint8_t *salt, size_t salt_len, uint32_t iterations, uint8_t *out,
                   size_t out_len) {
    digest_state inner, outer;
    digest_hmac_key(a, password, password_len, &inner, &outer);
    for (uint32_t number = 1; out_len; number++) {
        digest_context c;
        uint8_t u[DIGEST_MAX_SIZE], t[DIGEST_MAX_SIZE];
        uint8_t index[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
        digest_resume(&c, a, &inner);
        digest_update(&c, salt, salt_len);
        digest_update(&c, index, 4);
        digest_finish(&c, u);
        digest_resume(&c, a, &outer);
        digest_update(&c, u, a->size);
        digest_finish(&c, u);
        iterate(a, &inner, &outer, u, iterations, t);
        size_t n = out_len < a->size ? out_len : a->size;
        memcpy(out, t, n);
        out += n, out_len -= n;
    }
}
