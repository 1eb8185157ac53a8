/* foreign.c: finds the libraries of a guest and their functions, under the names of the dynamic
 * linker's functions that _ctypes calls. */
#include "foreign.h"
#include <stdio.h>
#include <string.h>

/* A library that only the guests with its package have. */
extern const struct foreign_library tabcell_foreign_lightgbm __attribute__((weak));

static const struct foreign_library *const libraries[] = {&tabcell_foreign_python, &tabcell_foreign_lightgbm};
enum { LIBRARIES = sizeof libraries / sizeof *libraries };

static char problem[300];

void *tabcell_dlopen(const char *name, int mode);
void *tabcell_dlsym(void *handle, const char *name);
int tabcell_dlclose(void *handle);
char *tabcell_dlerror(void);

/* Returns whether library is the one at a path. NULL is the path of the interpreter. */
static int is_at(const struct foreign_library *library, const char *path) {
    if (!path || !library->name) return !path && !library->name;
    const char *slash = strrchr(path, '/');
    return !strcmp(library->name, slash ? slash + 1 : path);
}

void *tabcell_dlopen(const char *name, int mode) {
    (void)mode;
    for (int i = 0; i < LIBRARIES; i++)
        if (libraries[i] && is_at(libraries[i], name)) return (void *)libraries[i];
    snprintf(problem, sizeof problem, "foreign functions are not available in a cell, nor is the library %.200s", name);
    return NULL;
}

static const struct foreign_library *library_of(const void *handle) {
    for (int i = 0; i < LIBRARIES; i++)
        if (libraries[i] && libraries[i] == handle) return libraries[i];
    return NULL;
}

void *tabcell_dlsym(void *handle, const char *name) {
    const struct foreign_library *library = library_of(handle);
    for (int i = 0; library && i < library->count; i++)
        if (!strcmp(library->functions[i].name, name)) return (void *)library->functions[i].address;
    snprintf(problem, sizeof problem, "a cell has no foreign function %.200s", name);
    return NULL;
}

int tabcell_dlclose(void *handle) {
    if (library_of(handle)) return 0;
    snprintf(problem, sizeof problem, "not the handle of a library");
    return -1;
}

char *tabcell_dlerror(void) {
    static char text[sizeof problem];
    memcpy(text, problem, sizeof text);
    problem[0] = 0;
    return text[0] ? text : NULL;
}

const struct foreign_function *tabcell_foreign_find(void (*address)(void), const struct foreign_library **library) {
    for (int l = 0; l < LIBRARIES; l++)
        for (int i = 0; libraries[l] && i < libraries[l]->count; i++)
            if (libraries[l]->functions[i].address == address) {
                *library = libraries[l];
                return &libraries[l]->functions[i];
            }
    return NULL;
}
