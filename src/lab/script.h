/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * script.h - a script that is being played.  What its lines may say stands in lastack/lab.h.
 */
#ifndef LASTACK_LAB_SCRIPT_H
#define LASTACK_LAB_SCRIPT_H

#include "lab/world.h"

#define SCRIPT_WORDS_MAX 32
#define SCRIPT_LINE_MAX  256

struct script {
        struct la_lab *lab;
        struct la_lab_trouble *trouble;
        unsigned int line;
        char text[SCRIPT_LINE_MAX]; /* the line, cut into words */
        const char *word[SCRIPT_WORDS_MAX];
        size_t words, next;
};

/* All of these return 0, or a negative errno with script->trouble filled. */

int script_wrong(struct script *s, const char *what, const char *word);  /* -EINVAL */
int script_failed(struct script *s, const char *what, const char *word); /* -ECANCELED */

/* ---- script_words.c: what a word means ---- */

/* The next word, or NULL. */
const char *script_word(struct script *s);
bool script_take(struct script *s, const char *word); /* is the next word this one?  Then it is taken */
int script_end(struct script *s);                     /* nothing may be left */
int script_number(struct script *s, uint32_t most, uint32_t *ret_number);
int script_time(struct script *s, uint64_t *ret_us);
int script_percent(struct script *s, uint32_t *ret_millionths);
int script_host(struct script *s, int *ret_host);
int script_state(struct script *s, enum la_state *ret_state);
int script_address(struct script *s, enum la_family *ret_family, uint8_t ret_address[16]);

/* ---- script_calls.c ---- */

/* A line that begins with a host's name. */
int script_call(struct script *s, int host);

/* The state of what `host` speaks of now. */
enum la_state script_state_of(const struct la_lab *lab, int host);

#endif
