/* SPDX-License-Identifier: BSD-2-Clause */
/* What a seed stands for: how bad the network is, how small the stacks, how they are tuned, and what is to be said. */
#include "sim.h"

#include <string.h>

#define MS               1000u
#define LISTEN_PORT      80
#define MEETING_PORT     3000 /* and on: of those who open to each other */
#define VALUES_MAX       6
#define PER_MILLE        1000u
#define CONNECTIONS_MOST (2 * SIM_CONVERSATIONS_MAX)

/* ---- The network ---- */

/* Half of all kinds of trouble do not come at all, some come rarely. */
static uint32_t
some_trouble(struct sim *sim)
{
        switch (sim_dice(sim, 4)) {
        case 0:
                return sim_dice(sim, sim->trouble + 1) * PER_MILLE;
        case 1:
                return sim_dice(sim, sim->trouble / 10 + 1) * PER_MILLE;
        default:
                return 0;
        }
}

static void
choose_network(struct sim *sim)
{
        static const uint32_t mtus[] = { 0, 0, 0, 1500, 1400, 1280, 576 };
        struct la_lab_link *l = &sim->link;

        l->delay_us = (1 + sim_dice(sim, 40)) * MS;
        if (sim->trouble > 0) {
                l->loss = some_trouble(sim);
                l->duplicate = some_trouble(sim);
                l->corrupt = some_trouble(sim);
                l->reorder = some_trouble(sim);
                l->reorder_us = (1 + sim_dice(sim, 200)) * MS;
                l->jitter_us = sim_chance(sim, 300) ? sim_dice(sim, 20) * MS : 0;
                l->mtu = mtus[sim_dice(sim, sizeof mtus / sizeof mtus[0])];
        }
        if (sim->trouble == 0 || sim_chance(sim, 400)) { /* a queue that marks before it overflows */
                l->rate = 50000 + sim_dice(sim, 2000000);
                l->mark_bytes = sim_chance(sim, 500) ? 6000 : 0;
                l->queue_bytes = sim->trouble > 0 ? 8000 + sim_dice(sim, 50000) : 0;
        }
        la_lab_set_links(sim->lab, l);
}

/* ---- The stacks ---- */

static bool
choose_stack(struct sim *sim, int side)
{
        static const uint32_t chunk_bytes[] = { 256, 512, 1024, 4096 };
        bool roomy = sim->trouble == 0 || sim_chance(sim, 600);
        struct la_config *c = &sim->config[side];
        struct la_lab_host host = { .name = side ? "server" : "client", .config = c };

        *c = (struct la_config){ .connections = CONNECTIONS_MOST, .half_open = 16, .listeners = 4, .replies = 64 };
        c->chunk_bytes = chunk_bytes[sim_dice(sim, 4)];
        c->chunks = (roomy ? 4000000 : 100000) / c->chunk_bytes;
        c->reassemblies = roomy ? CONNECTIONS_MOST : 1 + sim_dice(sim, 4);
        c->paced = roomy ? 0 : 1 + sim_dice(sim, 4);
        c->time_wait4 = c->time_wait6 = roomy ? 32 : 1 + sim_dice(sim, 6);
        if (!roomy) {
                c->connections = 4 + sim_dice(sim, 8);
                c->half_open = 1 + sim_dice(sim, 4);
        }
        if (sim_chance(sim, 200))
                c->mtu = 9000;
        if (sim_chance(sim, 500))
                c->loans = 1 + sim_dice(sim, 8);
        host.address4[0] = 10;
        host.address4[3] = host.address6[15] = (uint8_t)(side + 1);
        host.address6[0] = 0xfd;
        return la_lab_add_host(sim->lab, &host) == side;
}

/* ---- Tunables ---- */

struct choice {
        const char *name;
        const char *values[VALUES_MAX];
};

