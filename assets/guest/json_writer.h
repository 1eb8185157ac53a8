/* json_write.h: the writer's buffer, and its forms of numbers and text. */
#pragma once
#include "bridge.h"

#define BUFFER_MAX (256 * 1024) /* bytes gathered before they are handed to the host */
#define MAX_DEPTH 9000          /* nested containers; simplejson gives up near here too */

typedef struct {
    char *data;
    size_t len, cap;
    PyObject *convert;             /* convert(value): what JSON has no form for, as what it has; or NotImplemented */
    PyObject *place;               /* after a failure: keys and positions that lead to the value, innermost first */
    int depth;
    unsigned count; /* values since the last look at the time limit */
    int literals;   /* NaN and infinities as json.dumps writes them, not as null */
    const void *parents[MAX_DEPTH]; /* the containers being written, outermost first; what lies beyond depth is not set */
} writer;

/* Makes room for n more bytes (n far below BUFFER_MAX); -1 with MemoryError. */
int writer_room(writer *w, size_t n);
int writer_put(writer *w, const char *s, size_t n);

/* One byte, or two: a copy whose length the compiler does not know is a call to the engine. */
static inline int writer_byte(writer *w, char c) {
    if (w->len == w->cap && writer_room(w, 1) < 0) return -1;
    w->data[w->len++] = c;
    return 0;
}

static inline int writer_separator(writer *w, char c) { return writer_byte(w, c) < 0 ? -1 : writer_byte(w, ' '); }

int write_text(writer *w, PyObject *text); /* str, quoted, ASCII with escapes */
int write_double(writer *w, double d);     /* Python's repr; null or a literal for NaN and infinities */
int write_integer(writer *w, PyObject *n); /* int and subclasses */
size_t write_i64(char *out, long long v);  /* at most 20 bytes */
size_t write_u64_text(char *out, unsigned long long v);

/* json_array.c: 1 and the array is written; 0 when v is no numpy array of plain numbers; -1 with an exception. */
int write_array(writer *w, PyObject *v);
