/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine_snapshot.h"

void
expect_same_at(const struct la_snapshot *got, const struct la_snapshot *want, const char *file, int line)
{
        bool same = true;

#define FIELD(field)                                                                                             \
        if ((uint64_t)got->field != (uint64_t)want->field) {                                                     \
                print_error("%s:%d: %s is %llu, not %llu\n", file, line, #field, (unsigned long long)got->field, \
                            (unsigned long long)want->field);                                                    \
                same = false;                                                                                    \
        }
#include "snapshot_fields.def"
#undef FIELD
        assert_true(same);
        assert_memory_equal(got->local.address, want->local.address, 16);
        assert_memory_equal(got->remote.address, want->remote.address, 16);
        assert_string_equal(got->tcp.congestion, want->tcp.congestion);
        /* What is new in the struct and not compared above is found here. */
        assert_memory_equal(got, want, sizeof *got);
}

/* ---- What is expected ---- */

struct la_snapshot
snapshot_at(uint32_t known, enum la_state state, enum la_transition came_by, uint32_t age_ms)
{
        struct la_snapshot s;
        struct segment g = { 0 };

        memset(&s, 0, sizeof s);
        segment_ends(&g, false);
        s.known = known;
        s.state = state;
        s.family = e.family;
        s.local = g.source;
        s.remote = g.destination;
        if (e.family == LA_IPV6) {
                s.known |= LA_KNOWN_V6ONLY;
                s.v6only = true;
        }
        s.came_by = came_by;
        s.age_min_ms = s.age_max_ms = age_ms;
        return s;
}

void
put_numbers(struct la_snapshot *s, uint32_t una, uint32_t nxt, uint32_t rcv_nxt)
{
        s->snd_una = una + e.our_isn;
        s->snd_nxt = nxt + e.our_isn;
        s->rcv_nxt = rcv_nxt + e.peer_isn;
}

uint64_t
cookie_of(struct la_handle h)
{
        return (uint64_t)h.generation << 32 | h.index;
}

struct la_snapshot
connection_at(enum la_state state, enum la_transition came_by, uint32_t age_ms)
{
        struct la_snapshot s = snapshot_at(KNOWN_CONNECTION, state, came_by, age_ms);

        s.cookie = cookie_of(e.connection);
        s.memory.receive_buffer = 131072;
        s.memory.send_buffer = 262144;
        s.tcp.rto_us = 200000;
        s.tcp.ato_us = 40000;
        s.tcp.send_mss_bytes = s.tcp.receive_mss_bytes = s.tcp.advertised_mss_bytes = 1460;
        s.tcp.path_mtu_bytes = 1500;
        s.tcp.cwnd = 10;
        s.tcp.ssthresh = 0x7fffffff;
        s.tcp.reordering = 3;
        s.tcp.receive_space_bytes = s.tcp.receive_ssthresh_bytes = 131072;
        s.tcp.send_window_bytes = 65535;
        memcpy(s.tcp.congestion, "reno", 5);
        return s;
}

struct la_snapshot
found(void)
{
        struct la_snapshot s;

        assert_true(find_peer(&s));
        return s;
}

void
expect_now_at(const struct la_snapshot *want, const char *file, int line)
{
        struct la_snapshot got = snapshot_now();

        expect_same_at(&got, want, file, line);
}

void
expect_found_as_at(const struct la_snapshot *want, const char *file, int line)
{
        struct la_snapshot got = found();

        expect_same_at(&got, want, file, line);
}
