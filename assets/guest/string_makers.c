/* string_makers.c: methods of strings that give strings. ASCII strings are handled here; for others
 * the functions of CPython are called. A result that equals the string is the string itself. */
#include "string_text.h"

/* Returns the characters from start to end, which are within the string. */
static PyObject *part(PyObject *x, Py_ssize_t start, Py_ssize_t end) {
    Py_ssize_t n = end - start;
    if (n == PyUnicode_GET_LENGTH(x)) return Py_NewRef(x);
    if (!PyUnicode_IS_ASCII(x) || n < 2) return PyUnicode_Substring(x, start, end); /* which shares short strings */
    uint8_t *to;
    PyObject *r = string_ascii(n, &to);
    if (r) string_copy(to, string_bytes(x) + start, (size_t)n);
    return r;
}

/* c with the case of its letters changed: those from first to first + 25 get the other case. */
static inline uint8_t switched(unsigned c, unsigned first) { return (uint8_t)(c ^ ((c - first < 26) << 5)); }

/* The same for eight characters. */
static inline uint64_t switched8(uint64_t u, unsigned first) {
    const uint64_t ones = 0x0101010101010101;
    uint64_t from = u + ones * (128 - first), beyond = u + ones * (128 - first - 26); /* the highest bits: c >= ... */
    return u ^ (((from & ~beyond) >> 2) & ones * 32);
}

static PyObject *cased(PyObject *x, const string_args *a, unsigned first) {
    if (!PyUnicode_IS_ASCII(x)) return string_call(x, a);
    Py_ssize_t n = PyUnicode_GET_LENGTH(x);
    const uint8_t *s = string_bytes(x);
    uint8_t *to;
    PyObject *r = string_ascii(n, &to);
    if (!r) return NULL;
    if (n < 8) {
        for (Py_ssize_t i = 0; i < n; i++) to[i] = switched(s[i], first);
        return r;
    }
    uint64_t u;
    for (Py_ssize_t i = 0; i + 8 < n; i += 8) {
        memcpy(&u, s + i, 8);
        u = switched8(u, first);
        memcpy(to + i, &u, 8);
    }
    memcpy(&u, s + n - 8, 8); /* some of the last eight may be converted twice */
    u = switched8(u, first);
    memcpy(to + n - 8, &u, 8);
    return r;
}
static PyObject *upper(PyObject *x, const string_args *a) { return cased(x, a, 'a'); }
static PyObject *lower(PyObject *x, const string_args *a) { return cased(x, a, 'A'); }

static PyObject *swapcase(PyObject *x, const string_args *a) {
    if (!PyUnicode_IS_ASCII(x)) return string_call(x, a);
    Py_ssize_t n = PyUnicode_GET_LENGTH(x);
    const uint8_t *s = string_bytes(x);
    uint8_t *to;
    PyObject *r = string_ascii(n, &to);
    for (Py_ssize_t i = 0; r && i < n; i++) to[i] = (uint8_t)(s[i] ^ (((s[i] | 32u) - 'a' < 26) << 5));
    return r;
}

/* The first letter (of each word, if words is set) in upper case, the others in lower case. */
static PyObject *titled(PyObject *x, const string_args *a, int words) {
    if (!PyUnicode_IS_ASCII(x)) return string_call(x, a);
    Py_ssize_t n = PyUnicode_GET_LENGTH(x);
    const uint8_t *s = string_bytes(x);
    uint8_t *to;
    PyObject *r = string_ascii(n, &to);
    int first = 1;
    for (Py_ssize_t i = 0; r && i < n; i++) {
        to[i] = switched(s[i], first ? 'a' : 'A');
        first = words && (s[i] | 32u) - 'a' >= 26;
    }
    return r;
}
static PyObject *title(PyObject *x, const string_args *a) { return titled(x, a, 1); }
static PyObject *capitalize(PyObject *x, const string_args *a) { return titled(x, a, 0); }

static inline int stripped(unsigned c, const string_args *a) { return a->text[0] ? (int)(a->set[c >> 6] >> (c & 63) & 1) : Py_UNICODE_ISSPACE(c); }

