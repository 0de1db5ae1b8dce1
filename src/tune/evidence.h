/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * evidence.h - what of this host a setting is judged by: its kernel, its values, its sockets.
 *
 * Plain data, so that a judgement can be repeated anywhere; gather.h fills it from the running kernel.
 */
#ifndef LASTACK_TUNE_EVIDENCE_H
#define LASTACK_TUNE_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lastack/snapshot.h"

/* A tunable as it is here. */
struct tune_live {
        char *name;
        int error;  /* 0, or the negative errno with which it could not be read: -ENOENT, it is not there */
        char *text; /* NULL if it could not be read */
};

struct tune_listener {
        uint16_t port;
        bool limit_known;
        uint32_t limit; /* of its accept queue */
        int32_t pid;    /* 0: not known */
        char comm[LA_NAME_SIZE];
};

struct tune_evidence {
        char release[65];
        unsigned int major, minor;
        bool first_netns; /* the host's own network namespace, not a container's */

        struct tune_live *live;
        size_t live_count, live_capacity;

        bool sockets_known; /* the three below */
        struct tune_listener *listener;
        size_t listener_count, listener_capacity;
        uint64_t established, without_timestamps, time_wait;

        int64_t conntrack;     /* connections in the firewall's table; -1: there is none here */
        bool nat;              /* this host translates addresses, as far as can be seen */
        uint64_t memory_pages; /* 0: not known */
};

/* Keeps what was read of a tunable; takes over `text`.  False without memory, and `text` is freed. */
bool tune_evidence_add(struct tune_evidence *e, const char *name, int error, char *text);

/* What is known of it; NULL if nobody looked. */
const struct tune_live *tune_live(const struct tune_evidence *e, const char *name);

/* Its value; NULL if there is none. */
const char *tune_live_text(const struct tune_evidence *e, const char *name);

/* Is the kernel that version or a later one?  "" is. */
bool tune_kernel_has(const struct tune_evidence *e, const char *version);

void tune_evidence_fini(struct tune_evidence *e);

#endif
