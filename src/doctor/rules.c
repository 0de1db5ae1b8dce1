/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of rules. */
#include "doctor/rules.h"

const struct rule doctor_rules[] = {
        { "ephemeral-ports", N_("local ports of each path"), rule_ephemeral_ports, RULE_FOR_ALL },
        { "bind-ports", N_("ports that bind() takes"), rule_bind_ports, RULE_FOR_LINUX },
        { "accept-queue", N_("accept queues and drops of listeners"), rule_accept_queue, RULE_FOR_ALL },
        { "syn-queue", N_("half-open connections and SYN cookies"), rule_syn_queue, RULE_FOR_ALL },
        { "close-wait", N_("CLOSE_WAIT by process"), rule_close_wait, RULE_FOR_ALL },
        { "fin-wait-2-held", N_("FIN_WAIT_2 that programs hold"), rule_half_closed, RULE_FOR_ALL },
        { "fin-wait-2-orphans", N_("FIN_WAIT_2 of orphans"), rule_fin_wait_2_orphans, RULE_FOR_ALL },
        { "closing-stuck", N_("FIN_WAIT_1, CLOSING and LAST_ACK without an answer"), rule_closing_stuck, RULE_FOR_ALL },
        { "orphans", N_("orphans and their limit"), rule_orphans, RULE_FOR_ALL },
        { "time-wait-table", N_("the table of TIME_WAIT"), rule_time_wait_table, RULE_FOR_ALL },
        { "time-wait", N_("TIME_WAIT of servers and clients"), rule_time_wait, RULE_FOR_ALL },
        { "syn-sent", N_("SYNs without an answer"), rule_syn_sent, RULE_FOR_ALL },
        { "refused", N_("attempts that were refused"), rule_refused, RULE_FOR_ALL },
        { "refusing", N_("resets to ports that nobody serves"), rule_refusing, RULE_FOR_ALL },
        { "ipv6-only", N_("listeners of IPv6 alone"), rule_ipv6_only, RULE_FOR_ALL },
        { "retransmissions", N_("what is lost, by peer"), rule_retransmissions, RULE_FOR_ALL },
        { "silent-peers", N_("open connections whose data is not acknowledged"), rule_silent_peers, RULE_FOR_ALL },
        { "zero-window", N_("closed windows, by peer"), rule_zero_window, RULE_FOR_ALL },
        { "unread-data", N_("data that programs do not read"), rule_unread, RULE_FOR_ALL },
        { "dead-peers", N_("idle connections without keepalive"), rule_dead_peers, RULE_FOR_ALL },
        { "conntrack", N_("conntrack's table"), rule_conntrack, RULE_FOR_LINUX },
        { "tcp-memory", N_("TCP's memory"), rule_memory, RULE_FOR_LINUX },
        { "descriptors", N_("limits of descriptors"), rule_descriptors, RULE_FOR_LINUX },
        { "stack-capacity", N_("what a stack was made for"), rule_stack_capacity, RULE_FOR_STACKS },
        { "counters", N_("drops and refusals that only counters tell"), rule_counters, RULE_FOR_ALL },
        { "settings", N_("dangerous and useless settings"), rule_settings, RULE_FOR_ALL },
        { "settings-not-inherited", N_("settings that a namespace did not inherit"), rule_inherited, RULE_FOR_LINUX },
        { 0 },
};
