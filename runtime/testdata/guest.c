/* guest.c: a guest without Python for the tests of package runtime. It obeys the first byte of the
 * request. guest.wasm is built with Debian's clang-19 and lld-19:
 *
 *   clang-19 --target=wasm32 -O2 -nostdlib -mbulk-memory -Wall -Wl,--no-entry -Wl,--stack-first \
 *     -Wl,-z,stack-size=65536 -o guest.wasm guest.c
 */
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name), used))

IMPORT("tabcell", tick) void host_tick(void);
IMPORT("tabcell", input_size) int32_t input_size(int32_t which);
IMPORT("tabcell", input_read) int32_t input_read(int32_t which, void *dst, int32_t cap);
IMPORT("tabcell", reply_begin) void reply_begin(int32_t kind);
IMPORT("tabcell", reply_write) void reply_write(const void *src, int32_t len);
IMPORT("tabcell", resource_size) int32_t resource_size(const char *name, int32_t len);
IMPORT("tabcell", ask) int32_t ask(const void *request, int32_t len);
IMPORT("tabcell", abort) void host_abort(const char *kind, int32_t kind_len, const char *text, int32_t text_len);
IMPORT("tabcell", attempt) int32_t host_attempt(void);
IMPORT("tabcell", throw) void host_throw(void);
IMPORT("tabcell", net_resolve) int32_t net_resolve(const char *host, int32_t len, int32_t port, void *dst, int32_t cap);
IMPORT("tabcell", net_connect) int32_t net_connect(const char *host, int32_t len, int32_t port, int32_t timeout);
IMPORT("tabcell", net_tls) int32_t net_tls(int32_t handle, const char *name, int32_t len, int32_t timeout);
IMPORT("tabcell", net_send) int32_t net_send(int32_t handle, const void *src, int32_t len, int32_t timeout);
IMPORT("tabcell", net_recv) int32_t net_recv(int32_t handle, void *dst, int32_t cap, int32_t timeout);
IMPORT("tabcell", net_close) int32_t net_close(int32_t handle);
IMPORT("tabcell", net_error) int32_t net_error(void *dst, int32_t cap);
IMPORT("tabcell", host_open) int32_t host_open(const char *path, int32_t len);
IMPORT("tabcell", host_read) int32_t host_read(int32_t handle, void *dst, int32_t cap, int32_t low, int32_t high);
IMPORT("wasi_snapshot_preview1", fd_write) int32_t fd_write(int32_t fd, const void *iovs, int32_t n, int32_t *written);
IMPORT("wasi_snapshot_preview1", poll_oneoff) int32_t poll_oneoff(const void *subs, void *events, int32_t n, int32_t *count);
IMPORT("wasi_snapshot_preview1", proc_exit) void proc_exit(int32_t code);
IMPORT("wasi_snapshot_preview1", random_get) int32_t random_get(void *dst, int32_t len);

enum { MARK_PARSED = 16 };

static volatile uint32_t flag, breaker;
static uint32_t words[2];
static int seen; /* number of evaluations in this memory: the warm-ups and one */
static char model[4096]; /* the loaded model: a line of JSON and the code */
static char body[4096];
static char pages[64 * 4096];

#define SAY(kind, text) say(kind, text, sizeof text - 1)
static void say(int kind, const char *s, int n) {
    reply_begin(kind);
    reply_write(s, n);
}

static void count_reply(void) {
    char digits[12];
    int n = 0;
    for (int v = seen; n == 0 || v; v /= 10) digits[11 - n++] = (char)('0' + v % 10);
    say(0, digits + 12 - n, n);
}

static int deep(volatile int *p) {
    volatile int here = *p + 1;
    return deep(&here) + here;
}

static void sleep_for(uint64_t ns) {
    struct { uint64_t user; uint8_t tag, pad[7]; uint32_t clock, pad2; uint64_t timeout, precision; uint16_t flags, pad3[3]; } sub = {7, 0, {0}, 1, 0, ns, 0, 0, {0}};
    uint8_t event[32];
    int32_t n;
    poll_oneoff(&sub, event, 1, &n);
}

static void print(int n) {
    struct { const char *p; int32_t n; } iov = {pages, sizeof pages};
    int32_t written;
    while (n--) fd_write(1, &iov, 1, &written);
}

