/* arrow_schema.c: reads the schema of a stream. */
#include "arrow.h"
#include <stdlib.h>
#include <string.h>

static int is_one_of(int v, const char *set) { return v > 0 && v < 127 && strchr(set, v) != NULL; }

/* Checks the parameters of a type. Returns 0 if they are not valid. */
static int valid_type(const arrow_field *f) {
    switch (f->type) {
    case ARROW_INT: return f->width == 8 || f->width == 16 || f->width == 32 || f->width == 64;
    case ARROW_FLOAT: return f->unit >= 0 && f->unit <= 2;
    case ARROW_DECIMAL: return f->width == 32 || f->width == 64 || f->width == 128 || f->width == 256;
    case ARROW_DATE: return f->unit == 0 || f->unit == 1;
    case ARROW_TIME: return f->width == (f->unit < 2 ? 32 : 64) && f->unit >= 0 && f->unit <= 3;
    case ARROW_TIMESTAMP:
    case ARROW_DURATION: return f->unit >= 0 && f->unit <= 3;
    case ARROW_INTERVAL: return f->unit >= 0 && f->unit <= 2;
    case ARROW_FIXED_BINARY:
    case ARROW_FIXED_LIST: return f->width >= 0;
    default: return f->type > 0 && f->type < ARROW_TYPES;
    }
}

/* Checks the number of fields inside of a field. */
static int valid_children(const arrow_field *f) {
    if (f->type == ARROW_STRUCT || f->type == ARROW_UNION) return 1;
    if (f->type == ARROW_RUN_END) return f->children == 2;
    int one = is_one_of(f->type, (const char[]){ARROW_LIST, ARROW_LARGE_LIST, ARROW_FIXED_LIST, ARROW_MAP, ARROW_LIST_VIEW, ARROW_LARGE_LIST_VIEW, 0});
    return f->children == one;
}

static void read_type(flat *b, flat_table t, arrow_field *f) {
    switch (f->type) {
    case ARROW_INT:
        f->width = flat_i32(b, t, 0, 0);
        f->scale = flat_u8(b, t, 1, 0) != 0;
        break;
    case ARROW_FLOAT: f->unit = flat_i16(b, t, 0, 0); break;
    case ARROW_DECIMAL:
        f->unit = flat_i32(b, t, 0, 0);
        f->scale = flat_i32(b, t, 1, 0);
        f->width = flat_i32(b, t, 2, 128);
        break;
    case ARROW_DATE:
    case ARROW_DURATION: f->unit = flat_i16(b, t, 0, 1); break;
    case ARROW_TIME:
        f->unit = flat_i16(b, t, 0, 1);
        f->width = flat_i32(b, t, 1, 32);
        break;
    case ARROW_TIMESTAMP:
        f->unit = flat_i16(b, t, 0, 0);
        f->zone = flat_text(b, t, 1);
        break;
    case ARROW_INTERVAL: f->unit = flat_i16(b, t, 0, 0); break;
    case ARROW_FIXED_BINARY:
    case ARROW_FIXED_LIST: f->width = flat_i32(b, t, 0, 0); break;
    }
}

/* Reads how the values of a field are encoded by a dictionary. */
static void read_encoding(flat *b, flat_table t, arrow_field *f) {
    f->dictionary = t.at != 0;
    if (!f->dictionary) return;
    f->dictionary_id = flat_i64(b, t, 0, 0);
    flat_table type = flat_child(b, t, 1);
    f->index_width = type.at ? flat_i32(b, type, 0, 0) : 32;
    f->index_signed = type.at ? flat_u8(b, type, 1, 0) != 0 : 1;
    f->ordered = flat_u8(b, t, 2, 0) != 0;
}

