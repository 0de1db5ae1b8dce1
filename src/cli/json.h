/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json.h - the same answers for machines.
 *
 * Names are stable.  What is not known is absent, never null or 0.
 */
#ifndef LASTACK_CLI_JSON_H
#define LASTACK_CLI_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "cli/collect.h"

/* ---- Members of an object ---- */

/* "?" for bytes that are no UTF-8, which a process can well be called. */
void json_set_text(json_t *object, const char *key, const char *text);
void json_set_number(json_t *object, const char *key, uint64_t n);
void json_set_bool(json_t *object, const char *key, bool b);
void json_set_address(json_t *object, const char *key, enum la_family family, const uint8_t address[16]);

/* "pid" and "comm"; nothing for nobody. */
void json_set_process(json_t *object, const struct la_owner *owner);

/* ---- The tables ---- */

/* "nobody", "application", "peer" or "timer". */
void json_set_actor(json_t *object, const char *key, enum la_actor actor);

/* "id", "from", "to", "trigger" and "section" of a row. */
void json_set_transition(json_t *object, const struct la_transition_info *row);

/* ---- Answers ---- */

/* One socket, as `lastack ls -j` shows it. */
json_t *json_snapshot(const struct la_snapshot *s);

/* {"CLOSED": 0, "LISTEN": 3, ...}: all eleven, in the RFC's order. */
json_t *json_states(const uint64_t in_state[LA_STATE_COUNT]);

/* Adds what is to be known about an answer's origin: "source" and, where it is so, "missing", "inconsistent", ... */
void json_add_report(json_t *object, const struct collect_report *report);

/* Writes a document on a line of its own, or indented for a person where `file` is a terminal. */
void json_write(json_t *document, FILE *file);

/* On a line of its own always: where there is one after the other. */
void json_write_line(json_t *document, FILE *file);

#endif
