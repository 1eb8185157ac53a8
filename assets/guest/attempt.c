/* attempt.c: calls a function whose C++ exceptions are caught. wasm without exceptions cannot unwind
 * its own stack, so the host does: host_attempt calls tabcell_attempt, and returns when that has
 * returned or has called host_throw. */
#include "bridge.h"
#include "foreign.h"

static void (*pending_run)(void *);
static void *pending_argument;
static int active;         /* there is an attempt, and it is not suspended */
static char failure[1000]; /* the text of the last exception that was caught */

const char tabcell_attempt_too_deep[] = "the library is called by callbacks of its callbacks";

static void *stack_pointer(void) {
    void *p;
    __asm__ volatile(".globaltype __stack_pointer, i32\nglobal.get __stack_pointer\nlocal.set %0" : "=r"(p));
    return p;
}

static void set_stack_pointer(void *p) { __asm__ volatile("local.get %0\nglobal.set __stack_pointer" ::"r"(p)); }

TABCELL_EXPORT(tabcell_attempt) int32_t tabcell_attempt(void) {
    pending_run(pending_argument);
    return 0;
}

const char *tabcell_attempt_run(void (*run)(void *), void *argument) {
    int outer = active;
    void *stack = stack_pointer();
    pending_run = run;
    pending_argument = argument;
    active = 1;
    int32_t failed = host_attempt();
    active = outer;
    set_stack_pointer(stack);
    if (failed == 2) return tabcell_attempt_too_deep;
    return failed ? failure : NULL;
}

void tabcell_attempt_failed(const char *text) {
    if (!active) return;
    snprintf(failure, sizeof failure, "%s", text);
    host_throw();
}

int tabcell_attempt_suspend(void) {
    int state = active;
    active = 0;
    return state;
}

void tabcell_attempt_resume(int state) { active = state; }