/* TIME_WAIT is never cut so short that an old segment outlives it: then bytes may go astray, as the lab shows. */
static const struct choice choices[] = {
        { "tcp_timestamps", { "0", "1", "2" } },
        { "tcp_sack", { "0", "1" } },
        { "tcp_window_scaling", { "0", "1" } },
        { "tcp_ecn", { "0", "1", "2" } },
        { "tcp_ecn_fallback", { "0", "1" } },
        { "tcp_fastopen", { "0", "3", "519", "1538", "1543" } },
        { "tcp_syncookies", { "0", "1", "2" } },
        { "tcp_tw_reuse", { "0", "1", "2" } },
        { "tcp_rfc1337", { "0", "1" } },
        { "tcp_fin_timeout", { "5", "10", "60" } },
        { "tcp_max_syn_backlog", { "64", "128" } },
        { "somaxconn", { "16", "128" } },
        { "tcp_abort_on_overflow", { "0", "1" } },
        { "tcp_synack_retries", { "1", "3", "5" } },
        { "tcp_syn_retries", { "1", "3", "6" } },
        { "tcp_retries1", { "1", "3", "8" } },
        { "tcp_retries2", { "3", "8", "15" } },
        { "tcp_orphan_retries", { "0", "1", "8" } },
        { "tcp_max_orphans", { "0", "1", "64" } },
        { "tcp_max_tw_buckets", { "0", "1", "32" } },
        { "tcp_rmem", { "4096 4096 6291456", "4096 16384 6291456", "4096 131072 6291456" } },
        { "tcp_wmem", { "4096 4096 4194304", "4096 16384 4194304", "4096 262144 4194304" } },
        { "ip_local_port_range", { "1024 1025", "1024 1030", "32768 60999" } },
        { "lastack.time_wait_ms", { "10000", "60000", "120000" } },
        { "lastack.rto_min_ms", { "1", "50", "1000" } },
        { "lastack.delayed_ack_ms", { "0", "1", "200" } },
        { "lastack.challenge_ack_limit", { "0", "1", "1000" } },
        { "lastack.initial_window", { "1", "2", "100" } },
        { "lastack.pacing", { "0", "1", "1" } },
        { "lastack.max_pacing_rate", { "0", "5000", "100000", "20000000" } },
        { "tcp_pacing_ss_ratio", { "0", "50", "200" } },
        { "tcp_pacing_ca_ratio", { "0", "120", "1000" } },
};

static void
set_knob(struct sim *sim, int side, const char *name, const char *value)
{
        const char *why = "";
        char note[128];

        if (la_knob_set_dangerous(sim_stack(sim, side), name, value, &why) != LA_OK)
                sim_fail(sim, "%s = %s is not taken: %s", name, value, why);
        snprintf(note, sizeof note, "%s: %s = %s", la_lab_host_name(sim->lab, side), name, value);
        la_lab_note(sim->lab, note);
        if (sim->knobs < SIM_KNOBS_MAX)
                sim->knob[sim->knobs++] = (struct sim_knob){ side, name, value };
}

void
sim_change_knob(struct sim *sim)
{
        const struct choice *c = &choices[sim_dice(sim, sizeof choices / sizeof choices[0])];
        int side = (int)sim_dice(sim, SIM_SIDES);
        uint32_t values = 0;

        while (values < VALUES_MAX && c->values[values])
                values++;
        set_knob(sim, side, c->name, c->values[sim_dice(sim, values)]);
}

static void
choose_knobs(struct sim *sim)
{
        size_t many = sim->trouble > 0 ? sim_dice(sim, SIM_KNOBS_MAX + 1) : 0;

        if (sim->trouble == 0) {
                set_knob(sim, 0, "tcp_ecn", "1");
                set_knob(sim, 0, "tcp_fastopen", "5");
                set_knob(sim, 1, "tcp_fastopen", "1538");
        }
        while (sim->knobs < many)
                sim_change_knob(sim);
}

