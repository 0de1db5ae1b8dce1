/* SPDX-License-Identifier: BSD-2-Clause */
/* A run of the simulation, told to people. */
#include "sim.h"

static const char *const outcomes[] = {
        [SIM_ABSENT] = "never came", [SIM_OPEN] = "has not ended", [SIM_IN_ORDER] = "ended in order",
        [SIM_TOLD] = "was told: ",   [SIM_LEFT] = "left",
};

static const char *const manners[] = {
        [SIM_BY_DICE] = "now and then", [SIM_BY_EVENTS] = "by events", [SIM_LATE] = "reads late",
        [SIM_LEAVES] = "closes early",  [SIM_ABORTS] = "aborts early",
};

static unsigned long long
seconds(const struct sim *sim)
{
        return la_lab_now(sim->lab) / 1000000;
}

/* ---- Numbers ---- */

static uint64_t
bytes_read(const struct sim *sim)
{
        uint64_t all = 0;

        for (unsigned int i = 0; i < sim->conversations; i++)
                for (int side = 0; side < SIM_SIDES; side++)
                        all += sim->conversation[i].end[side].read;
        return all;
}

static unsigned int
ends_with(const struct sim *sim, enum sim_outcome outcome)
{
        unsigned int n = 0;

        for (unsigned int i = 0; i < sim->conversations; i++)
                for (int side = 0; side < SIM_SIDES; side++)
                        n += sim->conversation[i].end[side].outcome == outcome;
        return n;
}

static size_t
packets_with(const struct sim *sim, enum la_lab_fate fate)
{
        size_t n = 0;

        for (size_t i = 0; i < la_lab_packet_count(sim->lab); i++)
                n += la_lab_packet(sim->lab, i)->fate == fate;
        return n;
}

/* ---- All of it ---- */

static void
put_percent(FILE *file, const char *name, uint32_t millionths)
{
        if (millionths > 0)
                fprintf(file, ", %s %.1f %%", name, millionths / 10000.0);
}

static void
put_network(FILE *file, const struct sim *sim)
{
        const struct la_lab_link *l = &sim->link;

        fprintf(file, "Network      delay %u ms", l->delay_us / 1000);
        put_percent(file, "loss", l->loss);
        put_percent(file, "duplication", l->duplicate);
        put_percent(file, "corruption", l->corrupt);
        put_percent(file, "reordering", l->reorder);
        if (l->reorder)
                fprintf(file, " by %u ms", l->reorder_us / 1000);
        if (l->jitter_us)
                fprintf(file, ", jitter %u ms", l->jitter_us / 1000);
        if (l->mtu)
                fprintf(file, ", MTU %u", l->mtu);
        if (l->rate)
                fprintf(file, ", %llu bytes/s", (unsigned long long)l->rate);
        if (l->queue_bytes)
                fprintf(file, ", queue %u bytes", l->queue_bytes);
        if (l->mark_bytes)
                fprintf(file, ", marks above %u", l->mark_bytes);
        fputc('\n', file);
}

static void
put_hosts(FILE *file, const struct sim *sim)
{
        for (int side = 0; side < SIM_SIDES; side++) {
                const struct la_config *c = &sim->config[side];

                fprintf(file,
                        "%-12s %u connections, %u half-open, %u records, %u reassemblies, %u chunks of %u bytes\n",
                        side ? "Server" : "Client", c->connections, c->half_open, c->time_wait4, c->reassemblies,
                        c->chunks, c->chunk_bytes);
                for (size_t k = 0; k < sim->knobs; k++)
                        if (sim->knob[k].side == side)
                                fprintf(file, "             %s = %s\n", sim->knob[k].name, sim->knob[k].value);
        }
}

static void
put_end(FILE *file, const struct sim *sim, const struct sim_conversation *c, int side)
{
        const struct sim_end *e = &c->end[side];

        fprintf(file, "    %s:%u%s wrote %u of %u, read %u; %s; %s%s\n", la_lab_host_name(sim->lab, side),
                c->port[side], e->opens ? " opened," : "", e->written, e->to_write, e->read, manners[e->manner],
                outcomes[e->outcome], e->outcome == SIM_TOLD ? la_error_text(e->error) : "");
}

