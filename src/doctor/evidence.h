/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * evidence.h - what the doctor's rules judge by, from wherever it comes: this kernel, a recording, another TCP.
 *
 * A source tells what it knows, in this order; what it does not know it leaves out, and rules take nothing that was left
 * out for zero:
 *
 *         evidence_init(&e, idle_ms);
 *         evidence_stack(&e, name);                  of a stack of lastack
 *         evidence_knob(&e, ...);                    each tunable
 *         once, or twice with some seconds in between:
 *                 evidence_look(&e, at_ms);
 *                 evidence_fact(&e, ...);            what stands: "nf_conntrack_max"
 *                 evidence_counter(&e, ...);         what only grows: "ListenDrops"
 *                 evidence_socket(&e, ...);          each socket, listeners first
 *                 evidence_restart(&e);              where the sockets have to be told anew
 *         doctor_judge(&e, ...);                     findings.h
 *         evidence_fini(&e);
 *
 * Sockets are looked at once and forgotten: see survey.h.  Of two looks the first is kept as far as the second is
 * compared with it.  With one look there are no rates but those that TIME_WAIT tells.
 */
#ifndef LASTACK_DOCTOR_EVIDENCE_H
#define LASTACK_DOCTOR_EVIDENCE_H

#include "doctor/survey.h"
#include "lastack/model.h"

/* ---- Amounts by name ---------------------------------------------------------------------------------------------- */

#define AMOUNT_NAME_SIZE 48

struct amount {
        char name[AMOUNT_NAME_SIZE];
        int64_t value;
};

struct amounts {
        struct amount *amount;
        size_t count, capacity;
};

/* False, and *ret untouched, if there is none of this name. */
bool amounts_get(const struct amounts *a, const char *name, int64_t *ret);

/* ---- The evidence ------------------------------------------------------------------------------------------------- */

struct look {
        bool taken;
        uint64_t at_ms; /* of a clock that only has to run */
        struct survey survey;
        struct amounts counters; /* by Linux's names: "ListenDrops" */
        struct amounts facts;    /* by the names of facts.h */
};

struct knob_value {
        char *text; /* as the source prints it; NULL: not known */
        int64_t number[3];
        size_t numbers; /* how many of them the text has; 0 where it is no numbers */
};

struct evidence {
        struct look before, now; /* `before` only of two looks */
        struct knob_value knob[LA_KNOB_COUNT];
        struct knob_value outer[LA_KNOB_COUNT]; /* of the host, where the sockets are in another network namespace */
        uint64_t reserved_ports[65536 / 64];    /* ip_local_reserved_ports */
        uint32_t idle_ms;                       /* after which an ESTABLISHED is idle */

        char stack[112]; /* the name of the lastack stack that all this is of; "" of Linux */

        /* What the source could not tell. */
        char source[32];        /* "sock_diag" */
        uint32_t missing;       /* bits of enum la_known */
        uint32_t owners_hidden; /* processes that may not be looked into */
        bool inconsistent;      /* sockets moved while they were listed */
};

/* ---- For sources: 0, or -ENOMEM ----------------------------------------------------------------------------------- */

void evidence_init(struct evidence *e, uint32_t idle_ms);
void evidence_fini(struct evidence *e);

/* It is of a stack of this name, or of this socket's path; -EINVAL for one that could not be typed into a shell as it
 * stands, since findings have commands with it. */
int evidence_stack(struct evidence *e, const char *name);

int evidence_knob(struct evidence *e, enum la_knob knob, const char *text, const int64_t *numbers, size_t count);
int evidence_outer_knob(struct evidence *e, enum la_knob knob, const char *text, const int64_t *numbers, size_t count);

void evidence_look(struct evidence *e, uint64_t at_ms);
int evidence_fact(struct evidence *e, const char *name, int64_t value);
int evidence_counter(struct evidence *e, const char *name, int64_t value);
int evidence_socket(struct evidence *e, const struct la_snapshot *s);
void evidence_restart(struct evidence *e);

/* ---- For rules ---------------------------------------------------------------------------------------------------- */

/* How long the two looks are apart; 0 of one look, or of two at once: then nothing is known of rates. */
uint64_t evidence_span_ms(const struct evidence *e);

/* The first number of a tunable's value; false, and *ret untouched, if it is not known. */
bool evidence_number(const struct evidence *e, enum la_knob knob, int64_t *ret);

/* The same, `otherwise` where it is not known. */
int64_t evidence_number_or(const struct evidence *e, enum la_knob knob, int64_t otherwise);

bool evidence_fact_is(const struct evidence *e, const char *name, int64_t *ret);

/* How much a counter has grown between the looks.  False, and *ret untouched, if that is not known. */
bool evidence_grown(const struct evidence *e, const char *counter, int64_t *ret);

/* The same, 0 where it is not known. */
int64_t evidence_growth(const struct evidence *e, const char *counter);

/* What a counter has come to, 0 where it is not known. */
int64_t evidence_total(const struct evidence *e, const char *counter);

/* Per second of the span; 0 without one. */
double evidence_rate(const struct evidence *e, int64_t amount);

/* The name of a process that holds sockets, "" where it is not known. */
const char *evidence_comm(const struct evidence *e, int32_t pid);

#endif
