/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * findings.h - what the doctor says: findings, with their evidence and what helps; and what it could not tell.
 *
 *         struct findings found;
 *         findings_init(&found);
 *         doctor_judge(&evidence, NULL, &found);
 *         show found.finding[0 ... found.count - 1], the worst first, and found.untold
 *         findings_fini(&found);
 *
 * Texts are in the user's language (gettext), numbers are plain; who shows them decides how.
 */
#ifndef LASTACK_DOCTOR_FINDINGS_H
#define LASTACK_DOCTOR_FINDINGS_H

#include "doctor/evidence.h"

/* ---- What is found ------------------------------------------------------------------------------------------------ */

enum severity {
        SEVERITY_NOTICE,   /* worth knowing; nothing has to be done */
        SEVERITY_WARNING,  /* something is wrong, or soon will be */
        SEVERITY_CRITICAL, /* connections fail, or are about to */
};

/* "notice", "warning", "critical": for machines. */
const char *severity_id(enum severity severity);

/* A named piece of evidence.  The name is stable and ends with the unit: "oldest_s". */
struct detail {
        const char *name;
        enum { DETAIL_NUMBER, DETAIL_REAL, DETAIL_TEXT } kind;
        int64_t number;
        double real;
        const char *text;
};

/* In order of merit: first the application that causes it, then more of what is short, then a tunable. */
enum fix_kind {
        FIX_APPLICATION,
        FIX_CAPACITY,
        FIX_KNOB,
};

struct fix {
        enum fix_kind kind;
        const char *text;
        const char *command; /* to be typed as it stands; "" where there is none */
        const char *effect;  /* what it changes, by how much */
        const char *risk;    /* "" for none worth a word */
};

#define FINDING_DETAILS 28
#define FINDING_FIXES   8

struct finding {
        const char *id; /* of the rule */
        enum severity severity;
        const char *summary;
        const char *why;
        struct detail detail[FINDING_DETAILS];
        size_t details;
        struct fix fix[FINDING_FIXES];
        size_t fixes;
        struct findings *all; /* that it is one of */
};

/* What a rule could not judge, or not whole. */
struct untold {
        const char *id;
        const char *what;
        bool blind; /* nothing at all could be said */
};

struct findings {
        struct finding *finding;
        size_t count, capacity;
        struct untold *untold;
        size_t untold_count, untold_capacity;
        char **text; /* made for these findings */
        size_t text_count, text_capacity;
        const char *stack;    /* the evidence's, while it is judged and after; NULL of Linux */
        bool out_of_memory;   /* something is missing */
        struct finding spare; /* takes what there is no memory for */
};

void findings_init(struct findings *f);
void findings_fini(struct findings *f);

/* ---- For rules ---------------------------------------------------------------------------------------------------- */

/* A text that lives as long as the findings. */
const char *findings_say(struct findings *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A new finding; the pointer is valid until the next one is added.  Never NULL. */
struct finding *findings_add(struct findings *f, const char *id, enum severity severity, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

void findings_untold(struct findings *f, const char *id, bool blind, const char *what);

/* Evidence, in the order in which it is to be read.  Names and texts are borrowed for as long as the findings live. */
void finding_number(struct finding *x, const char *name, int64_t number);
void finding_real(struct finding *x, const char *name, double real);
void finding_text(struct finding *x, const char *name, const char *text);

void finding_fix(struct finding *x, enum fix_kind kind, const char *text, const char *command, const char *effect,
                 const char *risk);

/* ---- Rules -------------------------------------------------------------------------------------------------------- */

struct rule {
        const char *id;    /* stable, and that of its findings: "ephemeral-ports" */
        const char *brief; /* what it looks at, as a part of a sentence; to be translated when shown */
        void (*judge)(const struct evidence *e, struct findings *f);
        enum {
                RULE_FOR_ALL,
                RULE_FOR_LINUX,  /* about what a stack does not have */
                RULE_FOR_STACKS, /* about what Linux does not have */
        } about;
};

/* All of them, in the order in which they judge; ended by a rule without id. */
extern const struct rule doctor_rules[];

/* The rule of this id, NULL if there is none. */
const struct rule *doctor_rule(const char *id);

/* Is a rule about such a TCP as this evidence is of? */
bool rule_applies(const struct rule *rule, const struct evidence *e);

/* Adds what the rules that apply find, the worst first.  Nothing can be added to the evidence afterwards, and it must
 * live as long as the findings.  `only` is one rule, or NULL for all; one that does not apply is told as blind. */
void doctor_judge(struct evidence *e, const struct rule *only, struct findings *f);

/* The worst severity; false if nothing was found. */
bool findings_worst(const struct findings *f, enum severity *ret);

/* True if some rule could say nothing at all. */
bool findings_blind(const struct findings *f);

#endif
