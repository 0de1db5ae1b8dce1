/* SPDX-License-Identifier: BSD-2-Clause */
/* gettext.h - sentences in the user's language. */
#ifndef LASTACK_TUNE_GETTEXT_H
#define LASTACK_TUNE_GETTEXT_H

#include <libintl.h>

#define _(text) gettext(text)

/* gettext("") is the head of the catalogue. */
#define translated(text) ((text)[0] != '\0' ? gettext(text) : "")

#endif
