/* strptime_fields.c: the parts of a text that the directives of strptime match. */
#include "strptime.h"
#include <string.h>

enum { NAME_SIZE = 10, ABBREVIATION = 3, DIGITS_OF_MICROSECOND = 6 };

static const char DAYS[][NAME_SIZE] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
static const char MONTHS[][NAME_SIZE] = {"january", "february", "march",     "april",   "may",      "june",
                                         "july",    "august",   "september", "october", "november", "december"};
static const char HALVES[][NAME_SIZE] = {"am", "pm"};
static const char ZONES[][NAME_SIZE] = {"utc", "gmt"};


int tabcell_take(struct strptime_match *m, char c) {
    if (m->text == m->end || *m->text != c) return 0;
    m->text++;
    return 1;
}

/* Takes the longest number of at most width digits that is in the range, or returns -1. */
static int take_number(struct strptime_match *m, int width, int least, int most) {
    const char *last = m->text;
    int value = 0, result = -1;
    for (const char *p = m->text; p < m->end && is_ascii_digit(*p) && p - m->text < width; p++) {
        value = value * 10 + (*p - '0');
        if (value < least || value > most) continue;
        result = value;
        last = p + 1;
    }
    m->text = last;
    return result;
}

/* Takes a number of at most two digits, or a blank and one digit, or returns -1. */
static int take_padded(struct strptime_match *m, int least, int most) {
    int value = take_number(m, 2, least, most);
    return value < 0 && tabcell_take(m, ' ') ? take_number(m, 1, least, 9) : value;
}

/* Takes exactly width digits, or returns -1. */
static int take_digits(struct strptime_match *m, int width) {
    int value = 0;
    if (m->end - m->text < width) return -1;
    for (; width > 0; width--, m->text++) {
        if (!is_ascii_digit(*m->text)) return -1;
        value = value * 10 + (*m->text - '0');
    }
    return value;
}

/* Takes one to six digits of a fraction, and returns microseconds, or -1. */
static int take_fraction(struct strptime_match *m) {
    int value = 0, n = 0;
    for (; n < DIGITS_OF_MICROSECOND && m->text < m->end && is_ascii_digit(*m->text); n++) value = value * 10 + (*m->text++ - '0');
    if (n == 0) return -1;
    for (; n < DIGITS_OF_MICROSECOND; n++) value *= 10;
    return value;
}

/* Takes one of the names in any case, or its first length letters if length is not 0. Returns its
 * index, or -1. */
static int take_name(struct strptime_match *m, const char names[][NAME_SIZE], int count, int length) {
    for (int i = 0; i < count; i++) {
        int n = length ? length : (int)strlen(names[i]), j = 0;
        if (m->end - m->text < n) continue;
        while (j < n && ascii_lower(m->text[j]) == names[i][j]) j++;
        if (j < n) continue;
        m->text += n;
        return i;
    }
    return -1;
}

/* Takes UTC or GMT. The names of local time are left to Lib/_strptime.py, and a longer one may
 * begin with these letters. */
static int take_zone(struct strptime_match *m) {
    m->t->zone = m->text;
    if (take_name(m, ZONES, 2, 0) < 0) return 0;
    if (m->text < m->end && (is_ascii_letter(*m->text) || is_ascii_digit(*m->text) || *m->text == '+' || *m->text == '-')) return 0;
    m->t->zone_length = (int)(m->text - m->t->zone);
    m->t->isdst = 0;
    return 1;
}

/* Takes the two digits of minutes or seconds, or returns -1. */
static int take_sixtieths(struct strptime_match *m) {
    int value = take_digits(m, 2);
    return value < 60 ? value : -1;
}

/* Takes seconds and their fraction, which may be absent. Returns -1 if Lib/_strptime.py refuses
 * them, because a colon is before either the minutes or the seconds, but not before both. */
static int take_offset_seconds(struct strptime_match *m, int colon, int *microseconds) {
    const char *begin = m->text;
    int second_colon = tabcell_take(m, ':'), seconds = take_sixtieths(m);
    if (seconds < 0) {
        m->text = begin;
        return 0;
    }
    begin = m->text;
    if (tabcell_take(m, '.') && (*microseconds = take_fraction(m)) < 0) {
        m->text = begin;
        *microseconds = 0;
    }
    return colon == second_colon ? seconds : -1;
}

/* Takes Z or an offset from UTC of less than a day. */
static int take_offset(struct strptime_match *m) {
    struct tabcell_time *t = m->t;
    t->has_offset = 1;
    if (tabcell_take(m, 'Z')) return 1;
    int negative = tabcell_take(m, '-');
    if (!negative && !tabcell_take(m, '+')) return 0;
    int hours = take_digits(m, 2), colon = tabcell_take(m, ':'), minutes = take_sixtieths(m);
    if (hours < 0 || hours > 23 || minutes < 0) return 0;
    int seconds = take_offset_seconds(m, colon, &t->offset_microseconds);
    if (seconds < 0) return 0;
    t->offset = (hours * 60 + minutes) * 60 + seconds;
    if (negative) {
        t->offset = -t->offset;
        t->offset_microseconds = -t->offset_microseconds;
    }
    return 1;
}

/* Takes a day of the week counted from Sunday. Returns it counted from Monday, or -1. */
static int take_day_from_sunday(struct strptime_match *m) {
    int day = take_number(m, 1, 0, 6);
    return day == 0 ? 6 : day < 0 ? -1 : day - 1;
}

/* Takes two digits, which stand for a year from 1969 to 2068 as POSIX has it, or returns -1. */
static int take_short_year(struct strptime_match *m) {
    int year = take_digits(m, 2);
    return year < 0 ? -1 : year <= 68 ? 2000 + year : 1900 + year;
}

int tabcell_take_group(struct strptime_match *m, char group) {
    struct tabcell_time *t = m->t;
    switch (group) {
    case 'A': return (t->weekday = take_name(m, DAYS, 7, 0)) >= 0;
    case 'a': return (t->weekday = take_name(m, DAYS, 7, ABBREVIATION)) >= 0;
    case 'B': return (t->month = take_name(m, MONTHS, 12, 0) + 1) > 0;
    case 'b': return (t->month = take_name(m, MONTHS, 12, ABBREVIATION) + 1) > 0;
    case 'd': return (t->day = take_padded(m, 1, 31)) >= 0;
    case 'f': return (t->microsecond = take_fraction(m)) >= 0;
    case 'H': m->twelve = 0; return (t->hour = take_padded(m, 0, 23)) >= 0;
    case 'I': m->twelve = 1; return (t->hour = take_padded(m, 1, 12)) >= 0;
    case 'j': return (t->yday = take_number(m, 3, 1, 366)) >= 0;
    case 'M': return (t->minute = take_number(m, 2, 0, 59)) >= 0;
    case 'm': return (t->month = take_number(m, 2, 1, 12)) >= 0;
    case 'p': return (m->half = take_name(m, HALVES, 2, 0)) >= 0;
    case 'S': return (t->second = take_number(m, 2, 0, 61)) >= 0;
    case 'u': return (t->weekday = take_number(m, 1, 1, 7) - 1) >= 0;
    case 'w': return (t->weekday = take_day_from_sunday(m)) >= 0;
    case 'Y': return (t->year = take_digits(m, 4)) >= 0;
    case 'y': return (t->year = take_short_year(m)) >= 0;
    case 'Z': return take_zone(m);
    case 'z': return take_offset(m);
    }
    return 0;
}
