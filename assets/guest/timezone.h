/* timezone.h: local time as glibc computes it. wasi-libc knows only UTC.
 *
 * tzfile.c reads zones in the format of the tz database (TZif, RFC 8536), tzrules.c the rules of
 * the environment variable TZ as POSIX defines them, which also end a TZif. timezone.c chooses the
 * zone and implements tzset and localtime; mktime.c is the inverse. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* A local time type of RFC 8536. The name is never freed. */
struct time_type {
    int32_t offset; /* seconds east of UTC */
    int dst;
    const char *name;
};

/* The day of a year on which the type changes, and the time of that day. */
struct tz_change {
    enum { DAY_FROM_0, DAY_WITHOUT_FEB_29, WEEKDAY } kind;
    int month, week, day;
    int32_t seconds;
};

/* Rules for all years: the types of standard and of daylight saving time, and the changes to
 * daylight saving time and back. If there is no daylight saving time, both types are equal. */
struct tz_rules {
    struct time_type types[2];
    struct tz_change changes[2];
};

/* A zone of the tz database. The pointers point into the data of the file. */
struct tz_file {
    const uint8_t *times, *indices, *types;
    const char *names;
    uint32_t time_count, type_count, name_bytes;
    uint32_t time_bytes; /* 4 or 8 */
    int has_rules;       /* for the time after the last transition */
    struct tz_rules rules;
};

/* Reads TZ in the format of POSIX. As in glibc, a malformed text gives the rules that were read
 * before the error, and UTC without a name if there are none. */
void tabcell_read_rules(const char *text, struct tz_rules *rules);

struct time_type tabcell_rules_type(const struct tz_rules *rules, int64_t time);

/* Reports whether data is a valid TZif, and reads it. The data must live as long as file. */
int tabcell_read_tzfile(const uint8_t *data, size_t size, struct tz_file *file);

struct time_type tabcell_tzfile_type(const struct tz_file *file, int64_t time);

/* Returns a copy of a name that is never freed, and the same copy for equal names. */
const char *tabcell_zone_name(const char *name, size_t length);

/* wasi-libc does not declare it. */
void tzset(void);

/* Calls tzset, and returns the present name of standard time or, if dst is not 0, of daylight
 * saving time. */
const char *tabcell_present_name(int dst);
