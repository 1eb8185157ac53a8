/* arrow_stream.c: the messages of a stream. */
#include "arrow.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { VERSION_4 = 3, VERSION_5 = 4 }; /* of the metadata; earlier ones are from before 2018 */

int arrow_fail(arrow_stream *s, const char *format, ...) {
    va_list args;
    if (s->error[0]) return -1;
    va_start(args, format);
    vsnprintf(s->error, sizeof s->error, format, args);
    va_end(args);
    return -1;
}

static uint32_t u32(const uint8_t *p) {
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

/* Reads the length of the next message's metadata, 0 at the end. */
static int read_length(arrow_stream *s, uint32_t *length) {
    size_t left = s->size - s->at;
    *length = 0;
    if (left == 0) return 0;
    if (left < 4) return arrow_fail(s, "the stream ends in the length of a message, at byte %zu", s->at);
    *length = u32(s->data + s->at);
    s->at += 4;
    if (*length != UINT32_MAX) return 0; /* the form before version 0.15 has no mark */
    if (left < 8) return arrow_fail(s, "the stream ends in the length of a message, at byte %zu", s->at);
    *length = u32(s->data + s->at);
    s->at += 4;
    return 0;
}

/* Reads the fields of a message's metadata. */
static int read_header(arrow_stream *s, arrow_message *m) {
    flat *b = &m->metadata;
    flat_table t = flat_root(b);
    int version = flat_i16(b, t, 0, 0);
    m->kind = flat_u8(b, t, 1, 0);
    m->header = flat_child(b, t, 2);
    int64_t size = flat_i64(b, t, 3, 0);
    if (b->bad || !m->header.at) return arrow_fail(s, "the metadata of the message before byte %zu are damaged", m->body);
    if (version != VERSION_4 && version != VERSION_5) return arrow_fail(s, "the table has version %d of the Arrow format; a cell reads versions 4 and 5", version + 1);
    if (m->kind < ARROW_SCHEMA || m->kind > ARROW_BATCH) return arrow_fail(s, "a message of kind %d is not part of a table", m->kind);
    if (size < 0 || (uint64_t)size > s->size - s->at)
        return arrow_fail(s, "the body of a message has %lld bytes, but the stream ends after %zu", (long long)size, s->size - s->at);
    m->body_size = (uint64_t)size;
    s->at += (size_t)size;
    return 0;
}

int arrow_next(arrow_stream *s, arrow_message *m) {
    uint32_t length;
    memset(m, 0, sizeof *m);
    if (read_length(s, &length) < 0) return -1;
    if (length == 0) return 0;
    if (length > INT32_MAX || length > s->size - s->at)
        return arrow_fail(s, "the metadata of a message have %u bytes, but the stream ends after %zu", length, s->size - s->at);
    m->metadata.data = s->data + s->at;
    m->metadata.size = length;
    s->at += length;
    m->body = s->at;
    return read_header(s, m);
}
