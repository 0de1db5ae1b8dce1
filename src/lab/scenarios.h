/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenarios.h - beginnings that many scenarios share, to be put together as strings.
 *
 * Paths take 10 ms.  The client calls from port 40000, the server serves port 80.
 */
#ifndef LASTACK_LAB_SCENARIOS_H
#define LASTACK_LAB_SCENARIOS_H

#include "lastack/lab.h"

/* Both are established, the server's application has accepted. */
#define OPEN               \
        "server listen\n"  \
        "client connect\n" \
        "wait 30ms\n"      \
        "server accept\n"

/* Both call each other at one time; after so long both are in SYN_RECEIVED, their SYN,ACKs under way. */
#define OPEN_CROSSED       \
        "client connect\n" \
        "server connect\n" \
        "wait 15ms\n"

/* The client has shut down sending and is in FIN_WAIT_2, the server in CLOSE_WAIT. */
#define HALF_CLOSED         \
        "client shutdown\n" \
        "wait 20ms\n"

/* Each ends in order, the client first: it is in TIME_WAIT, the server in CLOSED. */
#define CLIENT_WAITS     \
        "client close\n" \
        "wait 20ms\n"    \
        "server close\n" \
        "wait 20ms\n"

/* The other way round. */
#define SERVER_WAITS     \
        "server close\n" \
        "wait 20ms\n"    \
        "client close\n" \
        "wait 20ms\n"

/* From here on nothing gets through. */
#define CUT "drop * any all\n"

#endif
