/* SPDX-License-Identifier: BSD-2-Clause */
/* link.h - what every kind of link has; each kind has a file, whose struct begins with this one. */
#ifndef LASTACK_LINK_LINK_H
#define LASTACK_LINK_LINK_H

#include "lastack/link.h"

struct link_kind {
        int (*receive)(struct la_link *link, struct la_packet *packets, size_t n);
        int (*send)(struct la_link *link, const struct la_packet *packets, size_t n);
        void (*close)(struct la_link *link); /* frees it, too */
};

struct la_link {
        const struct link_kind *kind;
        struct la_link_facts facts;
        struct la_link_counts counts;
        int fd;
};

#endif
