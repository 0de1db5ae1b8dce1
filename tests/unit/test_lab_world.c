/* SPDX-License-Identifier: BSD-2-Clause */
/* The lab's paths, rules, NAT and clock; and that the same seed gives the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "lastack/lab.h"

#define OPEN "server listen\nclient connect\nwait 1s\nserver accept\n"

static struct la_lab *
play(const char *script, uint64_t seed)
{
        struct la_lab_trouble trouble = { 0 };
        struct la_lab *lab = NULL;
        int status = la_lab_play(script, seed, &lab, &trouble);

        if (status != 0)
                print_error("line %u: %s\n", trouble.line, trouble.text);
        assert_int_equal(status, 0);
        return lab;
}

static size_t
packets_with(const struct la_lab *lab, enum la_lab_fate fate)
{
        size_t n = 0;

        for (size_t i = 0; i < la_lab_packet_count(lab); i++)
                n += la_lab_packet(lab, i)->fate == fate;
        return n;
}

static uint64_t
verdicts(struct la_lab *lab, const char *host, enum la_verdict verdict)
{
        return la_verdict_count(la_lab_stack(lab, la_lab_host_named(lab, host)), verdict);
}

static uint64_t
digest_of(const char *script, uint64_t seed)
{
        struct la_lab *lab = play(script, seed);
        uint64_t digest = la_lab_digest(lab);

        la_lab_free(lab);
        return digest;
}

/* ---- The seed ---- */

static const char noisy[] =
        "path delay 10ms jitter 8ms loss 20% corrupt 10% duplicate 10% reorder 10% 30ms rate 200000\n"
        "server listen\nclient connect\nwait 20s\nserver accept\n"
        "client send 50000\nwait 60s\nserver receive\nclient close\nwait 10s\nserver close\nwait 60s\n";

static void
the_same_seed_gives_the_same_bytes(void **state)
{
        (void)state;
        for (uint64_t seed = 1; seed <= 5; seed++)
                assert_true(digest_of(noisy, seed) == digest_of(noisy, seed));
        assert_false(digest_of(noisy, 1) == digest_of(noisy, 2));
}

static void
every_scenario_repeats(void **state)
{
        const struct la_lab_scenario *s;

        (void)state;
        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++) {
                s = la_lab_scenario_of_row((enum la_transition)i);
                assert_true(digest_of(s->script, 7) == digest_of(s->script, 7));
        }
        for (size_t i = 0; (s = la_lab_story(i)); i++)
                assert_true(digest_of(s->script, 7) == digest_of(s->script, 7));
}

/* ---- Paths ---- */

static void
a_packet_takes_as_long_as_its_path(void **state)
{
        struct la_lab *lab = play("path delay 250ms\nserver listen\nclient connect\nwait 1s\n", 1);

        (void)state;
        assert_int_equal(la_lab_packet(lab, 0)->ended - la_lab_packet(lab, 0)->sent, 250000);
        assert_int_equal(la_lab_packet(lab, 1)->sent, 250000);
        la_lab_free(lab);
}

static void
paths_may_differ_by_direction(void **state)
{
        struct la_lab *lab =
                play("path delay 5ms\npath server client delay 70ms\nserver listen\nclient connect\nwait 1s\n", 1);

        (void)state;
        assert_int_equal(la_lab_packet(lab, 0)->ended, 5000);
        assert_int_equal(la_lab_packet(lab, 1)->ended, 75000);
        la_lab_free(lab);
}

static void
a_slow_link_sends_one_after_the_other(void **state)
{
        struct la_lab *lab = play("path delay 0ms rate 10000\n" OPEN "client send 2896\nwait 2s\n", 1);
        tcp_time before = 0;
        size_t seen = 0;

        (void)state;
        for (size_t i = 0; i < la_lab_packet_count(lab); i++) {
                const struct la_lab_packet *p = la_lab_packet(lab, i);

                if (p->from != 0 || p->length < 1000)
                        continue;
                if (seen++ > 0)
                        assert_int_equal(p->ended - before, p->length * 100);
                before = p->ended;
        }
        assert_true(seen >= 2);
        la_lab_free(lab);
}

static void
a_full_queue_drops(void **state)
{
        struct la_lab *lab =
                play("path delay 1ms rate 10000 queue 3000\n" OPEN "client send 20000\nwait 60s\nserver receive\n"
                     "wait 60s\n",
                     1);

        (void)state;
        assert_true(packets_with(lab, LA_LAB_LOST_IN_QUEUE) > 0);
        la_lab_free(lab);
}

