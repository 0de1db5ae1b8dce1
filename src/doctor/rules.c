/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of rules. */
#include "doctor/rules.h"

const struct rule doctor_rules[] = {
        { "ephemeral-ports", N_("local ports of each path"), rule_ephemeral_ports },
        { "bind-ports", N_("ports that bind() takes"), rule_bind_ports },
        { "accept-queue", N_("accept queues and drops of listeners"), rule_accept_queue },
        { "syn-queue", N_("half-open connections and SYN cookies"), rule_syn_queue },
        { "close-wait", N_("CLOSE_WAIT by process"), rule_close_wait },
        { "fin-wait-2-held", N_("FIN_WAIT_2 that programs hold"), rule_half_closed },
        { "fin-wait-2-orphans", N_("FIN_WAIT_2 of orphans"), rule_fin_wait_2_orphans },
        { "closing-stuck", N_("FIN_WAIT_1, CLOSING and LAST_ACK without an answer"), rule_closing_stuck },
        { "orphans", N_("orphans and their limit"), rule_orphans },
        { "time-wait-table", N_("the table of TIME_WAIT"), rule_time_wait_table },
        { "time-wait", N_("TIME_WAIT of servers and clients"), rule_time_wait },
        { "syn-sent", N_("SYNs without an answer"), rule_syn_sent },
        { "refused", N_("attempts that were refused"), rule_refused },
        { "refusing", N_("resets to ports that nobody serves"), rule_refusing },
        { "ipv6-only", N_("listeners of IPv6 alone"), rule_ipv6_only },
        { "retransmissions", N_("what is lost, by peer"), rule_retransmissions },
        { "silent-peers", N_("open connections whose data is not acknowledged"), rule_silent_peers },
        { "zero-window", N_("closed windows, by peer"), rule_zero_window },
        { "unread-data", N_("data that programs do not read"), rule_unread },
        { "dead-peers", N_("idle connections without keepalive"), rule_dead_peers },
        { "conntrack", N_("conntrack's table"), rule_conntrack },
        { "tcp-memory", N_("TCP's memory"), rule_memory },
        { "descriptors", N_("limits of descriptors"), rule_descriptors },
        { "counters", N_("drops and refusals that only counters tell"), rule_counters },
        { "settings", N_("dangerous and useless settings"), rule_settings },
        { "settings-not-inherited", N_("settings that a namespace did not inherit"), rule_inherited },
        { 0 },
};
