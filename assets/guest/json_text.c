/* json_text.c: numbers and strings as Python's json module writes them. yyjson's function for the
 * shortest text of a double is static, so this file includes yyjson's source. */
#include "float_digits.h"
#include "json_text.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <wasm_simd128.h>
#include "yyjson.c"

/* Writes the escape of a character that is not plain, at most twelve bytes; returns its length. */
static size_t escape(char *out, Py_UCS4 c) {
    static const char hex[] = "0123456789abcdef";
    static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (const char *p = named; *p; p += 2)
        if (c == (Py_UCS4)*p) {
            out[0] = '\\';
            out[1] = p[1];
            return 2;
        }
    if (c > 0xffff) {
        size_t n = escape(out, 0xd800 + ((c - 0x10000) >> 10));
        return n + escape(out + n, 0xdc00 + ((c - 0x10000) & 0x3ff));
    }
    out[0] = '\\';
    out[1] = 'u';
    for (int i = 0; i < 4; i++) out[2 + i] = hex[(c >> (12 - 4 * i)) & 15];
    return 6;
}

static int plain(Py_UCS4 c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; }

/* Returns whether any of sixteen characters needs an escape. */
static int any_special(v128_t c) {
    v128_t special = wasm_v128_or(wasm_i8x16_eq(c, wasm_i8x16_splat('"')), wasm_i8x16_eq(c, wasm_i8x16_splat('\\')));
    /* As signed bytes, control characters and all bytes beyond ASCII are below the space. */
    special = wasm_v128_or(special, wasm_i8x16_lt(c, wasm_i8x16_splat(0x20)));
    return wasm_v128_any_true(special);
}

/* Copies plain characters, sixteen or eight in a step, and returns their number. It stops at a step
 * in which a character needs an escape. The last step overlaps the one before, so that only strings
 * of fewer than eight characters leave a remainder. */
static Py_ssize_t copy_plain(char *out, const Py_UCS1 *s, Py_ssize_t n) {
    Py_ssize_t i = 0;
    for (; i + 16 <= n; i += 16) {
        v128_t c = wasm_v128_load(s + i);
        if (any_special(c)) return i;
        wasm_v128_store(out + i, c);
    }
    for (; n >= 8 && i < n; i += 8) {
        Py_ssize_t at = i + 8 <= n ? i : n - 8;
        v128_t c = wasm_v128_load64_splat(s + at);
        if (any_special(c)) return i;
        wasm_v128_store64_lane(out + at, c, 0);
    }
    return i < n ? i : n; /* fewer than eight characters are left to the caller */
}

int write_text(writer *w, PyObject *text) {
    Py_ssize_t n = PyUnicode_GET_LENGTH(text);
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    if (writer_byte(w, '"') < 0) return -1;
    for (Py_ssize_t i = 0; i < n;) {
        if (writer_room(w, 4096) < 0) return -1;
        Py_ssize_t end = n - i > 300 ? i + 300 : n; /* 300 characters take at most 3600 bytes */
        char *out = w->data + w->len;
        Py_ssize_t copied = kind == PyUnicode_1BYTE_KIND ? copy_plain(out, (const Py_UCS1 *)data + i, end - i) : 0;
        i += copied;
        out += copied;
        for (; i < end; i++) {
            Py_UCS4 c = PyUnicode_READ(kind, data, i);
            if (plain(c)) *out++ = (char)c;
            else out += escape(out, c);
        }
        w->len = (size_t)(out - w->data);
    }
    return writer_byte(w, '"');
}

/* Formats yyjson's text of a number as Python's repr does outside 1e-4 .. 1e16: d.ddde+XX. Returns
 * the length. */