static arrow_field *new_field(arrow_stream *s, arrow_schema *schema) {
    if (schema->count == ARROW_MAX_FIELDS) {
        arrow_fail(s, "the table has more than %d columns; a cell reads at most %d", ARROW_MAX_FIELDS, ARROW_MAX_FIELDS);
        return NULL;
    }
    if (schema->count == schema->capacity) {
        int capacity = schema->capacity ? 2 * schema->capacity : 16;
        arrow_field *fields = realloc(schema->fields, (size_t)capacity * sizeof *fields);
        if (!fields) {
            arrow_fail(s, "there is no memory for a schema of %d columns", capacity);
            return NULL;
        }
        schema->fields = fields;
        schema->capacity = capacity;
    }
    arrow_field *f = &schema->fields[schema->count++];
    memset(f, 0, sizeof *f);
    return f;
}

static int check_field(arrow_stream *s, const arrow_schema *schema, int at) {
    const arrow_field *f = &schema->fields[at];
    if (schema->metadata.bad) return arrow_fail(s, "the schema is damaged at column %d", at + 1);
    if (!valid_type(f) || !valid_children(f)) return arrow_fail(s, "column '%.*s' has an invalid type (number %d)", (int)(f->name.size > 80 ? 80 : f->name.size), f->name.data ? f->name.data : "", f->type);
    if (f->type == ARROW_UNION) return arrow_fail(s, "column '%.*s' is a union, for which pandas has no type", (int)(f->name.size > 80 ? 80 : f->name.size), f->name.data ? f->name.data : "");
    int w = f->index_width;
    if (f->dictionary && w != 8 && w != 16 && w != 32 && w != 64) return arrow_fail(s, "the indices of column '%.*s' have %d bits", (int)(f->name.size > 80 ? 80 : f->name.size), f->name.data ? f->name.data : "", w);
    return 0;
}

/* Reads a field and the fields inside of it. The array of fields may move. */
static int read_field(arrow_stream *s, arrow_schema *schema, flat_table t, int depth) {
    flat *b = &schema->metadata;
    if (depth > ARROW_MAX_DEPTH) return arrow_fail(s, "the types of the table are nested more than %d deep", ARROW_MAX_DEPTH);
    int at = schema->count;
    arrow_field *f = new_field(s, schema);
    if (!f) return -1;
    f->name = flat_text(b, t, 0);
    f->nullable = flat_u8(b, t, 1, 0) != 0;
    f->type = flat_u8(b, t, 2, 0);
    read_type(b, flat_child(b, t, 3), f);
    read_encoding(b, flat_child(b, t, 4), f);
    f->pairs = flat_items(b, t, 6, 4);
    flat_vector children = flat_items(b, t, 5, 4);
    f->children = children.count > ARROW_MAX_FIELDS ? ARROW_MAX_FIELDS : (int)children.count;
    if (check_field(s, schema, at) < 0) return -1;
    for (uint32_t i = 0; i < children.count; i++)
        if (read_field(s, schema, flat_item(b, children, i), depth + 1) < 0) return -1;
    schema->fields[at].end = schema->count;
    f = &schema->fields[at]; /* it may have moved */
    if (f->type == ARROW_MAP && (f[1].type != ARROW_STRUCT || f[1].children != 2 || f[1].dictionary)) return arrow_fail(s, "a map does not have pairs of keys and values");
    return 0;
}

int arrow_read_schema(arrow_stream *s, const arrow_message *m, arrow_schema *schema) {
    memset(schema, 0, sizeof *schema);
    schema->metadata = m->metadata;
    flat *b = &schema->metadata;
    if (flat_i16(b, m->header, 0, 0) != 0) return arrow_fail(s, "the table is big-endian; send it from a little-endian machine");
    flat_vector columns = flat_items(b, m->header, 1, 4);
    for (uint32_t i = 0; i < columns.count; i++)
        if (read_field(s, schema, flat_item(b, columns, i), 1) < 0) return -1;
    schema->columns = (int)columns.count;
    schema->pairs = flat_items(b, m->header, 2, 4);
    return b->bad ? arrow_fail(s, "the schema is damaged") : 0;
}
