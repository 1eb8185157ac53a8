/* entropy.c: the image freezes the generators of random and numpy.random; each cell gives them fresh state before its script or model runs.
 * Both are Mersenne Twisters of 624 words: filling the words from the host costs one host call, seeding them in Python a hundred times
 * more. Generators made later (numpy.random.default_rng, secrets, uuid4) ask the host by themselves. */
#include "bridge.h"
#include <wasi/api.h>

#define WORDS 624

/* random.Random as _randommodule.c lays it out; tabcell_entropy_learn proves it. */
typedef struct {
    PyObject_HEAD
    int index;
    uint32_t state[WORDS];
} random_object;

/* numpy's mt19937_state behind a BitGenerator's capsule (numpy/random/bitgen.h: the state pointer is the first field). */
typedef struct { uint32_t key[WORDS]; int pos; } numpy_state;

static random_object *python_random;
static numpy_state *numpy_random;

static PyObject *attribute(const char *module, const char *first, const char *second, const char *third) {
    PyObject *o = PyImport_ImportModule(module);
    const char *names[] = {first, second, third};
    for (int i = 0; o && i < 3 && names[i]; i++) Py_SETREF(o, PyObject_GetAttrString(o, names[i]));
    return o;
}

/* The last word of getstate()[1] is the index, the first the first word: they must be where the struct says. */
static int check_layout(random_object *r) {
    PyObject *state = PyObject_CallMethod((PyObject *)r, "getstate", NULL);
    PyObject *words = state ? PyTuple_GetItem(state, 1) : NULL;
    int ok = words && PyTuple_GET_SIZE(words) == WORDS + 1;
    for (int i = 0; ok && i < WORDS; i++) ok = PyLong_AsUnsignedLong(PyTuple_GET_ITEM(words, i)) == r->state[i];
    ok = ok && PyLong_AsLong(PyTuple_GET_ITEM(words, WORDS)) == r->index;
    Py_XDECREF(state);
    if (!ok && !PyErr_Occurred()) PyErr_SetString(PyExc_SystemError, "random.Random is not laid out as expected");
    return ok ? 0 : -1;
}

static int learn_numpy(void) {
    PyObject *generator = attribute("numpy.random.mtrand", "_rand", "_bit_generator", NULL); /* never released: a model may put another in its place */
    PyObject *capsule = generator ? PyObject_GetAttrString(generator, "capsule") : NULL;
    void **bitgen = capsule ? PyCapsule_GetPointer(capsule, "BitGenerator") : NULL;
    Py_XDECREF(capsule);
    if (!bitgen) return -1;
    numpy_random = bitgen[0];
    return 0;
}

int tabcell_entropy_learn(void) {
    PyObject *r = attribute("random", "_inst", NULL, NULL); /* never released: the module holds it too */
    if (!r || check_layout((random_object *)r) < 0) return -1;
    python_random = (random_object *)r;
    PyObject *numpy = PyImport_ImportModule("numpy.random");
    Py_XDECREF(numpy);
    if (!numpy) { /* a guest without numpy */
        PyErr_Clear();
        return 0;
    }
    return learn_numpy();
}

/* The host's random source fills any length and does not fail. */
static void fill(uint32_t *words) {
    (void)__wasi_random_get((uint8_t *)words, WORDS * sizeof *words);
    words[0] |= 0x80000000u; /* never all zero */
}

void tabcell_entropy_renew(void) {
    if (python_random) {
        fill(python_random->state);
        python_random->index = WORDS; /* all words used: the next draw makes new ones */
    }
    if (numpy_random) {
        fill(numpy_random->key);
        numpy_random->pos = WORDS;
    }
}
