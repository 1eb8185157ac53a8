/* tzrules.c: time zones by rules, as in TZ=CET-1CEST,M3.5.0,M10.5.0/3. */
#include "timezone.h"
#include <ctype.h>
#include <string.h>
#include <time.h>

enum { HOUR = 3600, DAY = 24 * HOUR, MAX_NUMBER = 65535 };

static const int16_t DAYS_BEFORE[2][13] = {
    {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365},
    {0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366},
};

static int is_leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

/* Reads a number. Reports whether there is one. */
static int read_number(const char **at, int *number) {
    const char *p = *at;
    int n = 0;
    for (; isdigit((unsigned char)*p); p++)
        if (n <= MAX_NUMBER) n = n * 10 + (*p - '0');
    if (p == *at || n > MAX_NUMBER) return 0;
    *at = p;
    *number = n;
    return 1;
}

/* Reads hours[:minutes[:seconds]] into parts, which keeps its values for the missing ones. Reports
 * whether there are hours. */
static int read_time(const char **at, int parts[3]) {
    for (int i = 0; i < 3; i++) {
        const char *p = *at + (i > 0);
        if (i > 0 && **at != ':') break;
        if (!read_number(&p, &parts[i])) return i > 0;
        *at = p;
    }
    return 1;
}

static int in_name(char c, int quoted) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (quoted && (isdigit((unsigned char)c) || c == '+' || c == '-'));
}

/* Reads a name: three letters or more, or others in <>. Reports whether there is one. */
static int read_name(const char **at, const char **name) {
    int quoted = **at == '<';
    const char *from = *at + quoted, *to = from;
    while (in_name(*to, quoted)) to++;
    if (to - from < 3 || (quoted && *to != '>')) return 0;
    *name = tabcell_zone_name(from, (size_t)(to - from));
    *at = to + quoted;
    return 1;
}

static int clamp(int n, int max) { return n < max ? n : max; }

/* Reads an offset, which TZ counts west of UTC. If there is none, *offset is missing. Reports
 * whether there is one. */
static int read_offset(const char **at, int32_t *offset, int32_t missing) {
    int sign = **at == '-' ? 1 : -1, parts[3] = {0, 0, 0};
    *at += **at == '-' || **at == '+';
    int ok = read_time(at, parts);
    *offset = ok ? sign * (clamp(parts[0], 24) * HOUR + clamp(parts[1], 59) * 60 + clamp(parts[2], 59)) : missing;
    return ok;
}

/* Reads the day of a change. Without one, the change is that of the United States.
 *
 * GAP: on hosts that have a file posixrules, glibc takes the changes from there. */
static int read_day(const char **at, struct tz_change *c, int to_dst) {
    if (**at == '\0') {
        *c = (struct tz_change){WEEKDAY, to_dst ? 3 : 11, to_dst ? 2 : 1, 0, 0};
        return 1;
    }
    if (**at != 'M') {
        c->kind = **at == 'J' ? DAY_WITHOUT_FEB_29 : DAY_FROM_0;
        *at += **at == 'J';
        return read_number(at, &c->day) && c->day <= 365 && (c->day > 0 || c->kind == DAY_FROM_0);
    }
    int *parts[] = {&c->month, &c->week, &c->day};
    c->kind = WEEKDAY;
    for (int i = 0; i < 3; i++) {
        if (**at != (i == 0 ? 'M' : '.')) return 0;
        ++*at;
        if (!read_number(at, parts[i])) return 0;
    }
    return c->month >= 1 && c->month <= 12 && c->week >= 1 && c->week <= 5 && c->day <= 6;
}

/* Reads ,day[/time]. Reports whether it is valid. An invalid day is not kept. */
static int read_change(const char **at, struct tz_change *c, int to_dst) {
    *at += **at == ',';
    if (!read_day(at, c, to_dst)) {
        memset(c, 0, sizeof *c);
        return 0;
    }
    int parts[3] = {2, 0, 0}, sign = 1;
    if (**at == '/') {
        ++*at;
        if (**at == '\0') return 0;
        sign = **at == '-' ? -1 : 1;
        *at += **at == '-';
        read_time(at, parts);
    }
    else if (**at != '\0' && **at != ',') return 0;
    c->seconds = sign * (parts[0] * HOUR + parts[1] * 60 + parts[2]);
    return 1;
}

void tabcell_read_rules(const char *text, struct tz_rules *rules) {
    struct time_type *types = rules->types;
    memset(rules, 0, sizeof *rules);
    types[0].name = types[1].name = "";
    types[1].dst = 1;
    if (!read_name(&text, &types[0].name)) return;
    int signed_or_digit = *text == '+' || *text == '-' || isdigit((unsigned char)*text);
    if (!signed_or_digit || !read_offset(&text, &types[0].offset, 0)) return;
    if (*text == '\0') {
        types[1] = types[0];
        return;
    }
    if (read_name(&text, &types[1].name)) read_offset(&text, &types[1].offset, types[0].offset + HOUR);
    if (read_change(&text, &rules->changes[0], 1)) read_change(&text, &rules->changes[1], 0);
}

/* Returns the number of days from 1970-01-01 to January 1 of the year. As in glibc, it is 0 for the
 * years before. */
static int64_t days_to_year(int64_t year) {
    if (year <= 1970) return 0;
    int64_t y = year - 1;
    return (year - 1970) * 365 + (y / 4 - 1970 / 4) - (y / 100 - 1970 / 100) + (y / 400 - 1970 / 400);
}

/* Returns the day of the year, from 0, of a weekday: of week 1-4 of the month, or the last one
 * (5). */
static int weekday_in(int64_t year, const struct tz_change *c) {
    const int16_t *before = &DAYS_BEFORE[is_leap(year)][c->month - 1];
    int64_t y = year - 1;
    int weekday_of_january_1 = (int)((1 + 365 * y + y / 4 - y / 100 + y / 400) % 7);
    int first = (c->day - weekday_of_january_1 - before[0]) % 7;
    if (first < 0) first += 7;
    int day = first + 7 * (c->week - 1);
    while (day >= before[1] - before[0]) day -= 7;
    return before[0] + day;
}

/* Returns the time of a change from a type with this offset. */
static int64_t change_time(const struct tz_change *c, int64_t year, int32_t offset) {
    int day = c->day;
    if (c->kind == WEEKDAY) day = weekday_in(year, c);
    if (c->kind == DAY_WITHOUT_FEB_29) day += c->day >= 60 && is_leap(year) ? 0 : -1;
    return (days_to_year(year) + day) * DAY + c->seconds - offset;
}

struct time_type tabcell_rules_type(const struct tz_rules *rules, int64_t time) {
    struct tm tm;
    time_t t = (time_t)time;
    if (!gmtime_r(&t, &tm)) return rules->types[0];
    int64_t year = (int64_t)tm.tm_year + 1900;
    int64_t to_dst = change_time(&rules->changes[0], year, rules->types[0].offset);
    int64_t back = change_time(&rules->changes[1], year, rules->types[1].offset);
    int south = to_dst > back; /* daylight saving time ends in the next year */
    return rules->types[south ? time < back || time >= to_dst : time >= to_dst && time < back];
}
