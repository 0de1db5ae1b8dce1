/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * facts.h - names of what a source may know of its host beside sockets, counters and tunables.
 */
#ifndef LASTACK_DOCTOR_FACTS_H
#define LASTACK_DOCTOR_FACTS_H

#define FACT_ORPHANS        "orphans"                /* closed and not yet at their end, on the whole host */
#define FACT_TIME_WAIT      "time_wait_records"      /* TIME_WAIT, and FIN_WAIT_2 of orphans, of the namespace */
#define FACT_MEMORY_PAGES   "tcp_memory_pages"       /* buffers of all TCP sockets of the host */
#define FACT_MEMORY_LOW     "tcp_mem_low_pages"      /* net.ipv4.tcp_mem: below, no pressure; */
#define FACT_MEMORY_PRESSED "tcp_mem_pressure_pages" /* above, sockets are kept small; */
#define FACT_MEMORY_MOST    "tcp_mem_max_pages"      /* above, nothing is given */
#define FACT_PAGE           "page_bytes"             /* what a page has */
#define FACT_BUCKETS        "tcp_ehash_entries"      /* of the kernel's table of connections; negative: shared */
#define FACT_TRACKED        "nf_conntrack_count"     /* connections that conntrack follows */
#define FACT_TRACKED_MOST   "nf_conntrack_max"       /* and may follow */
#define FACT_TRACKED_KEPT   "nf_conntrack_tcp_timeout_established" /* and follows an idle one for so many seconds */
#define FACT_FOREIGN        "foreign_netns"                        /* 1: the namespace is not the host's first */
#define FACT_NOFILE         "nofile:"      /* and a pid: how many descriptors the process may have */
#define FACT_NOFILE_HARD    "nofile_hard:" /* and a pid: how far it may raise that itself */
#define FACT_FILES          "files:"       /* and a pid: how many it has */
#define FACT_UNPRIVILEGED   "ip_unprivileged_port_start"

/* Of a stack of lastack, each with a name of la_config behind it: "stack_used:connections".  Of several queues, whose
 * limits are their own, they are about the fullest one, and so are the amounts above. */
#define FACT_STACK_USED    "stack_used:"
#define FACT_STACK_MOST    "stack_most:"    /* what it was made for */
#define FACT_STACK_FULLEST "stack_fullest:" /* which queue that is; only of several */
#define FACT_STACK_QUEUES  "stack_queues"   /* how many; only of several */

/* Counters that are no TCP's, but decide over its segments. */
#define COUNT_TRACK_DROP        "nf_conntrack_drop"          /* packets dropped for want of a place in conntrack */
#define COUNT_TRACK_EARLY_DROP  "nf_conntrack_early_drop"    /* connections forgotten to make one */
#define COUNT_TRACK_INSERT_FAIL "nf_conntrack_insert_failed" /* not entered: two of the same at once */
#define COUNT_SOFTNET_DROP      "softnet_dropped"            /* packets dropped since a processor did not keep up */
#define COUNT_REPLIES_LOST      "stack_replies_lost"         /* answers of a stack that found no room */
#define COUNT_LINK_DROP         "stack_link_dropped"         /* packets of a stack that its link did not take */

#endif
