/* How the compiled engine frees deep graphs: included before every generated C file (`-include`).

   CPython's trashcan keeps a deallocation from recursing too deep by putting objects aside in a list that it threads
   through the collector's header. Nodes have no such header (mypyc's `acyclic`), so there it would write to memory
   that is not theirs. This one threads its list through the first word after the object's head, the table of methods,
   which a deallocation does not read. */
#ifndef AUTODIFF_TRASHCAN_H
#define AUTODIFF_TRASHCAN_H

#include <Python.h>

static _Thread_local int trash_depth = 0;
static _Thread_local PyObject *trash_later = NULL;
enum { TRASH_DEPTH = 50 };

static inline void **trash_next(PyObject *op) { return (void **)(op + 1); }

static inline void trash_empty(void) {
    trash_depth = 1; /* what is freed here adds to the list, and does not empty it */
    while (trash_later != NULL) {
        PyObject *op = trash_later;
        trash_later = (PyObject *)*trash_next(op);
        Py_TYPE(op)->tp_dealloc(op);
    }
    trash_depth = 0;
}

#undef Py_TRASHCAN_BEGIN
#undef Py_TRASHCAN_END
#define Py_TRASHCAN_BEGIN(op, dealloc)                    \
    do {                                                  \
        if (trash_depth >= TRASH_DEPTH) {                 \
            *trash_next((PyObject *)(op)) = trash_later;  \
            trash_later = (PyObject *)(op);               \
            break;                                        \
        }                                                 \
        trash_depth++;
#define Py_TRASHCAN_END                                   \
        trash_depth--;                                    \
        if (trash_depth == 0 && trash_later != NULL)      \
            trash_empty();                                \
    } while (0);

#endif
