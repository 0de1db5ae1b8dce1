/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel.h - which kernel this is, for the few things that cannot be found out by trying them.
 */
#ifndef LASTACK_LINUX_KERNEL_H
#define LASTACK_LINUX_KERNEL_H

#include <stdbool.h>

/* False also if the running kernel's version cannot be read. */
bool kernel_at_least(unsigned int major, unsigned int minor);

/* The same, of a version as uname(2) tells it: "6.1.0-18-amd64". */
bool kernel_release_at_least(const char *release, unsigned int major, unsigned int minor);

#endif
