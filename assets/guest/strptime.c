/* strptime.c: matches a text with a format as Lib/_strptime.py does in the C locale.
 *
 * Lib/_strptime.py translates the format into a regular expression. Here each directive takes the
 * first alternative of its expression that matches, and never another one. If the whole format
 * matches in this way, the regular expression finds the same match, because it tries this choice
 * first. If not, or if the format has one of the rarer directives, nothing is matched. */
#include "strptime.h"
#include <string.h>

static int take_format(struct strptime_match *m, const char *format, const char *end);

static uint64_t bit(char letter) { return (uint64_t)1 << (letter - 'A'); }
/* As str.isspace and \s, which include the separators 0x1c to 0x1f. */
static int is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f); }
static int is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

/* Returns the format that a directive stands for, or NULL. */
static const char *expansion(char letter) {
    switch (letter) {
    case 'c': return "%a %b %d %H:%M:%S %Y";
    case 'R': return "%H:%M";
    case 'r': return "%I:%M:%S %p";
    case 'T':
    case 'X': return "%H:%M:%S";
    case 'x': return "%m/%d/%y";
    }
    return NULL;
}

static char group_of(char letter) {
    switch (letter) {
    case 'e': return 'd';
    case 'k': return 'H';
    case 'l': return 'I';
    case 'P': return 'p';
    }
    return letter;
}

static int take_directive(struct strptime_match *m, char letter) {
    const char *format = expansion(letter);
    if (letter == '%') return tabcell_take(m, '%');
    if (!is_ascii_letter(letter)) return 0;
    if (format) {
        m->nested++;
        int matched = take_format(m, format, format + strlen(format));
        m->nested--;
        return matched;
    }
    char group = group_of(letter);
    if (m->groups & bit(group)) return 0;
    m->groups |= bit(group);
    if (!m->nested) m->directives |= bit(letter);
    return tabcell_take_group(m, group);
}

/* Takes the part of the text for one white space, character or directive of the format. Returns the
 * rest of the format, or NULL. */
static const char *take_item(struct strptime_match *m, const char *format, const char *end) {
    char c = *format++;
    if (is_space(c)) {
        if (m->text == m->end || !is_space(*m->text)) return NULL;
        while (m->text < m->end && is_space(*m->text)) m->text++;
        while (format < end && is_space(*format)) format++;
        return format;
    }
    if (c != '%') return m->text < m->end && ascii_lower(*m->text++) == ascii_lower(c) ? format : NULL;
    while (format < end && (*format == '-' || *format == '_' || *format == '0' || *format == '#')) format++;
    while (format < end && is_ascii_digit(*format)) format++;
    return format < end && take_directive(m, *format) ? format + 1 : NULL;
}

static int take_format(struct strptime_match *m, const char *format, const char *end) {
    while (format && format < end) format = take_item(m, format, end);
    return format != NULL;
}

static int days_before_month(int year, int month) {
    static const int days[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    return days[month - 1] + (month > 2 && is_leap(year));
}

/* Sets the month and day to those of the day of the year, which may be the first one of the next
 * year. */
static void use_yday(struct tabcell_time *t) {
    int year = t->year;
    t->month = 1;
    while (t->month <= 12 && t->yday > days_before_month(year, t->month + 1)) t->month++;
    t->day = t->yday - days_before_month(year, t->month);
    if (t->month <= 12) return;
    t->month = 1;
    t->year++;
}

/* Derives the other values from those in the text. Reports whether the result is a date for which
 * Lib/_strptime.py raises no exception and has no warning. */
static int complete(struct strptime_match *m) {
    struct tabcell_time *t = m->t;
    uint64_t years = bit('Y') | bit('y');
    if (m->directives & bit('d') && !(m->directives & years)) return 0; /* a deprecation warning */
    if (!(m->groups & years)) {
        if (t->month == 2 && t->day == 29) return 0;
        t->year = 1900;
    }
    if (t->year < 1) return 0;
    if (m->twelve) t->hour = t->hour % 12 + 12 * m->half;
    int year = t->year, before = (year - 1) * 365 + (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400;
    if (t->yday) use_yday(t);
    else {
        t->yday = days_before_month(year, t->month) + t->day;
        if (t->yday > days_before_month(year, t->month + 1)) return 0;
    }
    if (t->weekday < 0) t->weekday = (before + t->yday - 1) % 7;
    return t->year <= 9999;
}

int tabcell_strptime(const char *text, size_t length, const char *format, size_t format_length, struct tabcell_time *t) {
    *t = (struct tabcell_time){.month = 1, .day = 1, .weekday = -1, .isdst = -1};
    struct strptime_match m = {.text = text, .end = text + length, .t = t};
    return take_format(&m, format, format + format_length) && m.text == m.end && complete(&m);
}
