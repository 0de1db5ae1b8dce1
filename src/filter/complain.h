/* SPDX-License-Identifier: BSD-2-Clause */
/* complain.h - what a wrong filter is told. */
#ifndef LASTACK_FILTER_COMPLAIN_H
#define LASTACK_FILTER_COMPLAIN_H

#include <libintl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "filter/filter.h"

#ifndef _
#define _(text) gettext(text)
#endif

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Fills *error; a sentence too long for it is cut. */
void complain(struct filter_error *error, size_t word, size_t length, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
void complain_v(struct filter_error *error, size_t word, size_t length, const char *format, va_list arguments)
        __attribute__((format(printf, 4, 0)));

/* Somebody's words fit for a message: short, and nothing in them that a terminal would obey. */
struct quoted {
        char text[44];
};

struct quoted quote(const char *word, size_t length);

/* The bytes that the character at `text` takes, and which it is.  0 for one that is not to be shown: a control
 * character, or no UTF-8. */
size_t utf8_printable(const char *text, size_t length, uint32_t *ret_point);

/* The candidate that `word` is most probably a misspelling of (model/spelling.h), or NULL. */
const char *nearest(const char *word, const char *const candidates[], size_t count);

#endif
