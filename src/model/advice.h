/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * advice.h - what there is to say of tunables that people paste beside those of knob.def: such as are not TCP's own and
 * limit it all the same, such as do nothing any more, and such as are gone.
 */
#ifndef LASTACK_MODEL_ADVICE_H
#define LASTACK_MODEL_ADVICE_H

#include "lastack/model.h"

enum la_advice_sort {
        LA_ADVICE_ACTS,    /* it is there, and does something */
        LA_ADVICE_INERT,   /* it is there, and does nothing for TCP, or nothing any more */
        LA_ADVICE_GONE,    /* Linux had it once */
        LA_ADVICE_REPORTS, /* it can be read only */
};

struct la_advice {
        const char *name; /* Linux's, in full; '*' stands for one part: "net.ipv4.conf.*.rp_filter" */
        enum la_advice_sort sort;
        enum la_knob_kind kind;
        enum la_knob_scope scope;
        const char *standard;  /* the default as its file prints it; "" where it depends */
        int64_t min, max;      /* what can make sense, inclusive */
        const char *unit;      /* as in struct la_knob_info */
        const char *since;     /* the Linux version it came with; "" for long ago */
        const char *removed;   /* the version it went away with, or from which on it does nothing; "" for none */
        const char *module;    /* it is there only while this module of the kernel is; "" for none */
        const char *effect;    /* what it does, exactly */
        const char *mistaken;  /* what people believe it does, and does not; may be "" */
        const char *with_zero; /* what there is to say of 0; "" if nothing but `effect` */
};

/* The row of a number, NULL behind the last. */
const struct la_advice *la_advice(size_t number);

#endif
