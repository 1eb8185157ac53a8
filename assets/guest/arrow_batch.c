/* arrow_batch.c: the arrays of a record batch and their buffers. */
#include "arrow.h"
#include <string.h>

/* The contents of the first buffers of an array, by type. */
typedef enum { NOTHING, VALIDITY, BITS, VALUES, OFFSETS, LARGE_OFFSETS, SIZES, LARGE_SIZES, VIEWS, DATA } purpose;

static const purpose layouts[ARROW_TYPES][ARROW_MAX_BUFFERS] = {
    [ARROW_INT] = {VALIDITY, VALUES},
    [ARROW_FLOAT] = {VALIDITY, VALUES},
    [ARROW_BINARY] = {VALIDITY, OFFSETS, DATA},
    [ARROW_UTF8] = {VALIDITY, OFFSETS, DATA},
    [ARROW_BOOL] = {VALIDITY, BITS},
    [ARROW_DECIMAL] = {VALIDITY, VALUES},
    [ARROW_DATE] = {VALIDITY, VALUES},
    [ARROW_TIME] = {VALIDITY, VALUES},
    [ARROW_TIMESTAMP] = {VALIDITY, VALUES},
    [ARROW_INTERVAL] = {VALIDITY, VALUES},
    [ARROW_LIST] = {VALIDITY, OFFSETS},
    [ARROW_STRUCT] = {VALIDITY},
    [ARROW_FIXED_BINARY] = {VALIDITY, VALUES},
    [ARROW_FIXED_LIST] = {VALIDITY},
    [ARROW_MAP] = {VALIDITY, OFFSETS},
    [ARROW_DURATION] = {VALIDITY, VALUES},
    [ARROW_LARGE_BINARY] = {VALIDITY, LARGE_OFFSETS, DATA},
    [ARROW_LARGE_UTF8] = {VALIDITY, LARGE_OFFSETS, DATA},
    [ARROW_LARGE_LIST] = {VALIDITY, LARGE_OFFSETS},
    [ARROW_BINARY_VIEW] = {VALIDITY, VIEWS},
    [ARROW_UTF8_VIEW] = {VALIDITY, VIEWS},
    [ARROW_LIST_VIEW] = {VALIDITY, SIZES, SIZES},
    [ARROW_LARGE_LIST_VIEW] = {VALIDITY, LARGE_SIZES, LARGE_SIZES},
};

/* Returns the bits of a value of a type with values of one size. */
static uint64_t value_bits(const arrow_field *f) {
    switch (f->type) {
    case ARROW_FLOAT: return 16u << f->unit;
    case ARROW_DATE: return 32u << f->unit;
    case ARROW_TIMESTAMP:
    case ARROW_DURATION: return 64;
    case ARROW_INTERVAL: return f->unit == 2 ? 128 : 32u << f->unit;
    case ARROW_FIXED_BINARY: return 8 * (uint64_t)f->width;
    default: return (uint64_t)f->width;
    }
}

/* Returns the bytes that n values need in a buffer. n is below 2^31, and the bits below 2^35. */
static uint64_t needed(purpose p, const arrow_field *f, uint64_t n) {
    switch (p) {
    case VALIDITY:
    case BITS: return (n + 7) / 8;
    case VALUES: return (n * (value_bits(f) / 8));
    case OFFSETS: return n ? 4 * (n + 1) : 0;
    case LARGE_OFFSETS: return n ? 8 * (n + 1) : 0;
    case SIZES: return 4 * n;
    case LARGE_SIZES: return 8 * n;
    case VIEWS: return 16 * n;
    default: return 0;
    }
}

/* Adds where the error is to its text. */
static int fail_at(const arrow_batch *b, const arrow_field *f, const char *what, long long have, long long need) {
    int n = (int)(f->name.size > 80 ? 80 : f->name.size);
    return arrow_fail(b->stream, "column '%.*s', batch %d: %s (%lld, and %lld are needed)", n, f->name.data ? f->name.data : "", b->stream->batch, what, have, need);
}

/* A codec was given. Its numbers are those of Message.fbs. */
static int refuse_compressed(arrow_stream *s, arrow_message *m, flat_table compression) {
    int codec = flat_u8(&m->metadata, compression, 0, 0);
    return arrow_fail(s, "batch %d is compressed (%s), which a cell does not read; send the table with IpcWriteOptions(compression=None)", s->batch, codec == 0 ? "lz4" : codec == 1 ? "zstd" : "unknown codec");
}

