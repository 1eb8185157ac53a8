/* mktime.c: mktime as in glibc, which matters for local times that a change of the clock skips or
 * repeats. */
#include "timezone.h"
#include <errno.h>
#include <time.h>

enum {
    MAX_PROBES = 6,
    PROBE_STEP = 601200,         /* the shortest period of one type that glibc looks for */
    PROBE_RANGE = 457243209 / 2, /* half of the longest one */
};

/* Returns the seconds from 1970 to a date and time as if they were UTC. The month is from 0 to
 * 11. */
static int64_t linear_time(int64_t year, int month, int64_t day, int64_t hour, int64_t minute, int64_t second) {
    int64_t y = month < 2 ? year - 1 : year; /* years that begin in March */
    int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    int64_t of_year = (153 * ((month + 10) % 12) + 2) / 5 + day - 1;
    int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

static int64_t linear_tm(const struct tm *tm, int second) {
    int month = tm->tm_mon % 12, borrow = month < 0;
    int64_t year = (int64_t)tm->tm_year + 1900 + tm->tm_mon / 12 - borrow;
    return linear_time(year, month + 12 * borrow, tm->tm_mday, tm->tm_hour, tm->tm_min, second);
}

/* Converts t, and sets *error to the seconds by which the result is before the wanted time. */
static int probe(int64_t wanted, int64_t t, struct tm *tm, int64_t *error) {
    time_t time = (time_t)t;
    if (!localtime_r(&time, tm)) return 0;
    *error = wanted - linear_tm(tm, tm->tm_sec);
    return 1;
}

static int differ(int wanted, int dst) { return wanted >= 0 && (wanted != 0) != (dst != 0); }

/* Improves *t until it is the wanted time, or until it oscillates around a gap, of which the side
 * is chosen by dst. Returns 1 if the time exists, 0 if it is in a gap, and -1 on failure. */
static int approach(int64_t wanted, int dst, int64_t *t, struct tm *tm) {
    int64_t previous = *t, before = *t, error;
    int previous_dst = 0;
    for (int n = MAX_PROBES;; n--) {
        if (n == 0 || !probe(wanted, *t, tm, &error)) return -1;
        if (error == 0) return 1;
        int found = tm->tm_isdst != 0;
        int other_side = dst < 0 ? previous_dst <= found : differ(dst, found);
        if (*t == before && *t != previous && other_side) return 0;
        before = previous;
        previous = *t;
        previous_dst = found;
        *t += error;
    }
}

/* Looks around t for a time with the requested dst, whose offset then gives the result. If there is
 * none, daylight saving time is taken to be an hour. Reports whether it succeeds. */
static int find_dst(int64_t wanted, int dst, int64_t *t, struct tm *tm) {
    int64_t error;
    for (int delta = PROBE_STEP; delta < PROBE_RANGE + PROBE_STEP; delta += PROBE_STEP) {
        for (int direction = -1; direction <= 1; direction += 2) {
            int64_t other = *t + (int64_t)delta * direction;
            if (!probe(wanted, other, tm, &error)) return 0;
            if (differ(dst, tm->tm_isdst)) continue;
            *t = other + error;
            return probe(wanted, *t, tm, &error);
        }
    }
    *t += dst ? -3600 : 3600;
    return probe(wanted, *t, tm, &error);
}

time_t mktime(struct tm *tm) {
    static int64_t last_offset; /* the first guess; as in glibc, it decides between repeated times */
    struct tm result;
    tzset();
    int second = tm->tm_sec < 0 ? 0 : tm->tm_sec > 59 ? 59 : tm->tm_sec;
    int64_t wanted = linear_tm(tm, second), t = wanted + last_offset;
    int found = approach(wanted, tm->tm_isdst, &t, &result);
    if (found == 1 && differ(tm->tm_isdst, result.tm_isdst)) found = find_dst(wanted, tm->tm_isdst, &t, &result) ? 1 : -1;
    if (found >= 0) {
        last_offset = t - wanted;
        time_t time = (time_t)(t + tm->tm_sec - second);
        if (localtime_r(&time, &result)) {
            *tm = result;
            return time;
        }
    }
    errno = EOVERFLOW;
    return -1;
}
