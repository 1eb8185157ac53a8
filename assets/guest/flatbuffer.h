/* flatbuffer.h: reads FlatBuffers tables from untrusted bytes.
 *
 * Every position is checked before it is read. A position outside of the buffer sets bad, and reads
 * then return 0, so that callers check only once, at the end. */
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const uint8_t *data;
    uint32_t size; /* bytes; below 2^31 */
    uint64_t text; /* bytes of the strings that were read; see flat_text */
    int bad;       /* a position is outside of the buffer */
} flat;

typedef struct {
    uint32_t at;     /* position of the table; 0 if it is absent */
    uint32_t fields; /* position of its first field's entry in the vtable */
    uint16_t count;  /* number of entries */
    uint16_t size;   /* bytes of the table itself */
} flat_table;

typedef struct {
    uint32_t at, count;
} flat_vector;

typedef struct {
    const char *data; /* not terminated; NULL if the string is absent */
    uint32_t size;
} flat_string;

/* Returns the root table of the buffer. */
flat_table flat_root(flat *b);

/* Return the value of a scalar field, or a default if the field is absent. */
int64_t flat_i64(flat *b, flat_table t, int field, int64_t absent);
int32_t flat_i32(flat *b, flat_table t, int field, int32_t absent);
int16_t flat_i16(flat *b, flat_table t, int field, int16_t absent);
uint8_t flat_u8(flat *b, flat_table t, int field, uint8_t absent);

/* Return the table, vector or string of a field, or an absent one if the field is absent. The items
 * of a vector have the given size. */
flat_table flat_child(flat *b, flat_table t, int field);
flat_vector flat_items(flat *b, flat_table t, int field, uint32_t size);
flat_string flat_text(flat *b, flat_table t, int field);

/* Returns an item of a vector of tables. */
flat_table flat_item(flat *b, flat_vector v, uint32_t i);

/* Returns the 64-bit integer at a position that flat_items has checked. */
int64_t flat_number(const flat *b, uint32_t at);
