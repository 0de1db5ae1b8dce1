/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan.h - what a change would do, before it is made.
 */
#ifndef LASTACK_TUNE_PLAN_H
#define LASTACK_TUNE_PLAN_H

#include "tune/change.h"
#include "tune/gather.h"

/* Why a setting cannot be part of a change. */
enum tune_block {
        TUNE_BLOCK_NONE,
        TUNE_BLOCK_NOT_NET, /* it is none of the network's tunables */
        TUNE_BLOCK_PATTERN, /* '*': one name at a time */
        TUNE_BLOCK_TWICE,   /* it is set a second time */
        TUNE_BLOCK_ABSENT,  /* there is no such tunable here */
        TUNE_BLOCK_UNREAD,  /* it cannot be read, so it could not be put back */
        TUNE_BLOCK_REFUSED, /* the kernel will refuse the value */
};

struct tune_plan_item {
        const struct tune_setting *setting;
        bool law_known;
        struct tune_law law;
        const char *before; /* NULL: not known */
        char *after;        /* as it will be written */
        bool changes;
        enum tune_block block;
        int error; /* of reading it; or the kernel's refusal where it was tried */
        struct tune_judgement judgement;
};

struct tune_plan {
        struct tune_conf conf;
        struct tune_evidence evidence;
        struct tune_rehearsal *rehearsal; /* NULL: the kernel could not be asked */
        struct tune_plan_item *item;      /* conf.count of them */
        size_t changing;                  /* how many would change something */
        bool blocked;                     /* some item cannot be part of a change */
        bool dangerous;
};

/* Plans settings, which are taken over.  Returns 0, or -ENOMEM. */
int tune_plan_make(int netns_fd, struct tune_conf *conf, struct tune_plan *ret);

/* The plan as a change that can be applied: its steps and where; who, when and why are the caller's.  Returns 0, or
 * -ENOMEM. */
int tune_plan_change(const struct tune_plan *p, struct tune_change *ret);

void tune_plan_fini(struct tune_plan *p);

#endif
