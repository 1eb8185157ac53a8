/* flatbuffer.c: see flatbuffer.h. The format: https://flatbuffers.dev/internals/ */
#include "flatbuffer.h"
#include <string.h>

/* Reports whether n bytes at a position are in the buffer, and sets bad if not. */
static int inside(flat *b, uint64_t at, uint64_t n) {
    if (!b->bad && at <= b->size && n <= b->size - at) return 1;
    b->bad = 1;
    return 0;
}

/* Copies n bytes at a position, which may be unaligned, or zeros. */
static void get(flat *b, uint64_t at, void *to, uint32_t n) {
    if (inside(b, at, n)) memcpy(to, b->data + at, n);
    else memset(to, 0, n);
}

static uint32_t get_u32(flat *b, uint64_t at) {
    uint32_t v;
    get(b, at, &v, 4);
    return v;
}

static uint16_t get_u16(flat *b, uint64_t at) {
    uint16_t v;
    get(b, at, &v, 2);
    return v;
}

/* Returns the table at a position. */
static flat_table table_at(flat *b, uint64_t at) {
    flat_table t = {0};
    int64_t vtable = (int64_t)at - (int32_t)get_u32(b, at);
    if (b->bad || at == 0 || vtable < 0) {
        b->bad = 1;
        return t;
    }
    uint16_t bytes = get_u16(b, (uint64_t)vtable);
    t.size = get_u16(b, (uint64_t)vtable + 2);
    if (bytes < 4 || bytes % 2 || !inside(b, (uint64_t)vtable, bytes) || t.size < 4 || !inside(b, at, t.size)) {
        b->bad = 1;
        return (flat_table){0};
    }
    t.at = (uint32_t)at;
    t.fields = (uint32_t)vtable + 4;
    t.count = (uint16_t)((bytes - 4) / 2);
    return t;
}

/* Returns the position of a field of n bytes, or 0 if it is absent. */
static uint32_t find(flat *b, flat_table t, int field, uint32_t n) {
    if (b->bad || !t.at || field >= t.count) return 0;
    uint16_t offset = get_u16(b, t.fields + 2u * (uint32_t)field);
    if (offset == 0) return 0;
    if (offset < 4 || n > t.size || offset > t.size - n) {
        b->bad = 1;
        return 0;
    }
    return t.at + offset;
}

/* Returns the position that a field refers to, or 0. */
static uint64_t follow(flat *b, flat_table t, int field) {
    uint32_t at = find(b, t, field, 4);
    if (!at) return 0;
    uint32_t offset = get_u32(b, at);
    if (offset == 0) b->bad = 1;
    return b->bad ? 0 : (uint64_t)at + offset;
}

flat_table flat_root(flat *b) { return table_at(b, get_u32(b, 0)); }

int64_t flat_i64(flat *b, flat_table t, int field, int64_t absent) {
    uint32_t at = find(b, t, field, 8);
    if (at) get(b, at, &absent, 8);
    return absent;
}

int32_t flat_i32(flat *b, flat_table t, int field, int32_t absent) {
    uint32_t at = find(b, t, field, 4);
    if (at) get(b, at, &absent, 4);
    return absent;
}

int16_t flat_i16(flat *b, flat_table t, int field, int16_t absent) {
    uint32_t at = find(b, t, field, 2);
    if (at) get(b, at, &absent, 2);
    return absent;
}

uint8_t flat_u8(flat *b, flat_table t, int field, uint8_t absent) {
    uint32_t at = find(b, t, field, 1);
    if (at) get(b, at, &absent, 1);
    return absent;
}

flat_table flat_child(flat *b, flat_table t, int field) {
    uint64_t at = follow(b, t, field);
    return at ? table_at(b, at) : (flat_table){0};
}

flat_vector flat_items(flat *b, flat_table t, int field, uint32_t size) {
    uint64_t at = follow(b, t, field);
    flat_vector v = {0};
    if (!at) return v;
    uint32_t count = get_u32(b, at);
    if (!inside(b, at + 4, (uint64_t)count * size)) return v;
    v.at = (uint32_t)at + 4;
    v.count = count;
    return v;
}

/* Different fields may refer to one string, so that their sum can exceed the buffer by far. Writers
 * share equal names at most. */
flat_string flat_text(flat *b, flat_table t, int field) {
    flat_vector v = flat_items(b, t, field, 1);
    if (!v.at) return (flat_string){0};
    if (b->text + v.count > 4 * (uint64_t)b->size) {
        b->bad = 1;
        return (flat_string){0};
    }
    b->text += v.count;
    return (flat_string){(const char *)b->data + v.at, v.count};
}

flat_table flat_item(flat *b, flat_vector v, uint32_t i) {
    uint32_t at = v.at + 4 * i, offset = get_u32(b, at);
    if (offset == 0) b->bad = 1;
    return b->bad ? (flat_table){0} : table_at(b, (uint64_t)at + offset);
}

int64_t flat_number(const flat *b, uint32_t at) {
    int64_t v;
    memcpy(&v, b->data + at, 8);
    return v;
}