static size_t format_exponent(char *out, const char *text, size_t n) {
    char digits[32], *start = out;
    int count = 0, point = -1, exponent = 0;
    size_t i = text[0] == '-';
    if (i) *out++ = '-';
    for (; i < n && text[i] != 'e'; i++) {
        if (text[i] == '.') point = count;
        else if (count || text[i] != '0') digits[count++] = text[i];
        else if (point >= 0) exponent--; /* zeros between the point and the first digit */
    }
    exponent += (i < n ? atoi(text + i + 1) : 0) + (point >= 0 ? point : count) - 1;
    while (count > 1 && digits[count - 1] == '0') count--;
    *out++ = digits[0];
    if (count > 1) *out++ = '.';
    memcpy(out, digits + 1, (size_t)count - 1);
    out += count - 1;
    return (size_t)(out - start) + (size_t)sprintf(out, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
}

static int write_not_finite(writer *w, double d) {
    const char *text = !w->literals ? "null" : isnan(d) ? "NaN" : d > 0 ? "Infinity" : "-Infinity";
    return writer_put(w, text, strlen(text));
}

/* Formats d if it has at most two decimals and fifteen digits; returns the length, or 0 if d is
 * another number. No two decimals of fifteen digits are the same double, so a decimal that equals d
 * is also its shortest text. Most prices and counts take this path, which needs no search for the
 * shortest text. */
static size_t format_cents(char *out, double d, double size) {
    char *start = out;
    if (size >= 1e13) return 0;
    uint64_t cents = (uint64_t)(size * 100 + 0.5);
    if ((double)cents / 100 != size) return 0;
    if (signbit(d)) *out++ = '-';
    out = (char *)write_u64(cents / 100, (u8 *)out);
    unsigned fraction = (unsigned)(cents % 100);
    *out++ = '.';
    *out++ = (char)('0' + fraction / 10);
    if (fraction % 10) *out++ = (char)('0' + fraction % 10);
    return (size_t)(out - start);
}

int tabcell_float_digits(double x, char *digits, int *point) {
    u64 raw = f64_to_raw(x), significand = raw & F64_SIG_MASK, decimal;
    u32 raw_exponent = (u32)((raw & F64_EXP_MASK) >> F64_SIG_BITS);
    int shift = (raw_exponent ? (int)raw_exponent : 1) - F64_EXP_BIAS - F64_SIG_BITS, exponent = 0;
    u64 value = raw_exponent ? significand | (u64)1 << F64_SIG_BITS : significand;
    if (shift <= 0 && shift >= -F64_SIG_BITS && u64_tz_bits(value) >= (u32)-shift) decimal = value >> -shift; /* an integer */
    else f64_bin_to_dec(significand, raw_exponent, value, shift, &decimal, &exponent);
    int n = (int)((char *)write_u64(decimal, (u8 *)digits) - digits);
    *point = n + exponent;
    while (digits[n - 1] == '0') n--;
    digits[n] = '\0';
    return n;
}

int tabcell_read_decimal(uint64_t digits, int exponent, double *x) {
    enum { KEPT = 54, BIAS = 1075 };                   /* the bits of a significand, and one to round */
    const u64 beyond = ((u64)1 << (64 - KEPT - 1)) - 1; /* bits below them, even if the product has 127 bits */
    u64 power, rest, high, low;
    int shift, zeros = (int)u64_lz_bits(digits);
    if (exponent < -MAX_EXPONENT || exponent > MAX_EXPONENT) return 0;
    pow10_table_get_sig(exponent, &power, &rest);
    pow10_table_get_exp(exponent, &shift);
    u128_mul(digits << zeros, power, &high, &low);
    if ((high & beyond) == 0 || (high & beyond) == beyond) return 0; /* the rest of the power may decide */
    int wide = (int)(high >> 63);
    u64 significand = ((high >> (64 - KEPT - 1 + wide)) + 1) >> 1;
    /* The leading bit of the significand adds one to the exponent, or two if it was rounded up. */
    *x = f64_from_raw(((u64)(shift - zeros + 64 + (64 - KEPT) + wide + BIAS - 1) << F64_SIG_BITS) + significand);
    return 1;
}

int write_double(writer *w, double d) {
    if (!isfinite(d)) return write_not_finite(w, d);
    if (writer_room(w, 64) < 0) return -1;
    double size = fabs(d);
    char *out = w->data + w->len;
    size_t n = format_cents(out, d, size);
    if (n) {
        w->len += n;
        return 0;
    }
    if (size == 0 || (size >= 1e-4 && size < 1e16)) {
        w->len = (size_t)((char *)write_f64_raw((u8 *)out, f64_to_raw(d), 0) - w->data);
        return 0;
    }
    char text[40];
    n = (size_t)((char *)write_f64_raw((u8 *)text, f64_to_raw(d), 0) - text);
    text[n] = 0;
    w->len += format_exponent(out, text, n);
    return 0;
}

size_t format_u64(char *out, unsigned long long v) { return (size_t)((char *)write_u64(v, (u8 *)out) - out); }

size_t format_i64(char *out, long long v) {
    if (v >= 0) return format_u64(out, (unsigned long long)v);
    *out = '-';
    return 1 + format_u64(out + 1, 0 - (unsigned long long)v);
}

int write_integer(writer *w, PyObject *n) {
    int overflow;
    long long v = PyLong_AsLongLongAndOverflow(n, &overflow);
    if (v == -1 && PyErr_Occurred()) return -1;
    if (overflow) { /* Python formats it, and refuses more than 4300 digits */
        PyObject *s = PyLong_Type.tp_repr(n);
        int r = s ? writer_put(w, (const char *)PyUnicode_1BYTE_DATA(s), (size_t)PyUnicode_GET_LENGTH(s)) : -1;
        Py_XDECREF(s);
        return r;
    }
    if (writer_room(w, 32) < 0) return -1;
    w->len += format_i64(w->data + w->len, v);
    return 0;
}