/* Who only waits learns of a peer that has given up from keepalive alone; what is accepted inherits it. */
void
sim_keep_alive(struct sim *sim, int side, struct la_handle h)
{
        struct la_stack *stack = sim_stack(sim, side);

        if (la_option_set(stack, sim_now(sim), h, LA_OPTION_KEEPALIVE_TIME, 60) != LA_OK ||
            la_option_set(stack, sim_now(sim), h, LA_OPTION_KEEPALIVE_INTERVAL, 10) != LA_OK ||
            la_option_set(stack, sim_now(sim), h, LA_OPTION_KEEPALIVE_PROBES, 9) != LA_OK ||
            la_option_set(stack, sim_now(sim), h, LA_OPTION_KEEPALIVE, 1) != LA_OK)
                sim_fail(sim, "keepalive cannot be asked for");
}

static void
choose_listeners(struct sim *sim)
{
        for (int side = 0; side < SIM_SIDES; side++)
                for (int family = 0; family < 2; family++) {
                        struct la_endpoint here = { .port = LISTEN_PORT };
                        struct la_handle *l = &sim->listener[side][family];
                        uint32_t backlog = sim->trouble == 0 ? 64 : 1u << sim_dice(sim, 7);

                        if (la_listen(sim_stack(sim, side), sim_now(sim), family ? LA_IPV6 : LA_IPV4, &here, backlog, 0,
                                      l) != LA_OK)
                                sim_fail(sim, "nobody can listen");
                        sim_keep_alive(sim, side, *l);
                }
}

/* ---- Conversations ---- */

static uint32_t
some_bytes(struct sim *sim)
{
        switch (sim_dice(sim, 5)) {
        case 0:
                return 0;
        case 1:
                return sim_dice(sim, 100);
        case 2:
                return sim_dice(sim, 100000);
        default:
                return sim_dice(sim, 10000);
        }
}

static enum sim_manner
some_manner(struct sim *sim)
{
        if (sim->trouble == 0)
                return sim_chance(sim, 500) ? SIM_BY_EVENTS : SIM_BY_DICE;
        switch (sim_dice(sim, 12)) {
        case 0:
                return SIM_LATE;
        case 1:
                return SIM_LEAVES;
        case 2:
                return SIM_ABORTS;
        case 3:
        case 4:
        case 5:
        case 6:
        case 7:
                return SIM_BY_EVENTS;
        default:
                return SIM_BY_DICE;
        }
}

/* Mostly a client opens to a listener; some open to each other. */
static void
choose_conversation(struct sim *sim, unsigned int i)
{
        struct sim_conversation *c = &sim->conversation[i];
        int opener = sim_chance(sim, 750) ? 0 : 1;
        bool both = sim->trouble > 0 && sim_chance(sim, 100);

        c->family = sim_chance(sim, 500) ? LA_IPV6 : LA_IPV4;
        for (int side = 0; side < SIM_SIDES; side++) {
                struct sim_end *e = &c->end[side];

                e->opens = both || side == opener;
                e->outcome = SIM_ABSENT;
                e->manner = some_manner(sim);
                e->to_write = some_bytes(sim);
                c->port[side] = (uint16_t)(both ? MEETING_PORT + i : e->opens ? 0 : LISTEN_PORT);
                c->opens_at[side] = (tcp_time)sim_dice(sim, 3000) * MS;
        }
        if (both && sim_chance(sim, 700))
                c->opens_at[1] = c->opens_at[0];
}

bool
sim_choose(struct sim *sim)
{
        for (int side = 0; side < SIM_SIDES; side++)
                if (!choose_stack(sim, side))
                        return false;
        choose_network(sim);
        choose_knobs(sim);
        choose_listeners(sim);
        sim->conversations = 2 + sim_dice(sim, SIM_CONVERSATIONS_MAX - 1);
        for (unsigned int i = 0; i < sim->conversations; i++)
                choose_conversation(sim, i);
        return true;
}
