/* tzfile.c: time zones of the tz database (TZif, RFC 8536). The file may be the host's, or damaged,
 * so every count and index in it is checked before it is used. */
#include "timezone.h"
#include <string.h>

enum { HEADER_BYTES = 44, TYPE_BYTES = 6, MAX_COUNT = 1 << 16, MAX_FOOTER = 255 };

static uint32_t read_uint32(const uint8_t *p) { return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]; }

static int64_t time_at(const struct tz_file *f, uint32_t i) {
    const uint8_t *p = f->times + (size_t)i * f->time_bytes;
    if (f->time_bytes == 4) return (int32_t)read_uint32(p);
    return (int64_t)((uint64_t)read_uint32(p) << 32 | read_uint32(p + 4));
}

static struct time_type type_of(const struct tz_file *f, uint32_t i) {
    const uint8_t *p = f->types + (size_t)i * TYPE_BYTES;
    const char *name = f->names + p[5];
    return (struct time_type){(int32_t)read_uint32(p), p[4], tabcell_zone_name(name, strlen(name))};
}

/* Reports whether all indices in the file are valid, and all names end before the area of the names
 * does. */
static int valid(const struct tz_file *f) {
    if (f->type_count == 0 || f->name_bytes == 0 || f->names[f->name_bytes - 1] != '\0') return 0;
    for (uint32_t i = 0; i < f->time_count; i++)
        if (f->indices[i] >= f->type_count) return 0;
    for (uint32_t i = 0; i < f->type_count; i++)
        if (f->types[i * TYPE_BYTES + 4] > 1 || f->types[i * TYPE_BYTES + 5] >= f->name_bytes) return 0;
    return 1;
}

/* Reads a header and the block behind it, whose times have so many bytes. Returns the size of both,
 * or 0 if they are invalid. */
static size_t read_block(const uint8_t *data, size_t size, uint32_t time_bytes, struct tz_file *f) {
    if (size < HEADER_BYTES || memcmp(data, "TZif", 4) != 0) return 0;
    uint32_t counts[6]; /* UT indicators, standard indicators, leap seconds, times, types, name bytes */
    for (int i = 0; i < 6; i++)
        if ((counts[i] = read_uint32(data + 20 + 4 * i)) > MAX_COUNT) return 0;
    f->time_bytes = time_bytes;
    f->time_count = counts[3];
    f->type_count = counts[4];
    f->name_bytes = counts[5];
    f->times = data + HEADER_BYTES;
    f->indices = f->times + (size_t)f->time_count * time_bytes;
    f->types = f->indices + f->time_count;
    f->names = (const char *)f->types + (size_t)f->type_count * TYPE_BYTES;
    size_t block = (size_t)f->time_count * (time_bytes + 1) + (size_t)f->type_count * TYPE_BYTES + f->name_bytes +
                   (size_t)counts[2] * (time_bytes + 4) + counts[1] + counts[0];
    return block <= size - HEADER_BYTES ? HEADER_BYTES + block : 0;
}

/* Reads the rules for the time after the last transition: a line with the format of TZ. */
static void read_footer(const uint8_t *data, size_t size, struct tz_file *f) {
    char text[MAX_FOOTER + 1];
    const uint8_t *end = size > 1 && data[0] == '\n' ? memchr(data + 1, '\n', size - 1) : NULL;
    size_t n = end ? (size_t)(end - data) - 1 : 0;
    f->has_rules = n > 0 && n <= MAX_FOOTER;
    if (!f->has_rules) return;
    memcpy(text, data + 1, n);
    text[n] = '\0';
    tabcell_read_rules(text, &f->rules);
}

int tabcell_read_tzfile(const uint8_t *data, size_t size, struct tz_file *f) {
    f->has_rules = 0;
    size_t first = read_block(data, size, 4, f);
    if (first == 0) return 0;
    if (data[4] != '\0') { /* version 2 or later: a second block has times of 64 bits */
        size_t second = read_block(data + first, size - first, 8, f);
        if (second == 0) return 0;
        read_footer(data + first + second, size - first - second, f);
    }
    return valid(f);
}

/* Returns the number of transitions at or before the time. */
static uint32_t transitions_before(const struct tz_file *f, int64_t time) {
    uint32_t low = 0, high = f->time_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (time_at(f, middle) <= time) low = middle + 1;
        else high = middle;
    }
    return low;
}

struct time_type tabcell_tzfile_type(const struct tz_file *f, int64_t time) {
    uint32_t n = transitions_before(f, time);
    if (n > 0 && n < f->time_count) return type_of(f, f->indices[n - 1]);
    if (n > 0) return f->has_rules ? tabcell_rules_type(&f->rules, time) : type_of(f, f->indices[n - 1]);
    uint32_t i = 0; /* before all transitions: the first type of standard time */
    while (i < f->type_count && type_of(f, i).dst) i++;
    return type_of(f, i < f->type_count ? i : 0);
}