static PyObject *strip_sides(PyObject *x, const string_args *a, int left, int right) {
    if (!PyUnicode_IS_ASCII(x)) return string_call(x, a);
    const uint8_t *s = string_bytes(x);
    Py_ssize_t start = 0, end = PyUnicode_GET_LENGTH(x);
    if (left)
        while (start < end && stripped(s[start], a)) start++;
    if (right)
        while (end > start && stripped(s[end - 1], a)) end--;
    return part(x, start, end);
}
static PyObject *strip(PyObject *x, const string_args *a) { return strip_sides(x, a, 1, 1); }
static PyObject *lstrip(PyObject *x, const string_args *a) { return strip_sides(x, a, 1, 0); }
static PyObject *rstrip(PyObject *x, const string_args *a) { return strip_sides(x, a, 0, 1); }

/* slice(start, stop), where a step of 1 is implied. */
static PyObject *slice(PyObject *x, const string_args *a) {
    Py_ssize_t start = a->number[0], stop = a->number[1];
    Py_ssize_t n = PySlice_AdjustIndices(PyUnicode_GET_LENGTH(x), &start, &stop, 1);
    return part(x, start, start + n);
}

/* get(i): the character, or the missing value if there is none. */
static PyObject *get(PyObject *x, const string_args *a) {
    Py_ssize_t n = PyUnicode_GET_LENGTH(x), i = a->number[0];
    if (i >= n || i < -n) return Py_NewRef(a->missing);
    return PyUnicode_FromOrdinal((int)PyUnicode_READ_CHAR(x, i < 0 ? i + n : i));
}

/* Writes n times c; clang would replace a loop for a few bytes by a call of memset. */
static inline void fill_in(uint8_t *to, uint8_t c, Py_ssize_t n) {
    if (n > 16) {
        memset(to, c, (size_t)n);
        return;
    }
    for (volatile uint8_t *p = to; n > 0; n--) *p++ = c;
}

/* x with left and right characters added. */
static PyObject *padded(PyObject *x, const string_args *a, Py_ssize_t left, Py_ssize_t right) {
    if (!PyUnicode_IS_ASCII(x) || !PyUnicode_IS_ASCII(a->text[0])) return string_call(x, a);
    uint8_t *to, fill = *string_bytes(a->text[0]);
    Py_ssize_t n = PyUnicode_GET_LENGTH(x);
    PyObject *r = string_ascii(left + n + right, &to);
    if (!r) return NULL;
    fill_in(to, fill, left);
    string_copy(to + left, string_bytes(x), (size_t)n);
    fill_in(to + left + n, fill, right);
    return r;
}

static Py_ssize_t lacking(PyObject *x, const string_args *a) { return a->number[0] - PyUnicode_GET_LENGTH(x); }
static PyObject *rjust(PyObject *x, const string_args *a) { return a->number[0] > PyUnicode_GET_LENGTH(x) ? padded(x, a, lacking(x, a), 0) : Py_NewRef(x); }
static PyObject *ljust(PyObject *x, const string_args *a) { return a->number[0] > PyUnicode_GET_LENGTH(x) ? padded(x, a, 0, lacking(x, a)) : Py_NewRef(x); }
static PyObject *center(PyObject *x, const string_args *a) {
    if (a->number[0] <= PyUnicode_GET_LENGTH(x)) return Py_NewRef(x);
    Py_ssize_t more = lacking(x, a), left = more / 2 + (more & a->number[0] & 1); /* as str.center */
    return padded(x, a, left, more - left);
}

/* zfill(width, "0"): zeros after the sign. */
static PyObject *zfill(PyObject *x, const string_args *a) {
    Py_ssize_t n = PyUnicode_GET_LENGTH(x);
    if (a->number[0] <= n) return Py_NewRef(x);
    if (!PyUnicode_IS_ASCII(x)) return PyObject_CallMethod(x, "zfill", "n", a->number[0]);
    PyObject *r = padded(x, a, lacking(x, a), 0);
    if (!r || n == 0) return r;
    uint8_t *to = (uint8_t *)PyUnicode_DATA(r), sign = *string_bytes(x);
    if (sign == '+' || sign == '-') {
        to[a->number[0] - n] = '0';
        to[0] = sign;
    }
    return r;
}

