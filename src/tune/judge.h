/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * judge.h - what there is to say of a setting, on this kernel and on this host.
 */
#ifndef LASTACK_TUNE_JUDGE_H
#define LASTACK_TUNE_JUDGE_H

#include "tune/conf.h"
#include "tune/evidence.h"
#include "tune/law.h"
#include "tune/value.h"

/* From good to bad; the worst that was found is the verdict. */
enum tune_verdict {
        TUNE_FINE,       /* it does what it says */
        TUNE_DEFAULT,    /* it says what is so anyway */
        TUNE_NOT_JUDGED, /* it is not TCP's */
        TUNE_MISREAD,    /* it acts, and not as is widely believed */
        TUNE_USELESS,    /* it does nothing */
        TUNE_HARMFUL,    /* it costs more than it gives */
        TUNE_ABSENT,     /* there is no such tunable here */
        TUNE_REFUSED,    /* the kernel does not take the value */
        TUNE_MALFORMED,  /* it is no setting */
        TUNE_DANGEROUS,  /* it can end connections, or services */
};

/* What the kernel itself said of a setting, when it was written in a network namespace that was made for that. */
struct tune_rehearsal {
        bool tried;
        int error;            /* of the write; 0: taken */
        char *before, *after; /* what was read, in a new namespace, and after the write */
};

struct tune_judgement {
        enum tune_verdict verdict;
        char *said[16]; /* sentences, the weightiest first */
        size_t said_count;
        bool leave_out; /* the line had better not be there */
        char *better;   /* one or more lines to write instead, with '\n' between; NULL for none */
};

/* Judges setting `i`, beside the others: what a later line overrides, what another line turns off.  `rehearsals` has
 * one for each setting, or is NULL.  Without memory sentences are missing. */
void tune_judge(const struct tune_conf *conf, size_t i, const struct tune_evidence *e,
                const struct tune_rehearsal *rehearsals, struct tune_judgement *ret);

void tune_judgement_fini(struct tune_judgement *j);

/* 0: nothing to say against it; 1: something; 2: dangerous. */
int tune_severity(enum tune_verdict verdict);

/* A word for machines: "fine", "default", ... */
const char *tune_verdict_id(enum tune_verdict verdict);

/* ---- For the rules on single tunables (rules.h) ---- */

struct tune_case {
        const struct tune_conf *conf;
        size_t index;
        const struct tune_setting *setting;
        const struct tune_evidence *e;
        const struct tune_rehearsal *rehearsals; /* of all, or NULL */
        const struct tune_rehearsal *rehearsal;  /* of this one, or NULL */
        struct tune_law law;
        struct tune_value value;
        struct tune_judgement *j;
};

/* Says a sentence, and that it is at least as bad as `verdict`. */
void
tune_say(struct tune_case *c, enum tune_verdict verdict, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Says what is odd about the line itself: quotes, commands, marks. */
void tune_judge_form(struct tune_case *c);

/* Says what is to be said of a value whose tunable is known and there. */
void tune_judge_value(struct tune_case *c);

/* What the other tunable will be when all settings are in force: the file's last word, or what it is here, or its
 * default; "" if nobody knows. */
const char *tune_will_be(const struct tune_case *c, const char *name);

/* The same as one number; `otherwise` where it is none. */
int64_t tune_will_be_number(const struct tune_case *c, const char *name, int64_t otherwise);

/* The default on this machine; "" if it is not known. */
const char *tune_default(const struct tune_case *c);

#endif
