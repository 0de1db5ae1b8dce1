/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules.h - the rules, a function each, and the words they share.  findings.c has the judge, rules.c the table.
 */
#ifndef LASTACK_DOCTOR_RULES_H
#define LASTACK_DOCTOR_RULES_H

#include <libintl.h>

#include "doctor/facts.h"
#include "doctor/findings.h"

#ifndef _
#define _(text) gettext(text)
#endif

/* So many paths, processes or listeners are told of each by itself; of more, how many there are. */
#define RULES_EACH 5

/* ---- Words -------------------------------------------------------------------------------------------------------- */

/* "10.0.0.9", "2001:db8::1" */
const char *word_address(struct findings *f, enum la_family family, const uint8_t address[16]);

/* "10.0.0.9:443", "[2001:db8::1]:443" */
const char *word_endpoint(struct findings *f, enum la_family family, const uint8_t address[16], uint16_t port);

/* "10.0.0.5 -> 10.0.0.9:443" */
const char *word_path(struct findings *f, const struct path *path);

/* "0.0.0.0:80" */
const char *word_listener(struct findings *f, const struct listener *l);

/* "10.0.0.9:443" of a service elsewhere, "10.0.0.7 at port 80" of a client of ours. */
const char *word_peer(struct findings *f, const struct peer *p);

/* "java[4711]", or what there is to say where it is not known who. */
const char *word_process(struct findings *f, const struct evidence *e, int32_t pid);

/* "3m20s" */
const char *word_time(struct findings *f, uint64_t ms);

/* "12 MiB" */
const char *word_bytes(struct findings *f, uint64_t bytes);

/* What sets a tunable: "sysctl -w net.core.somaxconn=4096"; of a stack, "lastack knob net.core.somaxconn 4096 --stack la0".
 * A value that a shell would take apart is quoted. */
const char *
word_knob(struct findings *f, enum la_knob knob, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* "lastack ls -lmp sport = :80"; of a stack, with "--stack la0" in it. */
const char *word_ls(struct findings *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A command of Linux that shows what passes; of a stack, whose packets it might not see, "lastack events --stack la0". */
const char *word_watch(struct findings *f, const char *linux_command);

/* Adds pid and comm, where they are known. */
void finding_process(struct finding *x, const struct evidence *e, int32_t pid);

/* Says how many more there are of a kind of which RULES_EACH are told; nothing for 0. */
void finding_more(struct finding *x, size_t more);

/* How many of these a stack uses, and of how many: "connections".  False, and both untouched, if that is not known. */
bool stack_room(const struct evidence *e, const char *name, int64_t *ret_used, int64_t *ret_most);

/* ---- The rules ---------------------------------------------------------------------------------------------------- */

void rule_ephemeral_ports(const struct evidence *e, struct findings *f);
void rule_bind_ports(const struct evidence *e, struct findings *f);
void rule_time_wait(const struct evidence *e, struct findings *f);
void rule_time_wait_table(const struct evidence *e, struct findings *f);
void rule_close_wait(const struct evidence *e, struct findings *f);
void rule_half_closed(const struct evidence *e, struct findings *f);
void rule_fin_wait_2_orphans(const struct evidence *e, struct findings *f);
void rule_accept_queue(const struct evidence *e, struct findings *f);
void rule_syn_queue(const struct evidence *e, struct findings *f);
void rule_syn_dropped(const struct evidence *e, struct findings *f);
void rule_handshakes(const struct evidence *e, struct findings *f);
void rule_ipv6_only(const struct evidence *e, struct findings *f);
void rule_closing_stuck(const struct evidence *e, struct findings *f);
void rule_orphans(const struct evidence *e, struct findings *f);
void rule_syn_sent(const struct evidence *e, struct findings *f);
void rule_refused(const struct evidence *e, struct findings *f);
void rule_refusing(const struct evidence *e, struct findings *f);
void rule_dead_peers(const struct evidence *e, struct findings *f);
void rule_retransmissions(const struct evidence *e, struct findings *f);
void rule_silent_peers(const struct evidence *e, struct findings *f);
void rule_not_sent(const struct evidence *e, struct findings *f);
void rule_zero_window(const struct evidence *e, struct findings *f);
void rule_unread(const struct evidence *e, struct findings *f);
void rule_small_buffers(const struct evidence *e, struct findings *f);
void rule_conntrack(const struct evidence *e, struct findings *f);
void rule_memory(const struct evidence *e, struct findings *f);
void rule_descriptors(const struct evidence *e, struct findings *f);
void rule_stack_capacity(const struct evidence *e, struct findings *f);
void rule_counters(const struct evidence *e, struct findings *f);
void rule_settings(const struct evidence *e, struct findings *f);
void rule_inherited(const struct evidence *e, struct findings *f);

/* ---- What rules of one family share ------------------------------------------------------------------------------- */

/* May connect() take the ports of this path's TIME_WAIT (tcp_tw_reuse)?  Known to, not known to be unable to, or not. */
enum reuse { REUSE_NO, REUSE_MAYBE, REUSE_YES };
enum reuse path_reuse(const struct evidence *e, const struct path *p);

/* Connections of the path whose port a new one cannot have. */
uint32_t path_blocked(const struct evidence *e, const struct path *p);

/* Why there are few local ports at all: those reserved, and the range. */
void fix_reserved(struct finding *x, const struct evidence *e);

/* To give up sooner: `retries` of a tunable that counts repetitions, for programs that cannot be changed.  Adds nothing where
 * no more are in force already. */
struct less_patience {
        enum la_knob knob;
        int64_t retries;
        const char *text, *risk;
};
void fix_patience(struct finding *x, const struct evidence *e, const struct less_patience *l);

/* So many repetitions are in force; how long so many take. */
int64_t patience_now(const struct evidence *e, enum la_knob knob);
const char *patience_word(struct findings *f, enum la_knob knob, int64_t retries);

/* SYNs that came to a listener and to nothing, with no queue full; and whether tcp_max_syn_backlog is the reason. */
int64_t syns_dropped_with_room(const struct evidence *e);
bool syn_backlog_binds(const struct evidence *e);

/* Segments that this host itself did not let out between the looks; that still waited in it when they were due again. */
int64_t segments_refused_here(const struct evidence *e);
int64_t segments_queued_here(const struct evidence *e);

/* Has the path a finding of rule_ephemeral_ports() that is no notice? */
bool path_is_short(const struct evidence *e, const struct path *p);

#endif
