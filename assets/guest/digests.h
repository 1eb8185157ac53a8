/* digests.h: the digests of the Merkle-Damgård construction, for hashes, HMAC and key derivation. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { DIGEST_MAX_BLOCK = 128, DIGEST_MAX_SIZE = 64 };

typedef union { uint32_t w[8]; uint64_t d[8]; } digest_state;

typedef struct {
    const char *name;
    uint8_t block, size; /* in bytes */
    uint8_t big_endian, wide; /* wide: the words of the state have 64 bits */
    void (*init)(digest_state *);
    void (*blocks)(digest_state *, const uint8_t *data, uint32_t n);
} digest_algorithm;

typedef struct {
    const digest_algorithm *algorithm;
    digest_state state;
    uint64_t length;
    uint8_t rest[DIGEST_MAX_BLOCK]; /* the first length % block bytes */
} digest_context;

/* Returns NULL if there is no algorithm of that name. */
const digest_algorithm *digest_find(const char *name);

void digest_begin(digest_context *, const digest_algorithm *);
void digest_update(digest_context *, const uint8_t *data, size_t len);

/* Writes the digest of the data so far; the context becomes invalid. */
void digest_finish(digest_context *, uint8_t *out);

/* Writes the digest that a state stands for. */
void digest_write(const digest_algorithm *, const digest_state *, uint8_t *out);

/* Appends the padding of a message of that many bytes to the len bytes of its last block, which
 * must have room for it. */
void digest_pad(const digest_algorithm *, uint8_t *block, size_t len, uint64_t length);

/* Prepares HMAC: the states after the block of the key. */
void digest_hmac_key(const digest_algorithm *, const uint8_t *key, size_t len, digest_state *inner, digest_state *outer);

/* Starts a digest in a state that has processed one block. */
void digest_resume(digest_context *, const digest_algorithm *, const digest_state *);

/* PBKDF2-HMAC (RFC 8018). */
void digest_pbkdf2(const digest_algorithm *, const uint8_t *password, size_t password_len, const uint8_t *salt, size_t salt_len, uint32_t iterations, uint8_t *out,
                   size_t out_len);

/* scrypt (RFC 7914): memory has 128 * r * (n + 2) bytes, and b, which holds the blocks, 128 * r * p
 * bytes. n is a power of two. */
void digest_scrypt_mix(uint8_t *b, uint32_t *memory, uint32_t n, uint32_t r, uint32_t p);

/* The two digests that are defined in compress.c. */
void ripemd160_blocks(digest_state *, const uint8_t *data, uint32_t n);
void sm3_blocks(digest_state *, const uint8_t *data, uint32_t n);
