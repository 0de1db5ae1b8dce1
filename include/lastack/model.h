/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * model.h - what lastack knows about TCP, as tables: the states, the transitions between them, and the tunables.
 *
 * The rows live in X-macro files (model/state.def, model/transition.def, model/knob.def).  Everything that names a
 * state, a transition or a tunable, in the engine, in the lens on Linux and in the texts people read, names a row of
 * these tables, so that a thing is said once.
 *
 * All tables are constant, live as long as the program and are never freed.  No call here allocates or does I/O, and
 * none fails except by answering NULL or false for "there is no such thing".  Texts are English and marked for
 * extraction with N_(); a program that translates passes them through gettext() when it shows them.
 */
#ifndef LASTACK_MODEL_H
#define LASTACK_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Marks a text for translation without translating it: tables are constant, the program that shows them translates. */
#ifndef N_
#define N_(text) text
#endif

/* ---- States ----------------------------------------------------------------------------------------------------- */

/* The eleven states of RFC 9293 3.3.2, in its order: LA_CLOSED, LA_LISTEN, LA_SYN_SENT, ... LA_TIME_WAIT. */
enum la_state {
#define LA_STATE(id, ...) LA_##id,
#include "model/state.def"
#undef LA_STATE
        LA_STATE_COUNT
};

/* Who has to do something for the connection to leave its state. */
enum la_actor {
        LA_ACTOR_NOBODY,      /* nothing is pending */
        LA_ACTOR_APPLICATION, /* this end's program: accept, close, ... */
        LA_ACTOR_PEER,        /* the other host, or the path to it */
        LA_ACTOR_TIMER,       /* this end's TCP, by itself, when a timer expires */
};

struct la_state_info {
        enum la_state state;
        const char *name;       /* RFC 9293's, with underscores: "SYN_RECEIVED" */
        const char *linux_name; /* as in the kernel's enum, without TCP_: "SYN_RECV" */
        const char *ss_name;    /* as ss writes it in filters and, in capitals, in its tables: "syn-recv" */
        uint8_t linux_number;   /* TCP_ESTABLISHED is 1, ... (include/net/tcp_states.h) */
        enum la_actor actor;    /* who must act next, in the common case; `who` says the rest */
        const char *section;    /* where RFC 9293 defines it: "3.3.2" */
        const char *brief;      /* one line, under 60 characters, for tables and the diagram */
        const char *meaning;    /* what this end has seen and promised */
        const char *who;        /* who must act next, and how */
        const char *ends;       /* what ends the state, and after how long at most */
        const char *normal;     /* when many of them are normal */
        const char *fault;      /* when many of them are a fault, and whose */
        const char *helps;      /* what helps, in order of merit; and what does not, though it is often said */
};

/* The row of a state; NULL for a number that is no state. */
const struct la_state_info *la_state_info(enum la_state state);

/* The RFC's name of a state, "?" for a number that is no state. */
const char *la_state_name(enum la_state state);

/* Linux's number (include/net/tcp_states.h) to a state.  TCP_NEW_SYN_RECV (12) is SYN_RECEIVED: the kernel keeps a
 * half-open connection as a request, RFC 9293 does not distinguish.  TCP_BOUND_INACTIVE (13) is CLOSED.  False, and
 * *ret_state untouched, for a number Linux does not have. */
bool la_state_from_linux(unsigned int number, enum la_state *ret_state);

/* A state by any spelling people use: letter case, '-', '_' and blanks do not count; the RFC's, Linux's, ss's and
 * netstat's names all do ("time-wait", "TIMEWAIT", "SYN_RCVD", "synrecv", "FIN_WAIT1", "FIN-WAIT-1", "listening",
 * "estab", "TCP_CLOSE_WAIT").  False, and *ret_state untouched, if it is none. */
bool la_state_parse(const char *word, enum la_state *ret_state);

/* ---- Transitions ------------------------------------------------------------------------------------------------ */

/* What can make a connection change its state. */
enum la_event {
        LA_EVENT_USER,    /* a call of the application: open, send, close, abort */
        LA_EVENT_SEGMENT, /* a segment arrived */
        LA_EVENT_TIMER,   /* a timeout */
        LA_EVENT_NETWORK, /* an ICMP error, or this end's own limits */
};