static size_t
marked(const struct la_lab *lab)
{
        size_t n = 0;

        for (size_t i = 0; i < la_lab_packet_count(lab); i++) {
                const struct la_lab_packet *p = la_lab_packet(lab, i);

                n += p->marked;
                assert_int_equal(p->marked, memcmp(p->bytes, p->arrived, p->length) != 0);
        }
        return n;
}

static uint64_t
counter(struct la_lab *lab, const char *host, enum la_counter counter)
{
        return la_counter(la_lab_stack(lab, la_lab_host_named(lab, host)), counter);
}

/* RFC 3168 5: what takes marks is marked where the rest is dropped. */
#define LONG_QUEUE                                                                 \
        "path client server rate 200000 mark 4000\n" OPEN                          \
        "client send 100000\nwait 20s\nserver receive\nwait 20s\nserver receive\n" \
        "client close\nwait 1s\nserver close\nwait 1s\n"

static void
a_long_queue_marks(void **state)
{
        struct la_lab *lab = play("knob client tcp_ecn 1\n" LONG_QUEUE, 1);

        (void)state;
        assert_true(marked(lab) > 0);
        assert_int_equal(counter(lab, "server", LA_C_InCEPkts), marked(lab));
        assert_int_equal(packets_with(lab, LA_LAB_LOST_IN_QUEUE), 0);
        assert_int_equal(counter(lab, "client", LA_C_RetransSegs), 0);
        la_lab_free(lab);
}

static void
a_long_queue_drops_what_takes_no_marks(void **state)
{
        struct la_lab *lab = play(LONG_QUEUE, 1);

        (void)state;
        assert_int_equal(marked(lab), 0);
        assert_true(packets_with(lab, LA_LAB_LOST_IN_QUEUE) > 0);
        assert_true(counter(lab, "client", LA_C_RetransSegs) > 0);
        la_lab_free(lab);
}

static void
a_long_queue_marks_ipv6(void **state)
{
        struct la_lab *lab = play("host client fd00::1\nhost server fd00::2\nknob client tcp_ecn 1\n" LONG_QUEUE, 1);

        (void)state;
        assert_true(marked(lab) > 0);
        assert_int_equal(counter(lab, "server", LA_C_InCEPkts), marked(lab));
        la_lab_free(lab);
}

/* The third text is marked; acknowledgments take no marks. */
static void
a_rule_marks_one(void **state)
{
        struct la_lab *lab = play("knob client tcp_ecn 1\nmark client text 3\nmark server ACK 2\n" OPEN
                                  "client send 7000\nwait 1s\nexpect server InCEPkts 1\n",
                                  1);

        (void)state;
        assert_int_equal(marked(lab), 1);
        assert_int_equal(packets_with(lab, LA_LAB_LOST_BY_RULE), 1);
        la_lab_free(lab);
}

static void
too_big_is_said_and_heeded(void **state)
{
        struct la_lab *lab = play("path mtu 1000\n" OPEN "client send 5000\nwait 5s\n", 1);
        struct la_snapshot seen;
        uint64_t cursor = 0;
        uint32_t most = 0;

        (void)state;
        assert_true(packets_with(lab, LA_LAB_TOO_BIG) > 0);
        assert_true(verdicts(lab, "client", LA_V_ICMP_MTU) > 0);
        while (la_next_snapshot(la_lab_stack(lab, 1), la_lab_stack_time(lab), &cursor, &seen))
                most = seen.receive_queue > most ? seen.receive_queue : most;
        assert_int_equal(most, 5000);
        la_lab_free(lab);
}

static void
damage_is_found_by_a_checksum(void **state)
{
        struct la_lab *lab =
                play("corrupt client SYN\nserver listen\nclient connect\nwait 5s\nexpect client ESTABLISHED\n", 3);
        uint64_t bad = 0;

        (void)state;
        for (enum la_verdict v = LA_V_IP_TRUNCATED; v <= LA_V_TCP_BAD_CHECKSUM; v++)
                bad += verdicts(lab, "server", v);
        assert_int_equal(bad, 1);
        assert_true(la_lab_packet(lab, 0)->corrupted);
        assert_memory_not_equal(la_lab_packet(lab, 0)->bytes, la_lab_packet(lab, 0)->arrived,
                                la_lab_packet(lab, 0)->length);
        la_lab_free(lab);
}

static void
chances_are_about_what_they_say(void **state)
{
        struct la_lab *lab = play("path delay 1ms loss 30%\nserver listen\nclient connect\nwait 60s\nserver accept\n"
                                  "client send 200000\nwait 5m\n",
                                  11);
        size_t lost = packets_with(lab, LA_LAB_LOST), all = la_lab_packet_count(lab);

        (void)state;
        assert_true(all > 50);
        assert_in_range(lost * 100 / all, 15, 45);
        la_lab_free(lab);
}

