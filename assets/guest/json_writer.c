/* json_writer.c: the buffer of a reply, which is handed to the host whenever it is full. */
#include "json_writer.h"

int writer_room(writer *w, size_t n) {
    if (w->cap - w->len >= n) return 0;
    if (w->cap == BUFFER_MAX) {
        host_reply_write(w->data, (int32_t)w->len);
        w->len = 0;
        return 0;
    }
    size_t cap = w->cap ? w->cap * 4 : 4096;
    while (cap < w->len + n) cap *= 4;
    if (cap > BUFFER_MAX) cap = BUFFER_MAX;
    char *data = PyMem_Realloc(w->data, cap);
    if (!data) {
        PyErr_NoMemory();
        return -1;
    }
    w->data = data;
    w->cap = cap;
    return writer_room(w, n);
}

int writer_put(writer *w, const char *s, size_t n) {
    while (n) {
        size_t part = n > 4096 ? 4096 : n;
        if (writer_room(w, part) < 0) return -1;
        memcpy(w->data + w->len, s, part);
        w->len += part;
        s += part;
        n -= part;
    }
    return 0;
}
