/* SPDX-License-Identifier: BSD-2-Clause */
/* wire_lwip.h - lwIP, as Debian built it, as the server on TUN. */
#ifndef LASTACK_BENCH_WIRE_LWIP_H
#define LASTACK_BENCH_WIRE_LWIP_H

#include <stdbool.h>

/* Could it serve?  If not, *ret_why says what is missing. */
bool lwip_can_serve(const char **ret_why);

/* As null_serve(): ports 7, 9 and 19 of 10.77.0.2.  -ENOENT where the library is not there. */
int lwip_serve(int ready_fd);

#endif