static void
jitter_alone_does_not_reorder(void **state)
{
        struct la_lab *lab = play("path delay 10ms jitter 50ms\n" OPEN "client send 14480\nwait 5s\n", 2);
        tcp_time before[2] = { 0, 0 };

        (void)state;
        for (size_t i = 0; i < la_lab_packet_count(lab); i++) {
                const struct la_lab_packet *p = la_lab_packet(lab, i);

                assert_true(p->ended >= before[p->from]);
                before[p->from] = p->ended;
        }
        la_lab_free(lab);
}

static void
packets_of_one_moment_arrive_as_they_were_sent(void **state)
{
        struct la_lab *lab = play(OPEN "client send 14480\nwait 5s\n", 2);
        size_t before[2] = { 0, 0 };

        (void)state;
        for (size_t i = 0; i < la_lab_event_count(lab); i++) {
                const struct la_lab_event *e = la_lab_event(lab, i);

                if (e->kind != LA_LAB_EVENT_DELIVERED)
                        continue;
                assert_true(e->packet >= before[e->host]);
                before[e->host] = e->packet;
        }
        la_lab_free(lab);
}

/* ---- Rules ---- */

static void
rules_take_the_packet_they_count_to(void **state)
{
        struct la_lab *lab = play("drop client SYN 2\nserver listen\ndrop server SYN,ACK 1\nclient connect\nwait 10s\n"
                                  "expect client ESTABLISHED\n",
                                  1);
        const struct la_lab_packet *p;
        size_t syns = 0;

        (void)state;
        for (size_t i = 0; (p = la_lab_packet(lab, i)) != NULL; i++) {
                char text[64];

                if (strcmp(la_lab_describe(lab, i, text, sizeof text), "SYN seq 0") == 0)
                        assert_int_equal(p->fate, ++syns == 2 ? LA_LAB_LOST_BY_RULE : LA_LAB_DELIVERED);
        }
        assert_int_equal(syns, 2); /* the repeated SYN,ACK came before a third */
        la_lab_free(lab);
}

static void
a_duplicate_is_a_packet_of_its_own(void **state)
{
        struct la_lab *lab = play("duplicate client SYN 300ms\nserver listen\nclient connect\nwait 1s\n", 1);

        (void)state;
        assert_true(la_lab_packet(lab, 1)->duplicate);
        assert_int_equal(la_lab_packet(lab, 1)->ended, 310000);
        assert_memory_equal(la_lab_packet(lab, 0)->bytes, la_lab_packet(lab, 1)->bytes, la_lab_packet(lab, 0)->length);
        la_lab_free(lab);
}

static void
mended_paths_have_no_rules(void **state)
{
        struct la_lab *lab = play("drop * any all\nserver listen\nclient connect\nwait 500ms\nmend\nwait 2s\n"
                                  "expect client ESTABLISHED\n",
                                  1);

        (void)state;
        assert_int_equal(packets_with(lab, LA_LAB_LOST_BY_RULE), 1);
        la_lab_free(lab);
}

/* ---- NAT ---- */

#define BEHIND_NAT \
        "host anna 10.1.0.1\nhost bert 10.1.0.2\nhost server 192.0.2.80\nnat 192.0.2.1 anna bert\nserver listen\n"

static void
a_nat_keeps_hosts_apart_that_use_one_port(void **state)
{
        struct la_lab *lab = play(BEHIND_NAT "anna connect server\nbert connect server\nwait 1s\n"
                                             "expect anna ESTABLISHED\nexpect bert ESTABLISHED\n"
                                             "server accept\nanna send 10\nbert send 20\nwait 1s\n",
                                  1);
        struct la_snapshot seen;
        uint64_t cursor = 0;
        unsigned int which = 0;

        (void)state;
        while (la_next_snapshot(la_lab_stack(lab, 2), la_lab_stack_time(lab), &cursor, &seen)) {
                if (seen.state != LA_ESTABLISHED)
                        continue;
                assert_memory_equal(seen.remote.address, ((uint8_t[]){ 192, 0, 2, 1 }), 4);
                which |= seen.remote.port == 40000 ? 1u : seen.remote.port == 40001 ? 2u : 4u;
        }
        assert_int_equal(which, 3);
        assert_int_equal(verdicts(lab, "server", LA_V_TCP_BAD_CHECKSUM), 0);
        la_lab_free(lab);
}

static void
nobody_outside_reaches_in_unasked(void **state)
{
        struct la_lab *lab = play(BEHIND_NAT "anna listen 81\nserver connect anna port 81\nwait 100ms\n", 1);

        (void)state;
        assert_int_equal(la_lab_packet(lab, 0)->fate, LA_LAB_NOWHERE);
        la_lab_free(lab);
}