/* Returns the position from start on of one ASCII text of n > 0 characters in another, or -1. */
static Py_ssize_t found_at(const uint8_t *s, Py_ssize_t start, Py_ssize_t length, const uint8_t *p, Py_ssize_t n) {
    uint8_t first = p[0], last = p[n - 1];
    for (Py_ssize_t i = start; i <= length - n; i++)
        if (s[i] == first && s[i + n - 1] == last && string_same(s + i, p, (size_t)n)) return i;
    return -1;
}

/* replace(old, new, n). Short texts with few matches are handled here, as in string_counters.c. */
enum { SHORT = 64, MATCHES = 16 };
static PyObject *replace(PyObject *x, const string_args *a) {
    PyObject *old = a->text[0], *new = a->text[1];
    Py_ssize_t length = PyUnicode_GET_LENGTH(x), n = PyUnicode_GET_LENGTH(old), m = PyUnicode_GET_LENGTH(new), at[MATCHES], k = 0;
    if (length > SHORT || n == 0 || m > SHORT || a->number[0] >= 0 || !PyUnicode_IS_ASCII(x) || !PyUnicode_IS_ASCII(old) || !PyUnicode_IS_ASCII(new))
        return PyUnicode_Replace(x, old, new, a->number[0]);
    const uint8_t *s = string_bytes(x);
    for (Py_ssize_t i = 0; (i = found_at(s, i, length, string_bytes(old), n)) >= 0; i += n) {
        if (k == MATCHES) return PyUnicode_Replace(x, old, new, -1);
        at[k++] = i;
    }
    if (k == 0) return Py_NewRef(x);
    uint8_t *to;
    Py_ssize_t from = 0, size = length + k * (m - n);
    if (size < 2) return PyUnicode_Replace(x, old, new, -1); /* which shares short strings */
    PyObject *r = string_ascii(size, &to);
    if (!r) return NULL;
    for (Py_ssize_t i = 0; i < k; i++) {
        string_copy(to, s + from, (size_t)(at[i] - from));
        to += at[i] - from;
        string_copy(to, string_bytes(new), (size_t)m);
        to += m;
        from = at[i] + n;
    }
    string_copy(to, s + from, (size_t)(length - from));
    return r;
}
static PyObject *repeat(PyObject *x, const string_args *a) { return PySequence_Repeat(x, a->number[0]); }

/* sub(f, text, n): f is the method sub of a pattern. */
static PyObject *sub(PyObject *x, const string_args *a) {
    PyObject *stack[] = {a->text[1], x, PyTuple_GET_ITEM(a->args, 2)};
    return PyObject_Vectorcall(a->text[0], stack, 3, NULL);
}

const string_method string_makers[] = {
    {"upper", "", 'O', upper, NULL},
    {"lower", "", 'O', lower, NULL},
    {"casefold", "", 'O', lower, NULL},
    {"swapcase", "", 'O', swapcase, NULL},
    {"title", "", 'O', title, NULL},
    {"capitalize", "", 'O', capitalize, NULL},
    {"strip", "|U", 'O', strip, NULL},
    {"lstrip", "|U", 'O', lstrip, NULL},
    {"rstrip", "|U", 'O', rstrip, NULL},
    {"removeprefix", "U", 'O', string_call, NULL},
    {"removesuffix", "U", 'O', string_call, NULL},
    {"slice", "nn", 'O', slice, NULL},
    {"get", "n", 'O', get, NULL},
    {"rjust", "nU", 'O', rjust, NULL},
    {"ljust", "nU", 'O', ljust, NULL},
    {"center", "nU", 'O', center, NULL},
    {"zfill", "nU", 'O', zfill, NULL},
    {"replace", "UUn", 'O', replace, NULL},
    {"repeat", "n", 'O', repeat, NULL},
    {"sub", "OOn", 'O', sub, NULL},
    {0},
};
