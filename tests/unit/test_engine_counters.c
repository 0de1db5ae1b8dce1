/* SPDX-License-Identifier: BSD-2-Clause */
/* The counters: each by what makes it move (counters_*.c), and counts per state against a walk. */
#include "engine_counters.h"

static const struct counter_test *const tables[] = { counter_tests_opening, counter_tests_sending,
                                                     counter_tests_closing, counter_tests_refusing };

/* Tested beside the extension that counts them: the fast path, ECN. */
static const enum la_counter elsewhere[] = {
        LA_C_TCPHPHits,
        LA_C_TCPHPAcks,
        LA_C_TCPDeliveredCE,
        LA_C_InNoECTPkts,
        LA_C_InECT1Pkts,
        LA_C_InECT0Pkts,
        LA_C_InCEPkts,
        LA_C_TCPFastOpenActive,
        LA_C_TCPFastOpenActiveFail,
        LA_C_TCPFastOpenPassive,
        LA_C_TCPFastOpenPassiveFail,
        LA_C_TCPFastOpenListenOverflow,
        LA_C_TCPFastOpenPassiveAltKey,
        LA_C_TCPFastOpenCookieReqd,
};

/* ---- Words ---- */

static const char *
name_of(enum la_counter c)
{
        static const char *const groups[] = { "TcpExt", "IpExt", "Tcp" };
        const char *name = la_counter_name(c);

        for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
                if (strncmp(name, groups[i], strlen(groups[i])) == 0)
                        return name + strlen(groups[i]);
        return name;
}

/* Those of the fast path, and those that count any packet. */
static bool
is_matter_of_path(enum la_counter c)
{
        return c == LA_C_TCPPureAcks || c == LA_C_TCPHPAcks || c == LA_C_TCPHPHits ||
               strncmp(la_counter_name(c), "Ip", 2) == 0;
}

static uint64_t
expected(const char *text, enum la_counter c, bool *ret_named)
{
        const char *name = name_of(c), *at = text;
        size_t n = strlen(name);

        *ret_named = false;
        while ((at = strstr(at, name)) != NULL) {
                if ((at == text || at[-1] == ' ') && at[n] == ' ') {
                        *ret_named = true;
                        return strtoull(at + n + 1, NULL, 10);
                }
                at += n;
        }
        return 0;
}

static void
moved(char *text, size_t room)
{
        text[0] = '\0';
        for (enum la_counter c = 0; c < LA_COUNTER_COUNT; c++) {
                uint64_t by = counted(c) - e.counted[c];
                size_t at = strlen(text);

                if (by > 0)
                        snprintf(text + at, room - at, "%s%s %llu", at ? ", " : "", name_of(c), (unsigned long long)by);
        }
}

void
forget_counted(void)
{
        forget_sent();
        for (enum la_counter c = 0; c < LA_COUNTER_COUNT; c++)
                e.counted[c] = counted(c);
}

void
next_peer(void)
{
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        forget_sent();
        e.peer_port++;
}

void
expect_counted_at(const char *text, const char *file, int line)
{
        char all[1024];
        bool named, same = true;

        forget_sent();
        for (enum la_counter c = 0; c < LA_COUNTER_COUNT; c++) {
                uint64_t want = expected(text, c, &named), by = counted(c) - e.counted[c];

                if (!named && is_matter_of_path(c))
                        continue;
                same = same && want == by;
        }
        if (!same) {
                moved(all, sizeof all);
                print_error("%s:%d: expected \"%s\", but counted was \"%s\"\n", file, line, text, all);
                _fail(file, line);
        }
        forget_counted();
}

/* ---- Every one ---- */

static bool
is_tested(enum la_counter c)
{
        for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
                for (const struct counter_test *t = tables[i]; t->name; t++)
                        if (t->counter == c)
                                return true;
        for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
                if (elsewhere[i] == c)
                        return true;
        return false;
}

static void
each_has_a_test(void **state)
{
        (void)state;
        for (enum la_counter c = 0; c < LA_COUNTER_COUNT; c++)
                if (!is_tested(c))
                        fail_msg("no test shows when %s moves", la_counter_name(c));
}

/* ---- Counts per state ---- */

/* splitmix64 (public domain, Vigna 2015). */
static uint64_t
drawn(uint64_t *state)
{
        uint64_t z = *state += 0x9e3779b97f4a7c15u;

        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        return z ^ z >> 31;
}

static void
walk_and_compare(uint64_t seed, int step)
{
        uint64_t told[LA_STATE_COUNT] = { 0 }, cursor = 0;
        struct la_snapshot s;

        while (la_next_snapshot(e.stack, e.now, &cursor, &s))
                told[s.state]++;
        for (enum la_state i = LA_CLOSED; i < LA_STATE_COUNT; i++)
                if (told[i] != la_state_count(e.stack, i))
                        fail_msg("SEED=%llu step %d: %llu are counted in %s, %llu are there", (unsigned long long)seed,
                                 step, (unsigned long long)la_state_count(e.stack, i), la_state_name(i),
                                 (unsigned long long)told[i]);
}

static struct la_handle handles[32];
static size_t handle_count;

static void
keep(struct la_handle h)
{
        if (handle_count < sizeof handles / sizeof handles[0])
                handles[handle_count++] = h;
        else
                la_close(e.stack, e.now, h);
}