static void echo(int n) { say(0, body + 1, n - 1); }
static void loop(int n) { for (volatile int i = 0;; i++); }
static void recursion(int n) { volatile int v = 0; deep(&v); }
static void swallow(int n) { for (;;) sleep_for(~0ull >> 2); }
static void flood(int n) { reply_begin(0); for (;;) reply_write(pages, sizeof pages); }
static void trap(int n) { __builtin_trap(); }
static void count(int n) { count_reply(); }
static void dirty(int n) { for (int i = 0; i < 64; i++) pages[i * 4096] = 1; count_reply(); }
static void out(int n) { reply_begin(0); reply_write((void *)0x7ffffff0, 4096); }
static void odd(int n) { SAY(99, "{}"); }
static void leave(int n) { proc_exit(3); }
static void fail(int n) { host_abort("std::bad_thing", 14, "why not", 7); }
static void chat(int n) { print(4); SAY(0, "1"); }
static void fault(int n) { SAY(1, "{\"class\":\"ValueError\",\"text\":\"boom\",\"line\":3,\"traceback\":\"tb\"}"); }
static void search(void) { resource_size("m:scipy.stats", 13); }
static void want(int n) { search(); SAY(1, "{\"class\":\"ModuleNotFoundError\",\"text\":\"No module named 'scipy.stats'\"}"); }
static void look_up(int n) { print(1); resource_size(body + 1, n - 1); echo(n); }
static void look_up_and_loop(int n) { resource_size(body + 1, n - 1); loop(n); }
static void own_timeout(int n) { SAY(6, "{\"class\":\"TimeoutError\"}"); }
static void wait_flag(int n) { while (!flag) {} SAY(6, "{\"class\":\"TimeLimitReached\"}"); }
static void refused(int n) { say(body[1] - '0', "null", 4); }
static void draw(int n) { random_get(pages, 16); say(0, pages, 16); }
static void context(int n) { int k = input_read(1, pages, sizeof pages); say(0, pages, k); }

/* Makes the request in the body, and returns the status and the response. */
static void ask_server(int n) {
    int status = ask(body + 1, n - 1), k = input_read(3, pages + 16, sizeof pages - 16);
    for (int i = 2, s = status; i >= 0; i--, s /= 10) pages[i] = status < 0 ? '-' : (char)('0' + s % 10);
    for (int i = 0; i < k; i++) pages[3 + i] = pages[16 + i];
    say(0, pages, k < 0 ? 3 : 3 + k);
}

/* Makes a request, and then misses a module. */
static void ask_and_want(int n) {
    ask_server(n);
    want(n);
}

/* Makes a request, looks for a module, and does without it. */
static void ask_and_look_up(int n) {
    ask_server(n);
    search();
    SAY(0, "without");
}

static char told[4096];
static int told_len;

static void tell(const char *s, int n) {
    for (int i = 0; i < n && told_len < (int)sizeof told; i++) told[told_len++] = s[i];
}

static void tell_number(int v) {
    char digits[12];
    int n = 0, negative = v < 0;
    for (unsigned u = negative ? -(unsigned)v : (unsigned)v; n == 0 || u; u /= 10) digits[11 - n++] = (char)('0' + u % 10);
    if (negative) digits[11 - n++] = '-';
    tell(digits + 12 - n, n);
}

/* Tells the number of an error with its text, or else n bytes. */
static void tell_result(int n) {
    if (n < 0) {
        tell_number(n);
        tell(" ", 1);
        n = net_error(pages, sizeof pages);
    }
    tell(pages, n);
}

static void read_file(const char *path, int n) {
    int handle = host_open(path, n);
    tell_result(handle < 0 ? handle : host_read(handle, pages, sizeof pages, 0, 0));
}

static void read_env(void) {
    int n = input_read(6, pages, sizeof pages);
    if (n < 0) tell("no env", 6);
    else tell(pages, n);
}

static int split_port(const char *s, int *n) {
    int port = 0, at = *n;
    while (at > 0 && s[at - 1] != ' ') at--;
    for (int i = at; i < *n; i++) port = port * 10 + s[i] - '0';
    *n = at - 1;
    return port;
}

/* One operation: r HOST PORT resolves, c HOST PORT connects, t NAME makes TLS, s TEXT sends, v receives, x closes, o PATH
 * reads a file, e reads the environment, u searches for a module, l loops, T traps. */
static void operate(const char *s, int n) {
    static int handle;
    int port, length = n - 1, status = 0;
    switch (s[0]) {
    case 'r': port = split_port(s + 1, &length); tell_result(net_resolve(s + 1, length, port, pages, sizeof pages)); return;
    case 'c': port = split_port(s + 1, &length); status = net_connect(s + 1, length, port, -1); handle = status; break;
    case 't': status = net_tls(handle, s + 1, length, -1); break;
    case 's': status = net_send(handle, s + 1, length, -1); break;
    case 'v': tell_result(net_recv(handle, pages, sizeof pages, -1)); return;
    case 'x': status = net_close(handle); break;
    case 'o': read_file(s + 1, length); return;
    case 'e': read_env(); return;
    case 'u': search(); return;
    case 'l': loop(0);
    case 'T': trap(0);
    }
    if (status < 0) tell_result(status);
    else tell("ok", 2);
}

/* Makes the operations in the lines of the body, and replies with their results, each in a line. */
static void operations(int n) {
    for (int at = 1, end; at < n; at = end + 1) {
        for (end = at; end < n && body[end] != '\n';) end++;
        operate(body + at, end - at);
        tell("\n", 1);
    }
    say(0, told, told_len);
}

static void tell_again(int n) { say(0, told, told_len); }

