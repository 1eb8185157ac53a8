/* strptime.h: datetime.strptime and time.strptime without Lib/_strptime.py.
 *
 * strptime.c matches a text with a format, strptime_fields.c the text for one directive, and
 * strptime_objects.c creates the Python objects. They leave the rarer directives, and all errors,
 * to Lib/_strptime.py. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* A matched time. Months, days and days of the year count from 1, days of the week from Monday as
 * 0. isdst is 0 if the text names UTC or GMT, and -1 otherwise. */
struct tabcell_time {
    int year, month, day, hour, minute, second, microsecond;
    int weekday, yday, isdst;
    int has_offset, offset, offset_microseconds; /* from UTC, in seconds and microseconds */
    const char *zone;                            /* in the text; NULL if the format has no %Z */
    int zone_length;
};

/* The state of a match. groups are the groups of the regular expression that were matched, of which
 * none may occur twice; directives are those of the format itself, without the ones that %c and
 * others stand for. */
struct strptime_match {
    const char *text, *end;
    uint64_t groups, directives;
    int nested, half, twelve; /* inside of %c; 1 for PM; the hour is one of twelve */
    struct tabcell_time *t;
};

/* Reports whether it has matched the text, and sets t to the values that Lib/_strptime.py gives for
 * it. Both texts are ASCII. If it has not, Lib/_strptime.py may match the text all the same. */
int tabcell_strptime(const char *text, size_t length, const char *format, size_t format_length, struct tabcell_time *t);

/* Takes c if it comes next in the text, and reports whether it does. */
int tabcell_take(struct strptime_match *m, char c);

/* Takes the part of the text for a group, which is a letter, of the regular expression. Returns 0
 * if it does not match, or if the group is not supported. */
int tabcell_take_group(struct strptime_match *m, char group);

static inline int is_ascii_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
static inline int is_ascii_digit(char c) { return c >= '0' && c <= '9'; }
static inline char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c; }
