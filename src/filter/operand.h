/* SPDX-License-Identifier: BSD-2-Clause */
/* operand.h - what stands behind each condition's word. */
#ifndef LASTACK_FILTER_OPERAND_H
#define LASTACK_FILTER_OPERAND_H

#include "filter/parse.h"

struct operand {
        enum token_kind comparison; /* TOKEN_EQ where none is written; != has become a negation of what is emitted */
        const struct token *token;  /* NULL for a condition that takes no operand */
        bool remote;                /* dst, dport: the other end's */
};

/* Each appends the tests for its condition. */
#define READS(name) bool name(struct parser *p, const struct operand *operand, struct fragment *ret_fragment)
READS(operand_host); /* host.c */
READS(operand_port);
READS(operand_dev); /* operand.c */
READS(operand_fwmark);
READS(operand_cgroup);
READS(operand_autobound);
READS(operand_uid);
READS(operand_ino);
READS(operand_pid);
READS(operand_comm);
READS(operand_netns);
READS(operand_age);
#undef READS

#endif