static void
put_conversations(FILE *file, const struct sim *sim)
{
        for (unsigned int i = 0; i < sim->conversations; i++) {
                const struct sim_conversation *c = &sim->conversation[i];

                fprintf(file, "Conversation %u, IPv%d\n", i, c->family == LA_IPV4 ? 4 : 6);
                for (int side = 0; side < SIM_SIDES; side++)
                        put_end(file, sim, c, side);
        }
        if (sim->strays > 0)
                fprintf(file, "%u accepted that were nobody's any more\n", sim->strays);
}

/* How often each state was entered, on both sides. */
static void
put_states(FILE *file, const struct sim *sim)
{
        uint64_t entered[LA_STATE_COUNT] = { 0 };

        for (int side = 0; side < SIM_SIDES; side++)
                for (enum la_transition t = 0; t < LA_TRANSITION_COUNT; t++)
                        entered[la_transition_info(t)->to] += la_transition_count(sim_stack(sim, side), t);
        fputs("States      ", file);
        for (enum la_state s = LA_CLOSED; s < LA_STATE_COUNT; s++)
                if (entered[s])
                        fprintf(file, " %s %llu", la_state_name(s), (unsigned long long)entered[s]);
        fputc('\n', file);
}

static void
put_packets(FILE *file, const struct sim *sim)
{
        fprintf(file, "Packets      %zu, of which %zu lost by chance, %zu in queues, %zu too big; digest %016llx\n",
                la_lab_packet_count(sim->lab), packets_with(sim, LA_LAB_LOST), packets_with(sim, LA_LAB_LOST_IN_QUEUE),
                packets_with(sim, LA_LAB_TOO_BIG), (unsigned long long)la_lab_digest(sim->lab));
}

/* What a stack still holds: of use when it should hold nothing. */
static void
put_remains(FILE *file, const struct sim *sim)
{
        struct la_snapshot s;

        for (int side = 0; side < SIM_SIDES; side++)
                for (uint64_t cursor = 0; la_next_snapshot(sim_stack(sim, side), sim_now(sim), &cursor, &s);)
                        fprintf(file,
                                "    %s holds %s from port %u to %u for %u ms; una %u, nxt %u, rcv %u, to send %u, to "
                                "read %u, window %u, %u retransmissions, timer %d in %u ms\n",
                                la_lab_host_name(sim->lab, side), la_state_name(s.state), s.local.port, s.remote.port,
                                s.age_min_ms, s.snd_una, s.snd_nxt, s.rcv_nxt, s.send_queue, s.receive_queue,
                                s.tcp.send_window_bytes, s.retransmits, (int)s.timer, s.timer_ms);
}

void
sim_put_line(FILE *file, const struct sim *sim)
{
        fprintf(file,
                "%-20llu %s  %2u conversations, %7llu bytes, %5zu packets, %4llu s; ends %u in order, %u told, %u "
                "left\n",
                (unsigned long long)sim->seed, sim->fault[0] ? "FAILED" : "ok", sim->conversations,
                (unsigned long long)bytes_read(sim), la_lab_packet_count(sim->lab), seconds(sim),
                ends_with(sim, SIM_IN_ORDER), ends_with(sim, SIM_TOLD), ends_with(sim, SIM_LEFT));
}

void
sim_put(FILE *file, const struct sim *sim)
{
        fprintf(file, "Seed         %llu\n", (unsigned long long)sim->seed);
        put_network(file, sim);
        put_hosts(file, sim);
        put_conversations(file, sim);
        put_states(file, sim);
        put_packets(file, sim);
        fprintf(file, "Time         %llu s of the world's, %lu turns\n", seconds(sim), sim->turns);
        if (sim->fault[0] == '\0') {
                fputs("Verdict      every byte arrived whole and in order or its user was told; all ended; nothing is "
                      "left\n",
                      file);
                return;
        }
        fprintf(file, "Verdict      FAILED: %s\n", sim->fault);
        put_remains(file, sim);
}
