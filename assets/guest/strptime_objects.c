/* strptime_objects.c: datetime.strptime and time.strptime for the formats that strptime.c supports.
 *
 * patches/cpython calls these functions first. They return NULL without an exception for everything
 * that is left to Lib/_strptime.py: it costs ten to twenty times as much. */
#define _PY_DATETIME_IMPL /* the API is an argument */
#include <Python.h>
#include <datetime.h>
#include "strptime.h"

/* Matches two objects, which need not be strings. */
static int match_objects(PyObject *text, PyObject *format, struct tabcell_time *t) {
    if (!PyUnicode_CheckExact(text) || !PyUnicode_CheckExact(format)) return 0;
    if (!PyUnicode_IS_COMPACT_ASCII(text) || !PyUnicode_IS_COMPACT_ASCII(format)) return 0;
    return tabcell_strptime(PyUnicode_DATA(text), (size_t)PyUnicode_GET_LENGTH(text), PyUnicode_DATA(format),
                            (size_t)PyUnicode_GET_LENGTH(format), t);
}

/* Returns the name of the zone, or None if the format has none. */
static PyObject *zone_name(const struct tabcell_time *t) {
    return t->zone ? PyUnicode_FromStringAndSize(t->zone, t->zone_length) : Py_NewRef(Py_None);
}

/* Returns the tzinfo of a time with an offset. */
static PyObject *new_timezone(const PyDateTime_CAPI *api, const struct tabcell_time *t) {
    PyObject *result = NULL, *name = zone_name(t);
    PyObject *offset = api->Delta_FromDelta(0, t->offset, t->offset_microseconds, 1, api->DeltaType);
    if (name && offset) result = api->TimeZone_FromTimeZone(offset, name == Py_None ? NULL : name);
    Py_XDECREF(name);
    Py_XDECREF(offset);
    return result;
}

/* Returns datetime.strptime(text, format), where cls is datetime or a subclass. */
PyObject *tabcell_datetime_strptime(const PyDateTime_CAPI *api, PyObject *cls, PyObject *text, PyObject *format) {
    struct tabcell_time t;
    if (!match_objects(text, format, &t) || t.second > 59) return NULL;
    PyObject *zone = t.has_offset ? new_timezone(api, &t) : Py_NewRef(Py_None), *result;
    if (!zone) return NULL;
    if (cls == (PyObject *)api->DateTimeType)
        result = api->DateTime_FromDateAndTime(t.year, t.month, t.day, t.hour, t.minute, t.second, t.microsecond, zone, api->DateTimeType);
    else
        result = PyObject_CallFunction(cls, t.has_offset ? "iiiiiiiO" : "iiiiiii", t.year, t.month, t.day, t.hour, t.minute, t.second,
                                       t.microsecond, zone);
    Py_DECREF(zone);
    return result;
}

/* Returns time.strptime(*args) as a struct_time, which is type. */
PyObject *tabcell_time_strptime(PyTypeObject *type, PyObject *args) {
    struct tabcell_time t;
    if (PyTuple_GET_SIZE(args) != 2 || !match_objects(PyTuple_GET_ITEM(args, 0), PyTuple_GET_ITEM(args, 1), &t)) return NULL;
    PyObject *zone = zone_name(&t), *result = NULL;
    PyObject *offset = t.has_offset ? PyLong_FromLong(t.offset) : Py_NewRef(Py_None);
    PyObject *values = Py_BuildValue("(iiiiiiiiiOO)", t.year, t.month, t.day, t.hour, t.minute, t.second, t.weekday, t.yday, t.isdst, zone,
                                     offset);
    if (values) result = PyObject_CallOneArg((PyObject *)type, values);
    Py_XDECREF(values);
    Py_XDECREF(zone);
    Py_XDECREF(offset);
    return result;
}
