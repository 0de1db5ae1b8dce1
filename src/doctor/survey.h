/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * survey.h - a host's connections at a glance, from one walk over them.
 *
 * Each snapshot is looked at once and forgotten: what is kept grows with the number of paths, listeners and processes,
 * not with the number of connections.  Listeners must come before the connections, as Linux dumps them: they tell
 * which end of a connection this host is.
 */
#ifndef LASTACK_DOCTOR_SURVEY_H
#define LASTACK_DOCTOR_SURVEY_H

#include "doctor/holders.h"
#include "doctor/listeners.h"
#include "doctor/paths.h"
#include "doctor/peers.h"
#include "doctor/ports.h"

/* Closes of the last minute in steps of five seconds, the newest first. */
#define SURVEY_STEP_MS 5000
#define SURVEY_STEPS   12

/* As the kernel counts buffers: twice what SO_RCVBUF or SO_SNDBUF asked for.  It gives none so small by itself. */
#define SURVEY_SMALL_BYTES 8192

struct survey {
        uint16_t port_low, port_high; /* ip_local_port_range; 0 and 0 if not known */
        uint32_t ports_reserved;      /* of these, kept back by ip_local_reserved_ports */
        uint32_t reuse_delay_ms;      /* tcp_tw_reuse_delay */
        uint32_t idle_ms; /* an ESTABLISHED without any traffic for so long is idle; 0: nobody wants to know */

        uint64_t in_state[LA_STATE_COUNT];
        uint64_t total;
        uint64_t closes[SURVEY_STEPS];
        struct paths paths;
        struct listeners listeners;
        struct holders close_wait;
        uint64_t close_wait_unaccepted; /* CLOSE_WAIT in an accept queue: the application has yet to take them */
        struct holders half_closed;     /* FIN_WAIT_2 that an application holds */
        uint64_t fin_wait_2_orphans;    /* FIN_WAIT_2 that nobody holds: tcp_fin_timeout ends them */
        uint64_t fin_wait_2_unknown;    /* the source cannot tell which of the two */
        uint32_t orphans_left_ms;       /* until the last of the orphans is gone */
        uint64_t orphans_full;          /* of these, full sockets and not compact records */

        struct peers peers;      /* connections that wait for somebody else */
        struct ports ports;      /* local ports of clients' ends */
        struct holders owners;   /* every connection and listener, by who holds it */
        struct holders idle;     /* ESTABLISHED without keepalive, and idle: the age is the time since */
        struct holders unread;   /* with data that nobody has read: the age is the time since the last of it came */
        struct holders small;    /* ESTABLISHED with a buffer of less than SURVEY_SMALL_BYTES */
        uint64_t idle_keepalive; /* as idle, but with a keepalive timer: those will be found out */
};

/* What FILTER and source must deliver: owners for the holders, LA_KNOWN_TCP for ages, LA_KNOWN_DROPS for the
 * refused; what is not known is not counted as something else.  Returns 0, or -ENOMEM: the survey is then incomplete. */
int survey_add(struct survey *s, const struct la_snapshot *snapshot);

/* How many local ports a client of this host can use towards one service. */
uint32_t survey_ports(const struct survey *s);

/* Keeps of a survey what a later one is compared with, and gives back the memory of the rest. */
void survey_condense(struct survey *s);

/* Forgets every connection, to begin again. */
void survey_clear(struct survey *s);
void survey_fini(struct survey *s);

#endif
