/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gettext.h - texts in the user's language.
 */
#ifndef LASTACK_CLI_GETTEXT_H
#define LASTACK_CLI_GETTEXT_H

#include <libintl.h>

#define _(text) gettext(text)

#endif
