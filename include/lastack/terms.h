/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * terms.h - the words of the engine: errors, verdicts, handles, events, counters, and what a connection's status is.
 *
 * tcp.h has the calls, and says how to use them.
 */
#ifndef LASTACK_TERMS_H
#define LASTACK_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lastack/snapshot.h"

/* Microseconds since a beginning of the owner's choice. */
typedef uint64_t tcp_time;

#define LA_NEVER UINT64_MAX

/* ---- Errors ----------------------------------------------------------------------------------------------------- */

/* What became of a call.  The sentence of each is la_error_text()'s. */
enum la_error {
        LA_OK = 0,
        LA_ERR_AGAIN,          /* not now: nothing to read or accept, or no room to write; an event will tell */
        LA_ERR_END,            /* receive: the peer has closed, and everything it sent has been read */
        LA_ERR_HANDLE,         /* there is no such connection (any more): "connection does not exist" */
        LA_ERR_NOT_CONNECTED,  /* the connection is not (yet, or any more) in a state for this */
        LA_ERR_CLOSING,        /* send: this end has closed its direction: "connection closing" */
        LA_ERR_RESET,          /* the peer reset the connection: "connection reset" */
        LA_ERR_REFUSED,        /* the peer refused the connection: "connection refused" */
        LA_ERR_TIMED_OUT,      /* the peer did not answer in time: "connection aborted due to user timeout" */
        LA_ERR_UNREACHABLE,    /* the network said that host, protocol or port cannot be reached */
        LA_ERR_ABORTED,        /* this end aborted the connection */
        LA_ERR_IN_USE,         /* the local address and port (and remote, for open) are taken */
        LA_ERR_NO_PORTS,       /* no free local port towards this destination in ip_local_port_range */
        LA_ERR_NO_CONNECTIONS, /* la_config.connections are in use: "insufficient resources" */
        LA_ERR_NO_LISTENERS,   /* la_config.listeners are in use */
        LA_ERR_NO_PACERS,      /* la_config.paced are in use */
        LA_ERR_ADDRESS,        /* the address cannot be an end of a connection: unspecified, multicast, broadcast */
        LA_ERR_INVALID,        /* an argument out of its documented range */
        LA_ERR_NO_KNOB,        /* no tunable of this name, or not one that the engine acts on */
        LA_ERR_KNOB_VALUE,     /* the text is not a value of this tunable, or out of its range */
        LA_ERR_DANGER,         /* refused because of what it breaks; see the call for how to insist */
        LA_ERR_BLOCK,          /* the block of memory is too small or not aligned to 64 bytes */
        LA_ERROR_COUNT
};

/* One English sentence, marked for translation; "?" for a number that is no error. */
const char *la_error_text(enum la_error error);

/* ---- Verdicts --------------------------------------------------------------------------------------------------- */

/* What can become of an arriving packet; one id for each row of verdict.def: LA_V_GO_ON, LA_V_NOT_ACCEPTABLE, ... */
enum la_verdict {
#define LA_VERDICT(id, ...) LA_V_##id,
#include "model/verdict.def"
#undef LA_VERDICT
        LA_VERDICT_COUNT
};

/* What the sender is told about it. */
enum la_answer {
        LA_ANSWER_NONE,      /* nothing, or what later processing finds worth saying */
        LA_ANSWER_ACK,       /* an acknowledgment at once: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> */
        LA_ANSWER_CHALLENGE, /* the same, within RFC 5961's limit */
        LA_ANSWER_RESET,     /* <CTL=RST>, formed after RFC 9293 3.5.2 */
};

struct la_verdict_info {
        enum la_verdict verdict;
        const char *id;      /* stable, for machines: "NOT_ACCEPTABLE" */
        const char *section; /* the rule: "3.10.7.4 first", "RFC 5961 4.2" */
        enum la_answer answer;
        const char *sentence; /* one sentence for a person */
};

/* Whether a packet that met it was turned away, or not processed to its end; false for what is ordinary. */
static inline bool
la_verdict_refuses(enum la_verdict verdict)
{
        return verdict != LA_V_GO_ON && verdict != LA_V_LAST_ACK_DONE;
}

/* The row of a verdict; NULL for a number that is none. */
const struct la_verdict_info *la_verdict_info(enum la_verdict verdict);

/* ---- Packets ------------------------------------------------------------------------------------------------------ */

#define LA_PARTS_MAX 20

struct la_part {
        const uint8_t *bytes;
        size_t length;
};

/* ---- Handles and events ------------------------------------------------------------------------------------------- */

/* A connection or a listener.  A handle is a value; the generation makes an old one an error (LA_ERR_HANDLE) and never
 * somebody else's connection.  All zeros is never a handle. */
