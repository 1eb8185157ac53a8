/* strftime.c: strftime and wcsftime as in glibc's C locale.
 *
 * Scripts come from hosts with glibc. wasi-libc's strftime gives an empty text for a conversion
 * that it does not know, and lacks glibc's flags. Here every flag (_ - 0 ^ #), width, modifier (E
 * O) and conversion of glibc works, and the rest of a format passes through unchanged. */
#include "timezone.h"
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

enum { YEAR_BASE = 1900, MAX_WIDTH = 1 << 20, MAX_COMPOUND = 128 };

static const char *const DAYS[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
static const char *const MONTHS[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};

/* A format; one of the pointers is NULL. */
struct format {
    const char *bytes;
    const wchar_t *wide;
};

/* The output, of at most size - 1 characters. One of the pointers is NULL. */
struct text {
    char *bytes;
    wchar_t *wide;
    size_t size, length;
    int overflow;
};

/* A conversion: the pad flag (0, '_', '-' or '0'), the case flags, the width, and the modifier (0,
 * E or O). */
struct conversion {
    char pad, modifier;
    int upper, lower, swap, width;
};

static wchar_t at(const struct format *f, size_t i) { return f->bytes ? (unsigned char)f->bytes[i] : f->wide[i]; }

static void put(struct text *out, wchar_t c) {
    if (out->length + 1 >= out->size) {
        out->overflow = 1;
        return;
    }
    if (out->bytes) out->bytes[out->length] = (char)c;
    else out->wide[out->length] = c;
    out->length++;
}

static void put_padding(struct text *out, char c, int n) {
    while (n-- > 0 && !out->overflow) put(out, c);
}

/* Puts c in the case that the flags request. */
static void put_letter(struct text *out, const struct conversion *c, wchar_t letter) {
    if (c->upper && letter >= 'a' && letter <= 'z') letter += 'A' - 'a';
    else if (c->lower && !c->upper && letter >= 'A' && letter <= 'Z') letter += 'a' - 'A';
    put(out, letter);
}

/* Pads a text of n characters to the width, with zeros if the 0 flag is set. */
static void pad_text(struct text *out, const struct conversion *c, int n) { put_padding(out, c->pad == '0' ? '0' : ' ', c->width - n); }

static void put_text(struct text *out, const struct conversion *c, const char *s, int n) {
    pad_text(out, c, n);
    for (int i = 0; i < n; i++) put_letter(out, c, (unsigned char)s[i]);
}

/* Puts the first length letters of a name, or the whole name if length is 0. */
static void put_name(struct text *out, const struct conversion *c, const char *name, int length) {
    struct conversion named = *c;
    named.upper |= c->swap;
    put_text(out, &named, name, length ? length : (int)strlen(name));
}

/* Puts v in at least digits digits: after zeros, after blanks with the _ flag, or after neither
 * with the - flag. The sign stands before zeros and after blanks, and counts as a digit. */
static void put_number(struct text *out, const struct conversion *c, int digits, int64_t v) {
    char buf[24], *p = buf + sizeof buf;
    uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;
    do *--p = (char)('0' + u % 10);
    while ((u /= 10) != 0);
    int sign = v < 0, n = (int)(buf + sizeof buf - p) + sign;
    if (digits < c->width) digits = c->width;
    if (c->pad == '-') put_padding(out, ' ', c->width - n); /* the width has an effect even here */
    else if (c->pad == '_') put_padding(out, ' ', digits - n);
    if (sign) put(out, '-');
    if (c->pad != '-' && c->pad != '_') put_padding(out, '0', digits - n);
    for (; p < buf + sizeof buf; p++) put(out, *p);
}

static int is_leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

/* Returns the ISO week (1-53) and sets the year that it belongs to, which is the year of its
 * Thursday. */
static int iso_week(const struct tm *tm, int64_t *year) {
    *year = (int64_t)tm->tm_year + YEAR_BASE;
    int thursday = tm->tm_yday + 3 - (tm->tm_wday + 6) % 7; /* day of the year, from 0 */
    if (thursday < 0) {
        (*year)--;
        thursday += 365 + is_leap(*year);
    }
    else if (thursday >= 365 + is_leap(*year)) {
        thursday -= 365 + is_leap(*year);
        (*year)++;
    }
    return thursday / 7 + 1;
}

static void put_format(struct text *out, struct format format, const struct tm *tm, int upper);

/* Puts a conversion that stands for several, such as %D. The whole is padded to the width, and the
 * ^ flag applies to its parts. */
static void put_compound(struct text *out, const struct conversion *c, const char *format, const struct tm *tm) {
    char buf[MAX_COMPOUND];
    struct text inner = {.bytes = buf, .size = sizeof buf};
    put_format(&inner, (struct format){.bytes = format}, tm, c->upper);
    put_text(out, c, buf, (int)inner.length);
}

/* Puts the offset from UTC as +hhmm. The pad flag and the width apply to the digits. */
static void put_zone_offset(struct text *out, const struct conversion *c, const struct tm *tm) {
    if (tm->tm_isdst < 0) return;
    int negative = tm->tm_gmtoff < 0;
    long minutes = negative ? -(tm->tm_gmtoff / 60) : tm->tm_gmtoff / 60;
    put_text(out, c, negative ? "-" : "+", 1);
    put_number(out, c, 4, minutes / 60 * 100 + minutes % 60);
}

static void put_zone_name(struct text *out, struct conversion c, const struct tm *tm) {
    const char *name = tm->tm_zone ? tm->tm_zone : "";
    if (*name == '\0' && tm->tm_isdst >= 0) name = tabcell_present_name(tm->tm_isdst);
    if (c.swap) {
        c.upper = 0;
        c.lower = 1;
    }
    put_text(out, &c, name, (int)strlen(name));
}

static int hour12(const struct tm *tm) {
    int hour = tm->tm_hour % 12;
    return hour <= 0 ? hour + 12 : hour;
}

/* Returns the conversion with the padding of %e, %k and %l, which is blanks by default. */
static struct conversion blank_padded(struct conversion c) {
    if (c.pad != '0' && c.pad != '-') c.pad = '_';
    return c;
}

/* Puts a number. Reports whether letter is a conversion to a number. */
static int put_numeric(struct text *out, const struct conversion *c, wchar_t letter, const struct tm *tm) {
    int64_t year = (int64_t)tm->tm_year + YEAR_BASE, iso_year;
    struct conversion blank = blank_padded(*c);
    int week = iso_week(tm, &iso_year);
    if (c->modifier == 'E' && !wcschr(L"CuyY", letter)) return 0;
    if (c->modifier == 'O' && letter == 'Y') return 0;
    switch (letter) {
    case 'C': put_number(out, c, 1, year / 100 - (year % 100 < 0)); break;
    case 'd': put_number(out, c, 2, tm->tm_mday); break;
    case 'e': put_number(out, &blank, 2, tm->tm_mday); break;
    case 'G': put_number(out, c, 1, iso_year); break;
    case 'g': put_number(out, c, 2, (iso_year % 100 + 100) % 100); break;
    case 'H': put_number(out, c, 2, tm->tm_hour); break;
    case 'I': put_number(out, c, 2, hour12(tm)); break;
    case 'j': put_number(out, c, 3, tm->tm_yday + 1); break;
    case 'k': put_number(out, &blank, 2, tm->tm_hour); break;
    case 'l': put_number(out, &blank, 2, hour12(tm)); break;
    case 'M': put_number(out, c, 2, tm->tm_min); break;
    case 'm': put_number(out, c, 2, tm->tm_mon + 1); break;
    case 'S': put_number(out, c, 2, tm->tm_sec); break;
    case 'U': put_number(out, c, 2, (tm->tm_yday - tm->tm_wday + 7) / 7); break;
    case 'u': put_number(out, c, 1, (tm->tm_wday + 6) % 7 + 1); break;
    case 'V': put_number(out, c, 2, week); break;
    case 'W': put_number(out, c, 2, (tm->tm_yday - (tm->tm_wday + 6) % 7 + 7) / 7); break;
    case 'w': put_number(out, c, 1, tm->tm_wday); break;
    case 'Y': put_number(out, c, 1, year); break;
    case 'y': put_number(out, c, 2, (year % 100 + 100) % 100); break;
    default: return 0;
    }
    return 1;
}

/* Puts the seconds since 1970. Unlike other numbers they are padded like text. */
static void put_epoch(struct text *out, const struct conversion *c, const struct tm *tm) {
    struct tm copy = *tm;
    char buf[32];
    struct text digits = {.bytes = buf, .size = sizeof buf};
    put_number(&digits, &(struct conversion){.pad = '-'}, 1, mktime(&copy));
    put_text(out, c, buf, (int)digits.length);
}

/* Puts AM or PM, in lower case with the # flag and for %P. */
static void put_half_day(struct text *out, struct conversion c, wchar_t letter, const struct tm *tm) {
    c.lower |= c.swap || letter == 'P';
    c.upper &= !c.lower;
    put_text(out, &c, tm->tm_hour > 11 ? "PM" : "AM", 2);
}

/* Puts the name of the day or month with this number. */
static void put_listed(struct text *out, const struct conversion *c, const char *const *names, int count, int number, int length) {
    if (number < 0 || number >= count) put_name(out, c, "?", 1);
    else put_name(out, c, names[number], length);
}

/* Puts a conversion. Reports whether letter is one. */
static int put_conversion(struct text *out, const struct conversion *c, wchar_t letter, const struct tm *tm) {
    char unmodified = c->modifier == 0, no_e = c->modifier != 'E', no_o = c->modifier != 'O';
    switch (letter) {
    case '%': if (unmodified) put_text(out, c, "%", 1); return unmodified;
    case 'n': put_text(out, c, "\n", 1); return 1;
    case 't': put_text(out, c, "\t", 1); return 1;
    case 'a': if (unmodified) put_listed(out, c, DAYS, 7, tm->tm_wday, 3); return unmodified;
    case 'A': if (unmodified) put_listed(out, c, DAYS, 7, tm->tm_wday, 0); return unmodified;
    case 'b':
    case 'h': if (no_e) put_listed(out, c, MONTHS, 12, tm->tm_mon, 3); return no_e;
    case 'B': if (no_e) put_listed(out, c, MONTHS, 12, tm->tm_mon, 0); return no_e;
    case 'c': if (no_o) put_compound(out, c, "%a %b %e %H:%M:%S %Y", tm); return no_o;
    case 'D': if (unmodified) put_compound(out, c, "%m/%d/%y", tm); return unmodified;
    case 'F': if (unmodified) put_compound(out, c, "%Y-%m-%d", tm); return unmodified;
    case 'R': put_compound(out, c, "%H:%M", tm); return 1;
    case 'r': put_compound(out, c, "%I:%M:%S %p", tm); return 1;
    case 'T': put_compound(out, c, "%H:%M:%S", tm); return 1;
    case 'X': if (no_o) put_compound(out, c, "%H:%M:%S", tm); return no_o;
    case 'x': if (no_o) put_compound(out, c, "%m/%d/%y", tm); return no_o;
    case 'p':
    case 'P': put_half_day(out, *c, letter, tm); return 1;
    case 's': put_epoch(out, c, tm); return 1;
    case 'Z': put_zone_name(out, *c, tm); return 1;
    case 'z': put_zone_offset(out, c, tm); return 1;
    }
    return put_numeric(out, c, letter, tm);
}

/* Reads a conversion whose % is before i. Returns the index of its letter. */
static size_t read_conversion(const struct format *f, size_t i, struct conversion *c) {
    for (;; i++) {
        wchar_t flag = at(f, i);
        if (flag == '_' || flag == '-' || flag == '0') c->pad = (char)flag;
        else if (flag == '^') c->upper = 1;
        else if (flag == '#') c->swap = 1;
        else break;
    }
    for (; at(f, i) >= '0' && at(f, i) <= '9'; i++)
        c->width = c->width > MAX_WIDTH ? MAX_WIDTH : c->width * 10 + (int)(at(f, i) - '0');
    if (at(f, i) == 'E' || at(f, i) == 'O') c->modifier = (char)at(f, i++);
    return i;
}

/* Puts the text of something that is not a conversion, from its last % to the index last. */
static void put_unknown(struct text *out, struct conversion c, const struct format *f, size_t last) {
    size_t first = last;
    while (at(f, first) != '%') first--;
    c.upper |= c.swap && (at(f, last) == 'b' || at(f, last) == 'B' || at(f, last) == 'h');
    pad_text(out, &c, (int)(last - first) + 1);
    for (size_t i = first; i <= last; i++) put_letter(out, &c, at(f, i));
}

static void put_format(struct text *out, struct format f, const struct tm *tm, int upper) {
    for (size_t i = 0; at(&f, i) != '\0' && !out->overflow; i++) {
        if (at(&f, i) != '%') {
            put(out, at(&f, i));
            continue;
        }
        struct conversion c = {.upper = upper};
        size_t letter = read_conversion(&f, i + 1, &c);
        i = at(&f, letter) == '\0' ? letter - 1 : letter;
        if (i < letter || !put_conversion(out, &c, at(&f, letter), tm)) put_unknown(out, c, &f, i);
    }
}

/* Returns the number of characters before the final zero, or 0 if they do not fit into size. */
size_t strftime(char *restrict to, size_t size, const char *restrict format, const struct tm *restrict tm) {
    struct text out = {.bytes = to, .size = size, .overflow = size == 0};
    put_format(&out, (struct format){.bytes = format}, tm, 0);
    if (out.overflow) return 0;
    to[out.length] = '\0';
    return out.length;
}

size_t wcsftime(wchar_t *restrict to, size_t size, const wchar_t *restrict format, const struct tm *restrict tm) {
    struct text out = {.wide = to, .size = size, .overflow = size == 0};
    put_format(&out, (struct format){.wide = format}, tm, 0);
    if (out.overflow) return 0;
    to[out.length] = L'\0';
    return out.length;
}

/* libc++ calls this variant; the only locale is C. Without it, wasi-libc's file with both would be
 * linked as well. */
size_t strftime_l(char *restrict to, size_t size, const char *restrict format, const struct tm *restrict tm, locale_t locale) {
    (void)locale;
    return strftime(to, size, format, tm);
}
