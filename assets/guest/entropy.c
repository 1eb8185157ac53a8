/* entropy.c: the image freezes the generators of random and numpy.random, so each cell gives them
 * fresh state before its script or model runs. Both are Mersenne Twisters of 624 words. To fill the
 * words costs one host call; to seed the generators in Python would take a hundred times as long.
 * Sources of randomness that are used later (numpy.random.default_rng, secrets, uuid4) call the
 * host themselves. */
#include "bridge.h"
#include <wasi/api.h>

#define WORDS 624

/* random.Random as defined in _randommodule.c; tabcell_entropy_find verifies the layout. */
typedef struct {
    PyObject_HEAD
    int index;
    uint32_t state[WORDS];
} random_object;

/* numpy's mt19937_state. A BitGenerator's capsule holds a pointer to it in its first field
 * (numpy/random/bitgen.h). */
typedef struct { uint32_t key[WORDS]; int pos; } numpy_state;

static random_object *python_random;
static numpy_state *numpy_random;

static PyObject *attribute(const char *module, const char *first, const char *second, const char *third) {
    PyObject *o = PyImport_ImportModule(module);
    const char *names[] = {first, second, third};
    for (int i = 0; o && i < 3 && names[i]; i++) Py_SETREF(o, PyObject_GetAttrString(o, names[i]));
    return o;
}

/* Compares the words of getstate()[1], whose last is the index, with the fields of the struct. */
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

static int find_numpy(void) {
    /* Never released, because a model may replace it. */
    PyObject *generator = attribute("numpy.random.mtrand", "_rand", "_bit_generator", NULL);
    PyObject *capsule = generator ? PyObject_GetAttrString(generator, "capsule") : NULL;
    void **bitgen = capsule ? PyCapsule_GetPointer(capsule, "BitGenerator") : NULL;
    Py_XDECREF(capsule);
    if (!bitgen) return -1;
    numpy_random = bitgen[0];
    return 0;
}

int tabcell_entropy_find(void) {
    /* never released; the module holds it too */
    PyObject *r = attribute("random", "_inst", NULL, NULL);
    if (!r || check_layout((random_object *)r) < 0) return -1;
    python_random = (random_object *)r;
    PyObject *numpy = PyImport_ImportModule("numpy.random");
    Py_XDECREF(numpy);
    if (!numpy) { /* a guest without numpy */
        PyErr_Clear();
        return 0;
    }
    return find_numpy();
}

/* The host's random source fills any length and never fails. */
static void fill(uint32_t *words) {
    (void)__wasi_random_get((uint8_t *)words, WORDS * sizeof *words);
    words[0] |= 0x80000000u; /* a twister's state must not be all zero */
}

void tabcell_entropy_renew(void) {
    if (python_random) {
        fill(python_random->state);
        python_random->index = WORDS; /* all words are used up: the next draw computes new ones */
    }
    if (numpy_random) {
        fill(numpy_random->key);
        numpy_random->pos = WORDS;
    }
}