/* One id for each row of transition.def: LA_T_SYN_SENT_RCV_SYN_ACK, ... */
enum la_transition {
#define LA_TRANSITION(id, ...) LA_T_##id,
#include "model/transition.def"
#undef LA_TRANSITION
        LA_TRANSITION_COUNT
};

struct la_transition_info {
        enum la_transition transition;
        const char *id; /* stable, for machines; begins with the state it leaves: "SYN_SENT_RCV_SYN_ACK" */
        enum la_state from;
        enum la_state to;
        enum la_event event;
        const char *trigger; /* what happens, in RFC 9293's words: "rcv SYN,ACK" */
        const char *answer;  /* what this end does about it, in the same words: "snd ACK", "delete TCB"; or "" */
        const char
                *section; /* RFC 9293's "3.10.7.3", another's "RFC 6191 2", or "Linux tcp_fin_timeout" for no RFC's */
        const char *sentence; /* one or two sentences for a person */
};

/* The row of a transition; NULL for a number that is none. */
const struct la_transition_info *la_transition_info(enum la_transition transition);

/* ---- Knobs ------------------------------------------------------------------------------------------------------ */

/* What a tunable's text must look like. */
enum la_knob_kind {
        LA_KNOB_NUMBER,    /* one whole number */
        LA_KNOB_RANGE,     /* two whole numbers, low and high: ip_local_port_range */
        LA_KNOB_TRIPLE,    /* three whole numbers, min, default and max: tcp_rmem */
        LA_KNOB_PORT_LIST, /* ports and port ranges, separated by commas; may be empty */
        LA_KNOB_WORD,      /* one name: tcp_congestion_control */
};

/* Where a tunable's value holds. */
enum la_knob_scope {
        LA_SCOPE_NETNS, /* each network namespace has its own; a new one starts with the compiled-in default */
        LA_SCOPE_HOST,  /* one for the host; absent in other network namespaces */
};

/* One id for each row of knob.def: LA_K_tcp_fin_timeout, ... */
enum la_knob {
#define LA_KNOB(id, ...) LA_K_##id,
#include "model/knob.def"
#undef LA_KNOB
        LA_KNOB_COUNT
};

struct la_knob_info {
        enum la_knob knob;
        const char *name; /* Linux's, in full: "net.ipv4.tcp_fin_timeout" */
        const char *leaf; /* its last part: "tcp_fin_timeout" */
        enum la_knob_kind kind;
        enum la_knob_scope scope;
        const char *
                standard; /* Linux's default as its file prints it, blanks for tabs; "" where it depends on the machine */
        const char *standard_note; /* how that default is computed, or since when it is; may be "" */
        int64_t min, max;     /* lastack's sane range for each number, inclusive; the kernel's own is often wider */
        const char *accepts;  /* what the kernel itself lets through, measured */
        const char *unit;     /* "s", "ms", "bytes", "connections", ...; "" for a choice */
        const char *since;    /* the Linux version it came with; "" for "older than 2.6.12" */
        const char *removed;  /* the Linux version it went away with; "" while it is there */
        bool engine;          /* lastack's own TCP acts on it */
        const char *brief;    /* one line, under 60 characters */
        const char *effect;   /* what it does, exactly; what each value means */
        const char *risk;     /* what a careless value breaks */
        const char *mistaken; /* what people believe it does, and does not */
        const char *versions; /* which Linux versions changed what, one fact a line; may be "" */
        const char *states;   /* the states it has to do with, RFC names separated by blanks; may be "" */
        const char *source;   /* the RFC or kernel source of the rule */
};

/* The row of a knob; NULL for a number that is none. */
const struct la_knob_info *la_knob_info(enum la_knob knob);

/* A knob by its leaf or its full name, '.' or '/' between the parts, with or without "/proc/sys/" before it, letter
 * case not counting.  NULL if there is none. */
const struct la_knob_info *la_knob_find(const char *name);

/* Has the knob to do with connections in this state? */
bool la_knob_concerns(const struct la_knob_info *knob, enum la_state state);

#endif
