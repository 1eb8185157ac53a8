/* timezone.c: the zone of local time. It is the host's (the resource "timezone") unless the script
 * sets the environment variable TZ, which takes effect as in glibc: at the next call of tzset or
 * mktime. */
#include "bridge.h"
#include "timezone.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RESOURCE "timezone"
#define FOLDER "f:/lib/tzdata/zoneinfo/" /* of the zones among the resources */
#define HOST_FOLDER "/usr/share/zoneinfo/"

enum { MAX_NAME = 255, MAX_BYTES = 1 << 16 };

/* From wasi-libc; gmtime_r below differs in the name of the zone. */
struct tm *__gmtime_r(const time_t *restrict t, struct tm *restrict tm);

static struct {
    int known;           /* the zone has been chosen */
    char *variable;      /* the value of TZ that chose it; NULL if TZ was not set */
    uint8_t *data;       /* of file; NULL if the rules apply */
    struct tz_file file;
    struct tz_rules rules;
} zone;

const char *tabcell_zone_name(const char *name, size_t length) {
    static struct node { struct node *next; size_t length; char text[]; } *names;
    for (struct node *n = names; n; n = n->next)
        if (n->length == length && memcmp(n->text, name, length) == 0) return n->text;
    struct node *n = malloc(sizeof *n + length + 1);
    if (!n) return "";
    memcpy(n->text, name, length);
    n->text[length] = '\0';
    n->length = length;
    n->next = names;
    names = n;
    return n->text;
}

/* Returns the bytes of a resource, followed by a zero byte, or NULL. The caller frees them. */
static char *read_resource(const char *name, int32_t *size) {
    int32_t length = (int32_t)strlen(name), n = host_resource_size(name, length);
    char *bytes = n < 0 || n > MAX_BYTES ? NULL : malloc((size_t)n + 1);
    if (!bytes) return NULL;
    *size = host_resource_read(name, length, bytes, n);
    if (*size < 0 || *size > n) *size = 0;
    bytes[*size] = '\0';
    return bytes;
}

/* Makes bytes, which it frees later, the zone. Reports whether they are a TZif. */
static int use_file(char *bytes, int32_t size) {
    if (!bytes || !tabcell_read_tzfile((uint8_t *)bytes, (size_t)size, &zone.file)) return 0;
    zone.data = (uint8_t *)bytes;
    return 1;
}

/* Uses the zone of that name in the tz database, or else the rules in the text. */
static void use_text(const char *text) {
    char name[sizeof FOLDER + MAX_NAME];
    int32_t size = 0;
    if (strncmp(text, HOST_FOLDER, sizeof HOST_FOLDER - 1) == 0) text += sizeof HOST_FOLDER - 1;
    if (strlen(text) <= MAX_NAME) {
        strcpy(name, FOLDER);
        strcat(name, text);
        char *bytes = read_resource(name, &size);
        if (use_file(bytes, size)) return;
        free(bytes);
    }
    tabcell_read_rules(text, &zone.rules);
}

/* Uses the host's zone, which is given like TZ or as a TZif, or UTC if it is not known or
 * damaged. */
static void use_host(void) {
    int32_t size = 0;
    char *bytes = read_resource(RESOURCE, &size);
    if (use_file(bytes, size)) return;
    use_text(size > 0 && strncmp(bytes, "TZif", 4) != 0 ? bytes : "UTC0");
    free(bytes);
}

void tzset(void) {
    const char *variable = getenv("TZ");
    if (variable && *variable == '\0') variable = "Universal";
    if (variable && *variable == ':') variable++;
    if (zone.known && (variable && zone.variable ? strcmp(variable, zone.variable) == 0 : variable == zone.variable)) return;
    free(zone.data);
    free(zone.variable);
    zone.data = NULL;
    zone.known = 1;
    zone.variable = variable ? strdup(variable) : NULL;
    if (variable && strcmp(variable, "/etc/localtime") != 0) use_text(variable);
    else use_host();
}

const char *tabcell_present_name(int dst) {
    tzset();
    if (zone.data && !zone.file.has_rules) return tabcell_tzfile_type(&zone.file, INT64_MAX).name;
    return (zone.data ? &zone.file.rules : &zone.rules)->types[dst != 0].name;
}

struct tm *gmtime_r(const time_t *restrict t, struct tm *restrict tm) {
    if (!__gmtime_r(t, tm)) return NULL;
    tm->tm_zone = "GMT";
    return tm;
}

struct tm *localtime_r(const time_t *restrict t, struct tm *restrict tm) {
    if (!zone.known) tzset();
    struct time_type type = zone.data ? tabcell_tzfile_type(&zone.file, *t) : tabcell_rules_type(&zone.rules, *t);
    time_t local;
    if (__builtin_add_overflow(*t, type.offset, &local)) {
        errno = EOVERFLOW;
        return NULL;
    }
    if (!__gmtime_r(&local, tm)) return NULL;
    tm->tm_isdst = type.dst;
    tm->tm_gmtoff = type.offset;
    tm->tm_zone = type.name;
    return tm;
}

struct tm *localtime(const time_t *t) {
    static struct tm tm;
    tzset();
    return localtime_r(t, &tm);
}