/* A peer that answers what it last heard, sometimes with a flag too many. */
static void
peer_says_something(uint64_t *random)
{
        static const char *const flags[] = { "S", "A", "A", "A", "FA", "PA", "R", "RA", "SA" };
        const char *what = flags[drawn(random) % (sizeof flags / sizeof flags[0])];
        unsigned int text = what[0] == 'P' ? 10 : 0;
        char line[96];

        if (what[0] == 'S' && what[1] == '\0') {
                e.our_isn = 0;
                snprintf(line, sizeof line, "S 0:0 win 65535 mss 1460");
        } else {
                uint32_t seq = drawn(random) % 3 == 0 ? (uint32_t)drawn(random) % 5 : 1;

                snprintf(line, sizeof line, "%s %u:%u ack %u win 65535", what, seq, seq + text,
                         e.last.seq.v - e.our_isn + e.last.text_bytes + e.last.syn + e.last.fin);
        }
        seg(line);
}

static void
user_does_something(uint64_t *random)
{
        struct la_handle h = { 0, 0 };
        size_t i;

        if (drawn(random) % 4 == 0 && open_again() == LA_OK)
                keep(e.connection);
        while (la_accept(e.stack, e.now, e.listener, 0, &h) == LA_OK)
                keep(h);
        if (handle_count == 0)
                return;
        i = drawn(random) % handle_count;
        switch (drawn(random) % 6) {
        case 0:
                la_shutdown(e.stack, e.now, handles[i]);
                return;
        case 1:
                la_close(e.stack, e.now, handles[i]);
                break;
        case 2:
                la_abort(e.stack, e.now, handles[i]);
                break;
        case 3:
                la_abort_and_wait(e.stack, e.now, handles[i]);
                return; /* gone if it could be done; a stale handle is an error and no harm */
        default:
                return;
        }
        handles[i] = handles[--handle_count];
}

/* What left last is what the peer answers. */
static void
hear(void)
{
        collect();
        while (e.sent_count > 0) {
                size_t at = e.sent_first % 256;

                memcpy(e.last_bytes, e.bytes[at], sizeof e.last_bytes);
                assert_int_equal(segment_parse(e.last_bytes, e.sent[at].header_bytes, 0, &e.last), WIRE_OK);
                e.peer_port = e.last.destination.port;
                e.local_port = e.last.source.port;
                if (e.last.syn)
                        e.our_isn = e.last.seq.v;
                e.sent_first++;
                e.sent_count--;
        }
}

static void
random_run(uint64_t seed)
{
        static const char *const knobs[][2] = { { "tcp_syncookies", "0" },        { "tcp_syncookies", "2" },
                                                { "tcp_max_tw_buckets", "1" },    { "tcp_max_tw_buckets", "1024" },
                                                { "tcp_rfc1337", "1" },           { "tcp_max_orphans", "0" },
                                                { "tcp_max_orphans", "1024" },    { "tcp_tw_reuse", "1" },
                                                { "tcp_abort_on_overflow", "1" }, { "lastack.time_wait_ms", "2000" } };
        uint64_t random = seed;

        handle_count = 0;
        listening();
        for (int step = 0; step < 400; step++) {
                const char *const *k = knobs[drawn(&random) % (sizeof knobs / sizeof knobs[0])];

                if (drawn(&random) % 8 == 0) {
                        e.peer_port = (uint16_t)(PEER_PORT + drawn(&random) % 6);
                        e.local_port = LOCAL_PORT;
                }
                if (drawn(&random) % 16 == 0)
                        knob(k[0], k[1]);
                if (drawn(&random) % 3 == 0)
                        user_does_something(&random);
                else
                        peer_says_something(&random);
                hear();
                if (drawn(&random) % 5 == 0)
                        e.now += 1000 * (drawn(&random) % 3000);
                la_advance(e.stack, e.now);
                hear();
                walk_and_compare(seed, step);
        }
}

/* SEED=n repeats one run. */
static void
counts_per_state_are_what_a_walk_finds(void **state)
{
        const char *one = getenv("SEED");
        uint64_t visited[LA_TRANSITION_COUNT] = { 0 };
        unsigned int rows = 0;

        for (uint64_t seed = one ? strtoull(one, NULL, 10) : 1; one || seed <= 60; seed++) {
                random_run(seed);
                for (enum la_transition i = 0; i < LA_TRANSITION_COUNT; i++)
                        visited[i] += la_transition_count(e.stack, i);
                teardown_engine(state);
                setup_engine(state);
                if (one)
                        break;
        }
        for (enum la_transition i = 0; i < LA_TRANSITION_COUNT; i++)
                rows += visited[i] > 0;
        print_message("# %u of %d transitions took place\n", rows, LA_TRANSITION_COUNT);
        if (!one)
                assert_true(rows > LA_TRANSITION_COUNT / 3); /* it went to many places */
}

int
main(void)
{
        struct CMUnitTest tests[128] = {
                engine_test(each_has_a_test),
                engine_test(counts_per_state_are_what_a_walk_finds),
        };
        size_t n = 2;

        for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
                for (const struct counter_test *t = tables[i]; t->name; t++)
                        tests[n++] = (struct CMUnitTest){ t->name, t->test, setup_engine, teardown_engine, NULL };
        return _cmocka_run_group_tests("counters", tests, n, NULL, NULL);
}