/* ---- Hosts ---- */

static void
hosts_are_checked(void **state)
{
        struct la_lab *lab = la_lab_new(1);
        const struct la_lab_host a = { .name = "a", .address4 = { 10, 0, 0, 1 } };
        const struct la_lab_host nameless = { .name = "", .address4 = { 10, 0, 0, 2 } };
        const struct la_lab_host nowhere = { .name = "b" };
        const struct la_lab_host twin = { .name = "b", .address4 = { 10, 0, 0, 1 } };

        (void)state;
        assert_int_equal(la_lab_add_host(lab, &a), 0);
        assert_int_equal(la_lab_add_host(lab, &a), -EEXIST);
        assert_int_equal(la_lab_add_host(lab, &twin), -EEXIST);
        assert_int_equal(la_lab_add_host(lab, &nameless), -EINVAL);
        assert_int_equal(la_lab_add_host(lab, &nowhere), -EINVAL);
        for (unsigned int i = 1; i < LA_LAB_HOSTS_MAX; i++) {
                char name[] = { (char)('a' + i), '\0' };
                const struct la_lab_host host = { .name = name, .address4 = { 10, 0, 0, (uint8_t)(i + 1) } };

                assert_int_equal(la_lab_add_host(lab, &host), (int)i);
        }
        assert_int_equal(la_lab_add_host(lab, &(struct la_lab_host){ .name = "z", .address4 = { 9, 9, 9, 9 } }),
                         -ENOSPC);
        assert_int_equal(la_lab_add_rule(lab, &(struct la_lab_rule){ .nth = 0 }), -EINVAL);
        assert_int_equal(la_lab_set_link(lab, 0, 99, &(struct la_lab_link){ 0 }), -EINVAL);
        la_lab_free(lab);
        la_lab_free(NULL);
}

static void
ipv6_works_alike(void **state)
{
        struct la_lab *lab =
                play("host client fd00::1\nhost server fd00::2\nserver listen\nclient connect\nwait 1s\n"
                     "server accept\nclient send 100\nclient close\nwait 1s\nserver receive\nserver close\nwait 1s\n"
                     "expect client TIME_WAIT\n",
                     1);

        (void)state;
        assert_int_equal(la_lab_packet(lab, 0)->bytes[0] >> 4, 6);
        la_lab_free(lab);
}

static void
a_reboot_forgets_everything(void **state)
{
        struct la_lab *lab =
                play(OPEN "reboot server\nexpect server CLOSED\nclient send 10\nwait 1s\nexpect client CLOSED\n", 1);

        (void)state;
        assert_true(la_lab_row_fired(lab, LA_T_ESTABLISHED_RCV_RST));
        la_lab_free(lab);
}

static void
time_passes_as_told(void **state)
{
        struct la_lab *lab = play("wait 3s\nwait 250us\n", 1);

        (void)state;
        assert_int_equal(la_lab_now(lab), 3000250);
        assert_int_equal(la_lab_step(lab, 5000000), 0);
        assert_int_equal(la_lab_now(lab), 5000000);
        la_lab_free(lab);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_same_seed_gives_the_same_bytes),
                cmocka_unit_test(every_scenario_repeats),
                cmocka_unit_test(a_packet_takes_as_long_as_its_path),
                cmocka_unit_test(paths_may_differ_by_direction),
                cmocka_unit_test(a_slow_link_sends_one_after_the_other),
                cmocka_unit_test(a_full_queue_drops),
                cmocka_unit_test(a_long_queue_marks),
                cmocka_unit_test(a_long_queue_drops_what_takes_no_marks),
                cmocka_unit_test(a_long_queue_marks_ipv6),
                cmocka_unit_test(a_rule_marks_one),
                cmocka_unit_test(too_big_is_said_and_heeded),
                cmocka_unit_test(damage_is_found_by_a_checksum),
                cmocka_unit_test(chances_are_about_what_they_say),
                cmocka_unit_test(jitter_alone_does_not_reorder),
                cmocka_unit_test(packets_of_one_moment_arrive_as_they_were_sent),
                cmocka_unit_test(rules_take_the_packet_they_count_to),
                cmocka_unit_test(a_duplicate_is_a_packet_of_its_own),
                cmocka_unit_test(mended_paths_have_no_rules),
                cmocka_unit_test(a_nat_keeps_hosts_apart_that_use_one_port),
                cmocka_unit_test(nobody_outside_reaches_in_unasked),
                cmocka_unit_test(hosts_are_checked),
                cmocka_unit_test(ipv6_works_alike),
                cmocka_unit_test(a_reboot_forgets_everything),
                cmocka_unit_test(time_passes_as_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
