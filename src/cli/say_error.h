/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * say_error.h - what goes wrong, on standard error: after the command's name, as argp says it of the command line.
 *
 *         say_error("cannot read %s: %s\n", path, strerror(-error));        lastack tune: cannot read x: ...
 *
 * What is said about it in further lines has no name before it.
 */
#ifndef LASTACK_CLI_SAY_ERROR_H
#define LASTACK_CLI_SAY_ERROR_H

/* Who speaks from now on: "lastack tune".  The text is borrowed; "lastack" speaks until then. */
void say_error_as(const char *name);

/* The line's end is the caller's, so that it can go on. */
void say_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says that there is no memory, and returns the exit status. */
int say_no_memory(void);

#endif
