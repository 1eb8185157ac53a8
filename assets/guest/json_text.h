/* json_text.h: numbers and strings as Python's json module writes them. */
#pragma once
#include "json_writer.h"

int write_text(writer *w, PyObject *text); /* a str, quoted, in ASCII with escapes */
int write_double(writer *w, double d);     /* as repr() does; NaN and infinities: null or a literal */
int write_integer(writer *w, PyObject *n); /* an int or an instance of a subclass */

/* Format a number at out, in at most 20 bytes, and return the length. */
size_t format_i64(char *out, long long v);
size_t format_u64(char *out, unsigned long long v);