/* Replies with the table of the call, as a table. */
static void echo_table(int n) {
    int size = input_size(5), k = input_read(5, pages, sizeof pages);
    if (size < 0) SAY(9, "none");
    else say(9, pages, k);
}

static void loaded(int n) {
    int k = 0;
    while (model[k]) k++;
    say(0, model, k);
}

static void grow(int n) {
    while (__builtin_wasm_memory_grow(0, 16) != (__SIZE_TYPE__)-1)
        ((volatile char *)0)[__builtin_wasm_memory_size(0) * 65536 - 1] = 1;
    if (body[1] == 't') __builtin_trap();
    seen = (int)__builtin_wasm_memory_size(0);
    count_reply();
}

/* Makes an attempt that obeys the second byte of the body: r returns, t throws, T traps, l loops, d
 * makes two attempts of which the inner one throws, D goes on until one is refused, and R recurses
 * deeply before each attempt. Replies with the number of attempts that have begun and the sum of
 * their results. */
static int begun, thrown, depth;
static void attempt(int n) {
    depth = 2;
    thrown += host_attempt();
    tell_number(begun);
    tell(" ", 1);
    tell_number(thrown);
    say(0, told, told_len);
}

static int attempt_deeply(volatile int *left) {
    volatile int here = *left - 1;
    return here > 0 ? attempt_deeply(&here) + (here < 0) : host_attempt();
}

EXPORT(tabcell_attempt) int32_t tabcell_attempt(void) {
    volatile int frames = 1800; /* in each of two attempts, within the stack */
    begun++;
    switch (body[1]) {
    case 't': host_throw();
    case 'T': trap(0);
    case 'l': loop(0);
    case 'd': if (--depth == 0) host_throw();
    case 'D': thrown += host_attempt(); break;
    case 'R': thrown += attempt_deeply(&frames);
    }
    return 0;
}

static void throw_alone(int n) { host_throw(); }

static const struct { char name; void (*run)(int); } commands[] = {
    {'e', echo}, {'l', loop}, {'r', recursion}, {'s', swallow}, {'f', flood}, {'t', trap}, {'c', count}, {'d', dirty}, {'o', out}, {'k', odd},
    {'q', leave}, {'a', fail}, {'p', chat}, {'x', fault}, {'y', own_timeout}, {'u', want}, {'i', wait_flag}, {'n', refused}, {'w', draw}, {'v', context}, {'g', grow},
    {'z', ask_server}, {'Z', ask_and_want}, {'Y', ask_and_look_up}, {'h', look_up}, {'H', look_up_and_loop}, {'m', loaded}, {'T', echo_table}, {'G', operations}, {'K', tell_again},
    {'A', attempt}, {'B', throw_alone},
};

EXPORT(tabcell_init) int32_t tabcell_init(void) {
    words[0] = (uint32_t)&flag;
    words[1] = (uint32_t)&breaker;
    return 0;
}

EXPORT(tabcell_interrupt) int32_t tabcell_interrupt(void) { return (int32_t)words; }
EXPORT(tabcell_tick) void tabcell_tick(void) { host_tick(); }

/* Loads a model, obeying the first byte of its code: l loops, t traps, d writes to 64 pages, b takes
 * 8 MB, n and N fail, n and m search for a module, f reads a file and tries other grants. */
EXPORT(tabcell_load) int32_t tabcell_load(void) {
    int n = input_read(2, model, sizeof model - 1), at = 0;
    while (at < n && model[at] != '\n') at++;
    switch (model[++at]) {
    case 'l': for (volatile int i = 0;; i++);
    case 't': __builtin_trap();
    case 'd': for (int i = 0; i < 64; i++) pages[i * 4096] = 1; break;
    case 'b': for (int i = 0; i < 128; i++) ((volatile char *)0)[(__builtin_wasm_memory_grow(0, 1) + 1) * 65536 - 1] = 1; break;
    case 'n': search(); SAY(1, "{\"class\":\"ModuleNotFoundError\",\"text\":\"No module named 'scipy.stats'\"}"); return 1;
    case 'N': SAY(1, "no JSON"); return 1;
    case 'm': search(); break;
    case 'f':
        read_file(model + at + 1, n - at - 1);
        tell("\n", 1);
        tell_result(net_resolve("localhost", 9, 80, pages, sizeof pages));
        tell("\n", 1);
        read_env();
        break;
    }
    SAY(0, "{\"function\":\"f\",\"docstring\":\"told\"}");
    return 0;
}

EXPORT(tabcell_evaluate) int32_t tabcell_evaluate(void) {
    seen++;
    int n = input_read(0, body, sizeof body);
    input_size(MARK_PARSED);
    for (unsigned i = 0; i < sizeof commands / sizeof *commands; i++)
        if (n > 0 && body[0] == commands[i].name) {
            commands[i].run(n);
            return 0;
        }
    if (n > 0 && body[0] == '1') return 1;
    SAY(0, "null");
    return 0;
}