int arrow_open_batch(arrow_stream *s, arrow_message *m, flat_table t, arrow_batch *b) {
    flat *d = &m->metadata;
    memset(b, 0, sizeof *b);
    b->stream = s;
    b->message = m;
    b->length = flat_i64(d, t, 0, 0);
    b->nodes = flat_items(d, t, 1, 16);
    b->buffers = flat_items(d, t, 2, 16);
    b->variadic = flat_items(d, t, 4, 8);
    flat_table compression = flat_child(d, t, 3);
    if (d->bad || !t.at) return arrow_fail(s, "the metadata of batch %d are damaged", s->batch);
    if (compression.at) return refuse_compressed(s, m, compression);
    if (b->length < 0 || b->length >= INT32_MAX) return arrow_fail(s, "batch %d has %lld rows; a cell reads less than %d", s->batch, (long long)b->length, INT32_MAX);
    return 0;
}

int arrow_read_buffer(arrow_batch *b, arrow_buffer *to) {
    const arrow_message *m = b->message;
    if (b->buffer >= b->buffers.count) return arrow_fail(b->stream, "batch %d has only %u buffers, fewer than its columns need", b->stream->batch, b->buffers.count);
    uint32_t at = b->buffers.at + 16 * b->buffer++;
    int64_t offset = flat_number(&m->metadata, at), size = flat_number(&m->metadata, at + 8);
    if (offset < 0 || size < 0 || (uint64_t)offset > m->body_size || (uint64_t)size > m->body_size - (uint64_t)offset)
        return arrow_fail(b->stream, "buffer %u of batch %d (offset %lld, %lld bytes) is outside of its body of %llu bytes", b->buffer, b->stream->batch,
                          (long long)offset, (long long)size, (unsigned long long)m->body_size);
    to->at = m->body + (size_t)offset;
    to->size = (size_t)size;
    return 0;
}

/* Reads the length and the number of nulls of the next array. */
static int read_node(arrow_batch *b, const arrow_field *f, int64_t least, arrow_array *a) {
    if (b->node >= b->nodes.count) return arrow_fail(b->stream, "batch %d has only %u arrays, fewer than its columns need", b->stream->batch, b->nodes.count);
    uint32_t at = b->nodes.at + 16 * b->node++;
    a->length = flat_number(&b->message->metadata, at);
    a->nulls = flat_number(&b->message->metadata, at + 8);
    if (a->length < least || a->length >= INT32_MAX) return fail_at(b, f, "its number of values is wrong", (long long)a->length, (long long)least);
    if (a->nulls < -1 || a->nulls > a->length) return fail_at(b, f, "its number of nulls exceeds that of its values", (long long)a->nulls, (long long)a->length);
    return 0;
}

/* Reads how many buffers the data of views have. */
static int read_views(arrow_batch *b, const arrow_field *f, arrow_array *a) {
    if (b->variable >= b->variadic.count) return fail_at(b, f, "the number of its buffers is missing", b->variadic.count, b->variable + 1);
    int64_t n = flat_number(&b->message->metadata, b->variadic.at + 8 * b->variable++);
    if (n < 0 || n > b->buffers.count - b->buffer) return fail_at(b, f, "the number of its buffers is wrong", b->buffers.count - b->buffer, (long long)n);
    a->views = (int)n;
    return 0;
}

/* The format before version 5 of the metadata gives unions a bitmap; there are no unions here. */
int arrow_read_array(arrow_batch *b, const arrow_field *f, int indices, int64_t least, arrow_array *a) {
    arrow_field index = {.name = f->name, .type = ARROW_INT, .width = f->index_width};
    const arrow_field *type = indices ? &index : f;
    memset(a, 0, sizeof *a);
    if (read_node(b, f, least, a) < 0) return -1;
    const purpose *layout = layouts[type->type];
    for (; a->count < ARROW_MAX_BUFFERS && layout[a->count] != NOTHING; a->count++) {
        arrow_buffer *to = &a->buffers[a->count];
        uint64_t n = needed(layout[a->count], type, (uint64_t)a->length);
        if (arrow_read_buffer(b, to) < 0) return -1;
        if (layout[a->count] == VALIDITY && (a->nulls == 0 || (a->nulls < 0 && to->size == 0))) to->size = 0;
        else if (to->size < n) return fail_at(b, f, layout[a->count] == VALIDITY ? "the bitmap of its nulls is too short" : "a buffer is too short", (long long)to->size, (long long)n);
    }
    return type->type == ARROW_BINARY_VIEW || type->type == ARROW_UTF8_VIEW ? read_views(b, f, a) : 0;
}

int64_t arrow_child_length(const arrow_field *f, const arrow_array *a) {
    if (f->type == ARROW_STRUCT) return a->length;
    if (f->type != ARROW_FIXED_LIST) return 0;
    int64_t n = a->length * (int64_t)f->width; /* both are below 2^31 */
    return n < INT32_MAX ? n : -1;
}

int arrow_close_batch(arrow_batch *b) {
    if (b->node != b->nodes.count || b->buffer != b->buffers.count)
        return arrow_fail(b->stream, "batch %d has %u arrays and %u buffers; its columns need %u and %u", b->stream->batch, b->nodes.count, b->buffers.count, b->node, b->buffer);
    return 0;
}
