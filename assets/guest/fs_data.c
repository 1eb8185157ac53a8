/* fs_data.c: the bytes of files in the scratch folder, in blocks, of which the first is smaller in
 * a small file. They count against the memory limit of the cell. When it is reached, a write fails
 * with ENOSPC, and a reserve is freed, so that the script can still raise the error. */
#include "fs.h"
#include <stdlib.h>
#include <string.h>

#define BLOCK 65536u
#define SMALLEST 256u
#define RESERVE (1u << 20)

static void *reserve;

static void *resize(void *old, size_t size) {
    if (!reserve) reserve = malloc(RESERVE);
    void *p = reserve ? realloc(old, size) : NULL;
    if (!p) {
        free(reserve);
        reserve = NULL;
    }
    return p;
}

/* Makes room for the pointer to block i. */
static bool add_slots(struct fs_node *n, uint32_t i) {
    uint32_t slots = n->slots ? n->slots : 1;
    while (slots <= i) slots *= 2;
    if (slots == n->slots) return true;
    uint8_t **blocks = resize(n->blocks, slots * sizeof *blocks);
    if (!blocks) return false;
    memset(blocks + n->slots, 0, (slots - n->slots) * sizeof *blocks);
    n->blocks = blocks, n->slots = slots;
    return true;
}

/* Returns the bytes that block i has. */
static uint32_t block_size(const struct fs_node *n, uint32_t i) {
    if (i >= n->slots || !n->blocks[i]) return 0;
    return i ? BLOCK : n->first;
}

/* Returns block i with room for end bytes, or NULL. */
static uint8_t *block(struct fs_node *n, uint32_t i, uint32_t end) {
    if (!add_slots(n, i)) return NULL;
    uint32_t has = block_size(n, i), size = i || n->size > BLOCK ? BLOCK : SMALLEST;
    while (size < end) size *= 2;
    if (has >= size) return n->blocks[i];
    uint8_t *p = resize(n->blocks[i], size);
    if (!p) return NULL;
    memset(p + has, 0, size - has);
    n->blocks[i] = p;
    if (!i) n->first = size;
    return p;
}

static uint32_t smaller(uint64_t a, uint64_t b) { return (uint32_t)(a < b ? a : b); }

static void read_block(const struct fs_node *n, uint64_t at, uint8_t *dst, uint32_t len) {
    uint32_t i = (uint32_t)(at / BLOCK), from = at % BLOCK, has = block_size(n, i);
    uint32_t known = from < has ? smaller(has - from, len) : 0;
    if (known) memcpy(dst, n->blocks[i] + from, known);
    memset(dst + known, 0, len - known);
}

/* Reads at most len bytes and returns their number. */
size_t fs_read(const struct fs_node *n, uint64_t at, void *dst, size_t len) {
    if (at >= n->size) return 0;
    uint32_t total = smaller(n->size - at, len), done = 0, part;
    for (; done < total; done += part) {
        part = smaller(BLOCK - (at + done) % BLOCK, total - done);
        read_block(n, at + done, (uint8_t *)dst + done, part);
    }
    return total;
}

/* Writes len bytes, or as many as fit. It fails if none does. */
int fs_write(struct fs_node *n, uint64_t at, const void *src, size_t len, size_t *written) {
    if (len && at >= FS_SIZE) return __WASI_ERRNO_FBIG;
    uint32_t total = len ? smaller(FS_SIZE - at, len) : 0, done = 0, part;
    for (; done < total; done += part) {
        uint32_t from = (at + done) % BLOCK;
        part = smaller(BLOCK - from, total - done);
        uint8_t *p = block(n, (uint32_t)((at + done) / BLOCK), from + part);
        if (!p) break;
        memcpy(p + from, (const uint8_t *)src + done, part);
        if (n->size < at + done + part) n->size = (uint32_t)(at + done + part);
    }
    *written = done;
    return done || !total ? 0 : fs_full(false);
}

/* Shortens a file or extends it with zeros, which take no memory. */
int fs_resize(struct fs_node *n, uint64_t size) {
    if (size > FS_SIZE) return __WASI_ERRNO_FBIG;
    uint32_t last = (uint32_t)(size / BLOCK), from = size % BLOCK;
    for (uint32_t i = last + (from > 0); i < n->slots; i++) {
        free(n->blocks[i]);
        n->blocks[i] = NULL;
    }
    if (block_size(n, last) > from) memset(n->blocks[last] + from, 0, block_size(n, last) - from);
    if (!size) fs_free_data(n);
    n->size = (uint32_t)size;
    return 0;
}

void fs_free_data(struct fs_node *n) {
    for (uint32_t i = 0; i < n->slots; i++) free(n->blocks[i]);
    free(n->blocks);
    n->blocks = NULL;
    n->slots = n->first = n->size = 0;
}
