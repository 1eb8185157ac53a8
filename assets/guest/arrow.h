/* arrow.h: reads Arrow IPC streams, the tables of Arrow Flight.
 *
 * The files, from the bottom: flatbuffer (the metadata), arrow_schema (fields and types),
 * arrow_stream (messages), arrow_batch (arrays and their buffers), which do not depend on Python;
 * arrow_read and arrow_texts (Python objects), arrow_write (buffers of strings), arrow_module. The
 * Python half is in tabcell_guest/table*.py.
 *
 * A stream comes from a client. Every length, count and position is checked before it is used; an
 * error names the column and the batch. The format is described at
 * https://arrow.apache.org/docs/format/Columnar.html. */
#pragma once
#include "flatbuffer.h"

/* Types, with the numbers of Schema.fbs. */
enum {
    ARROW_NULL = 1, ARROW_INT, ARROW_FLOAT, ARROW_BINARY, ARROW_UTF8, ARROW_BOOL, ARROW_DECIMAL, ARROW_DATE, ARROW_TIME, ARROW_TIMESTAMP,
    ARROW_INTERVAL, ARROW_LIST, ARROW_STRUCT, ARROW_UNION, ARROW_FIXED_BINARY, ARROW_FIXED_LIST, ARROW_MAP, ARROW_DURATION,
    ARROW_LARGE_BINARY, ARROW_LARGE_UTF8, ARROW_LARGE_LIST, ARROW_RUN_END, ARROW_BINARY_VIEW, ARROW_UTF8_VIEW, ARROW_LIST_VIEW,
    ARROW_LARGE_LIST_VIEW, ARROW_TYPES
};

/* Kinds of messages, with the numbers of Message.fbs. */
enum { ARROW_END = 0, ARROW_SCHEMA = 1, ARROW_DICTIONARY = 2, ARROW_BATCH = 3 };

enum {
    ARROW_MAX_FIELDS = 32768, /* of a schema, with those inside of others */
    ARROW_MAX_DEPTH = 64,     /* of fields inside of others */
    ARROW_MAX_BUFFERS = 3,    /* of an array, without the data of views */
};

typedef struct {
    flat_string name;
    int nullable, type;
    int width;            /* bits of a value; bytes of a fixed-size binary; items of a fixed-size list */
    int unit;             /* of dates, times, intervals; precision of floats and decimals */
    int scale;            /* of decimals; 1 for signed integers */
    flat_string zone;     /* of timestamps */
    int dictionary;       /* the values are encoded by a dictionary ... */
    int64_t dictionary_id;
    int index_width, index_signed, ordered; /* ... with indices of this type */
    flat_vector pairs;    /* its metadata: tables of a key and a value */
    int children;         /* number of fields in this one, which follow it */
    int end;              /* position in arrow_schema.fields after them */
} arrow_field;

typedef struct {
    flat metadata; /* of the message with the schema */
    arrow_field *fields; /* in depth-first order */
    int count, capacity, columns;
    flat_vector pairs; /* as in a field */
} arrow_schema;

/* A stream that is being read. */
typedef struct {
    const uint8_t *data;
    size_t size, at; /* bytes; position of the next message */
    int batch;       /* number of record batches so far */
    char error[256]; /* of the first error; "" for none */
} arrow_stream;

/* A message with its body. */
typedef struct {
    int kind;
    flat metadata;
    flat_table header;
    size_t body;         /* position in the stream */
    uint64_t body_size;  /* bytes */
} arrow_message;

/* The arrays of a record batch, which are read one after the other. */
typedef struct {
    arrow_stream *stream;
    arrow_message *message;
    int64_t length;
    flat_vector nodes, buffers, variadic;
    uint32_t node, buffer, variable; /* read so far */
} arrow_batch;

typedef struct {
    size_t at; /* position in the stream */
    size_t size;
} arrow_buffer;

/* One array, without those inside of it. Buffer 0 is the validity bitmap; it is empty if there are
 * no nulls. The data of views are the next `views` buffers of the batch. */
typedef struct {
    int64_t length, nulls;
    arrow_buffer buffers[ARROW_MAX_BUFFERS];
    int count, views;
} arrow_array;

/* Sets the error of a stream unless it has one. Returns -1. */
int arrow_fail(arrow_stream *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Reads the header of the next message, of the kind ARROW_END at the end. Returns -1 on failure. */
int arrow_next(arrow_stream *s, arrow_message *m);

/* Reads a schema. The caller frees schema->fields, also after a failure (-1). */
int arrow_read_schema(arrow_stream *s, const arrow_message *m, arrow_schema *schema);

/* Starts the record batch whose table is given. Returns -1 on failure. */
int arrow_open_batch(arrow_stream *s, arrow_message *m, flat_table table, arrow_batch *b);

/* Reads the next array, which has the type of a field, or that of its indices. Its length must be
 * at least `least`. */
int arrow_read_array(arrow_batch *b, const arrow_field *f, int indices, int64_t least, arrow_array *a);

/* Reads the next buffer, which holds the data of views. */
int arrow_read_buffer(arrow_batch *b, arrow_buffer *to);

/* Returns the least length of the arrays inside of an array, or -1 if it overflows. */
int64_t arrow_child_length(const arrow_field *f, const arrow_array *a);

/* Fails if arrays or buffers of the batch are left. */
int arrow_close_batch(arrow_batch *b);