struct la_handle {
        uint32_t index, generation;
};

static inline bool
la_handle_equal(struct la_handle a, struct la_handle b)
{
        return a.index == b.index && a.generation == b.generation;
}

/* What happened since the last event about the same handle; several may have. */
enum la_happened {
        LA_HAPPENED_CONNECTED = 1 << 0,   /* an opened connection is established: it can be written to */
        LA_HAPPENED_ACCEPTABLE = 1 << 1,  /* a listener has connections for la_accept() */
        LA_HAPPENED_READABLE = 1 << 2,    /* there is something for la_receive(), the end included */
        LA_HAPPENED_WRITABLE = 1 << 3,    /* there is room again after la_send() took less than it was given */
        LA_HAPPENED_PEER_CLOSED = 1 << 4, /* the peer's FIN has arrived: "connection closing" */
        LA_HAPPENED_URGENT = 1 << 5,      /* there is urgent data ahead: la_status() says how far */
        LA_HAPPENED_ERROR = 1 << 6,       /* the connection ended before its time: la_status() says why */
        LA_HAPPENED_CLOSED = 1 << 7,      /* the connection is in CLOSED, all timers ended */
        LA_HAPPENED_STATE = 1 << 8,       /* the state changed: la_status() tells it and the transition */
        LA_HAPPENED_SOFT_ERROR = 1 << 9,  /* an ICMP message hints at trouble: la_status() tells; nothing was ended */
        LA_HAPPENED_SENT = 1 << 10,       /* all that was written, a FIN included, has been acknowledged */
};

/* ---- Sending, and status ------------------------------------------------------------------------------------------ */

/* Flags of la_send(). */
enum {
        LA_SEND_MORE = 1 << 0,   /* more follows soon: a last segment that is not full may wait for it */
        LA_SEND_URGENT = 1 << 1, /* the last byte is urgent (RFC 6093: new programs should not use this) */
        LA_SEND_LAST = 1 << 2,   /* nothing follows: la_shutdown() once all was taken, if it was; before the connection
                                  * is established the FIN waits behind the bytes, and goes with them */
        LA_SEND_CONSTANT = 1 << 3, /* the bytes stay where and what they are for as long as the stack lives: they are
                                    * sent from there, and not copied, in pieces of la_config.chunk_bytes */
};

/* What la_status() tells: what the owner of a handle acts upon.  What everybody else looks at is struct la_snapshot. */
struct la_status {
        enum la_state state;
        enum la_transition came_by;         /* the transition that led to this state */
        bool came_by_known;                 /* false for a connection that never left CLOSED */
        enum la_error error;                /* why it ended; LA_OK while it lives or if it ended in order */
        enum la_error soft_error;           /* the latest hint from the network; LA_OK for none */
        bool peer_closed;                   /* the peer's FIN has been received */
        bool closed;                        /* this end's direction has been closed */
        bool urgent;                        /* urgent data is ahead of what was read ... */
        uint32_t urgent_bytes;              /* ... by as many bytes to read, the urgent byte included */
        uint32_t readable_bytes;            /* for la_receive() now */
        uint32_t writable_bytes;            /* for la_send() now */
        uint32_t user_timeout_ms;           /* 0: tcp_retries2 decides */
        uint32_t snd_una, snd_nxt, rcv_nxt; /* RFC 9293 3.3.1; zeros for a listener */
        uint32_t iss, irs;                  /* initial sequence numbers; zeros for a listener */
        uint64_t user;
};

/* ---- Counters ----------------------------------------------------------------------------------------------------- */

/* Counters with Linux's names and meanings (nstat's, without the group): LA_C_ListenOverflows, ... */
enum la_counter {
#define LA_COUNTER(id, ...) LA_C_##id,
#include "model/counter.def"
#undef LA_COUNTER
        LA_COUNTER_COUNT
};

/* "TcpExtListenOverflows", as nstat writes it, and one sentence; NULL for a number that is no counter. */
const char *la_counter_name(enum la_counter counter);
const char *la_counter_text(enum la_counter counter);

/* ---- The trace ---------------------------------------------------------------------------------------------------- */

enum la_trace_kind {
        LA_TRACE_TRANSITION, /* a state changed */
        LA_TRACE_VERDICT,    /* an arriving packet met a verdict */
};

/* One thing that happened.  Endpoints are zeros where a verdict was met before they were known. */
struct la_trace {
        tcp_time at;
        uint64_t arrival; /* the ordinal of the packet that arrived, from 1; 0 for a call or a timer */
        enum la_trace_kind kind;
        enum la_transition transition;
        enum la_verdict verdict;
        enum la_family family;
        struct la_endpoint local, remote;
};

#endif
