/* json_writer.h: the buffer that the JSON text of a reply is written into.
 *
 * The files of the writer, from the bottom: json_writer (the buffer), json_text (numbers and
 * strings), json_array (numpy arrays), json_write (all other values). Each includes only headers of
 * those before it. */
#pragma once
#include "bridge.h"

#define BUFFER_MAX (256 * 1024) /* bytes gathered before they are handed to the host */
#define MAX_DEPTH 9000          /* nested containers; simplejson fails at about the same depth */

typedef struct {
    char *data;
    size_t len, cap;
    PyObject *convert; /* convert(value) returns a value with a JSON form, or NotImplemented */
    PyObject *path;    /* after a failure: keys and indices of the value, innermost first */
    int depth;
    unsigned count; /* values written so far; the time limit is checked every 4096 */
    int literals;   /* write NaN and infinities as json.dumps does, not as null */

    /* The open containers, outermost first; undefined from depth on. */
    const void *parents[MAX_DEPTH];
} writer;

/* Makes room for n more bytes (n far below BUFFER_MAX). Returns -1 with MemoryError set on
 * failure. */
int writer_room(writer *w, size_t n);

/* Appends n bytes. Returns -1 with MemoryError set on failure. */
int writer_put(writer *w, const char *s, size_t n);

/* writer_byte and writer_separator append one byte, or a byte and a space, without memcpy: a copy
 * whose length the compiler does not know is a call into the engine. */
static inline int writer_byte(writer *w, char c) {
    if (w->len == w->cap && writer_room(w, 1) < 0) return -1;
    w->data[w->len++] = c;
    return 0;
}

static inline int writer_separator(writer *w, char c) { return writer_byte(w, c) < 0 ? -1 : writer_byte(w, ' '); }
