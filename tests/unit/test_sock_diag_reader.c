/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams of netlink messages to steps: whatever arrives, it ends, and says whether something is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "diag_bytes.h"
#include "linux/dump.h"
#include "linux/sock_diag_reader.h"

static struct diag_bytes b;
static struct sock_diag_reader reader;
static struct la_snapshot snapshot;

static int
begin(void **unused)
{
        (void)unused;
        memset(&b, 0, sizeof(b));
        reader = (struct sock_diag_reader){ .states = DUMP_ALL_STATES, .sequence = DIAG_SEQUENCE, .port = DIAG_PORT };
        return 0;
}

static void
take(void)
{
        sock_diag_reader_take(&reader, b.bytes, b.size);
}

static int
next(void)
{
        return sock_diag_reader_next(&reader, &snapshot);
}

static void
sockets_then_done(void **unused)
{
        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        diag_socket(&b, AF_INET6, TCP_LISTEN);
        diag_done(&b, 0);
        take();
        assert_int_equal(next(), SOCK_DIAG_SOCKET);
        assert_int_equal(snapshot.state, LA_ESTABLISHED);
        assert_int_equal(next(), SOCK_DIAG_SOCKET);
        assert_int_equal(snapshot.state, LA_LISTEN);
        assert_int_equal(next(), SOCK_DIAG_DONE);
        assert_int_equal(reader.malformed, 0);
        assert_int_equal(reader.seen, 1u << LA_ESTABLISHED | 1u << LA_LISTEN);
}

static void
several_datagrams(void **unused)
{
        (void)unused;
        assert_int_equal(next(), SOCK_DIAG_EMPTY);
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        take();
        assert_int_equal(next(), SOCK_DIAG_SOCKET);
        assert_int_equal(next(), SOCK_DIAG_EMPTY);
        assert_int_equal(next(), SOCK_DIAG_EMPTY);
        b.size = 0;
        diag_done(&b, 0);
        take();
        assert_int_equal(next(), SOCK_DIAG_DONE);
}

static void
both_dialects_and_no_others(void **unused)
{
        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        diag_last(&b)->nlmsg_type = TCPDIAG_GETSOCK;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        diag_last(&b)->nlmsg_type = NLMSG_NOOP;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        diag_last(&b)->nlmsg_type = 99;
        take();
        assert_int_equal(next(), SOCK_DIAG_SOCKET);
        assert_int_equal(next(), SOCK_DIAG_EMPTY);
        assert_int_equal(reader.malformed, 1);
}

static void
states_not_asked_for_are_passed_over(void **unused)
{
        (void)unused;
        reader.states = 1u << LA_LISTEN;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        diag_socket(&b, AF_INET, TCP_LISTEN);
        take();
        assert_int_equal(next(), SOCK_DIAG_SOCKET);
        assert_int_equal(snapshot.state, LA_LISTEN);
        assert_int_equal(next(), SOCK_DIAG_EMPTY);
        assert_int_equal(reader.malformed, 0);
}

static void
nonsense_between_sockets_is_counted(void **unused)
{
        (void)unused;
        diag_socket(&b, AF_INET, 14);
        diag_socket(&b, AF_UNIX, TCP_ESTABLISHED);
        diag_message(&b, SOCK_DIAG_BY_FAMILY, 3);
        diag_socket(&b, AF_INET, TCP_CLOSE_WAIT);
        diag_done(&b, 0);
        take();
        assert_int_equal(next(), SOCK_DIAG_SOCKET);
        assert_int_equal(snapshot.state, LA_CLOSE_WAIT);
        assert_int_equal(next(), SOCK_DIAG_DONE);
        assert_int_equal(reader.malformed, 3);
}

static void
answers_to_others_are_not_ours(void **unused)
{
        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        diag_last(&b)->nlmsg_seq++;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        diag_last(&b)->nlmsg_pid++;
        diag_done(&b, 0);
        diag_last(&b)->nlmsg_seq--;
        diag_refusal(&b, -EPERM);
        diag_last(&b)->nlmsg_pid--;
        take();
        assert_int_equal(next(), SOCK_DIAG_EMPTY);
        assert_int_equal(reader.malformed, 4);
        b.size = 0;
        diag_refusal(&b, -EPERM);
        diag_last(&b)->nlmsg_pid--;
        take();
        assert_int_equal(sock_diag_reader_refusal(&reader), 0);
}

static void
refusals(void **unused)
{
        (void)unused;
        diag_refusal(&b, -ENOENT);
        take();
        assert_int_equal(sock_diag_reader_refusal(&reader), -ENOENT);
        assert_int_equal(next(), -ENOENT);

        b.size = 0;
        diag_done(&b, -EOPNOTSUPP);
        take();
        assert_int_equal(sock_diag_reader_refusal(&reader), -EOPNOTSUPP);
        assert_int_equal(next(), -EOPNOTSUPP);

        b.size = 0;
        diag_done(&b, 0);
        take();
        assert_int_equal(sock_diag_reader_refusal(&reader), 0);

        b.size = 0;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        diag_refusal(&b, -EIO);
        take();
        assert_int_equal(sock_diag_reader_refusal(&reader), 0);
        assert_int_equal(next(), SOCK_DIAG_SOCKET);
        assert_int_equal(next(), -EIO);
}

/* Before Linux 4.15 NLMSG_DONE was empty. */
static void
done_without_a_word(void **unused)
{
        (void)unused;
        diag_message(&b, NLMSG_DONE, 0);
        take();
        assert_int_equal(sock_diag_reader_refusal(&reader), 0);
        assert_int_equal(next(), SOCK_DIAG_DONE);
}

/* Numbers that are no errno must not be taken for one, nor for a step. */
static void
errors_that_are_none(void **unused)
{
        static const int errors[] = { 0, 1, 99, -4096, INT32_MIN };

        (void)unused;
        for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
                b.size = 0;
                diag_refusal(&b, errors[i]);
                take();
                assert_int_equal(sock_diag_reader_refusal(&reader), 0);
                assert_int_equal(next(), SOCK_DIAG_DAMAGED);
        }
        b.size = 0;
        diag_message(&b, NLMSG_ERROR, 3);
        take();
        assert_int_equal(next(), SOCK_DIAG_DAMAGED);
}

static void
interruption_stops_or_is_remembered(void **unused)
{
        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        diag_last(&b)->nlmsg_flags |= NLM_F_DUMP_INTR;
        diag_done(&b, 0);
        take();
        assert_int_equal(next(), SOCK_DIAG_INTERRUPTED);
        assert_true(reader.interrupted);

        reader.interrupted = false;
        reader.goes_on_if_interrupted = true;
        take();
        assert_int_equal(next(), SOCK_DIAG_SOCKET);
        assert_int_equal(next(), SOCK_DIAG_DONE);
        assert_true(reader.interrupted);
}

/* The kernel may notice only at the end. */
static void
interruption_told_with_the_end(void **unused)
{
        (void)unused;
        diag_done(&b, 0);
        diag_last(&b)->nlmsg_flags |= NLM_F_DUMP_INTR;
        take();
        assert_int_equal(next(), SOCK_DIAG_INTERRUPTED);
}

static void
overrun_is_damage(void **unused)
{
        (void)unused;
        diag_message(&b, NLMSG_OVERRUN, 0);
        take();
        assert_int_equal(next(), SOCK_DIAG_DAMAGED);
}

static void
lost_datagram_is_damage(void **unused)
{
        (void)unused;
        sock_diag_reader_lose(&reader);
        assert_int_equal(next(), SOCK_DIAG_DAMAGED);
        diag_done(&b, 0);
        take();
        assert_int_equal(next(), SOCK_DIAG_DONE);
}

/* Each cut of two messages: what is whole is read, the rest is damage; and nothing beyond the cut is looked at. */
static void
datagram_cut_short_anywhere(void **unused)
{
        size_t first;

        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        first = b.size;
        diag_done(&b, 0);
        for (size_t size = 1; size < b.size; size++) {
                uint8_t *exact = malloc(size);

                assert_non_null(exact);
                memcpy(exact, b.bytes, size);
                sock_diag_reader_take(&reader, exact, size);
                if (size >= first)
                        assert_int_equal(next(), SOCK_DIAG_SOCKET);
                assert_int_equal(next(), size == first ? SOCK_DIAG_EMPTY : SOCK_DIAG_DAMAGED);
                free(exact);
        }
}

static void
impossible_message_lengths(void **unused)
{
        static const uint32_t lengths[] = { 0, 1, 15, 10000, UINT32_MAX, UINT32_MAX - 3 };

        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
                diag_last(&b)->nlmsg_len = lengths[i];
                take();
                assert_int_equal(sock_diag_reader_refusal(&reader), 0);
                assert_int_equal(next(), SOCK_DIAG_DAMAGED);
        }
}

/* A message may lack the padding that would come after it. */
static void
last_message_without_its_padding(void **unused)
{
        uint8_t v6only = 1;

        (void)unused;
        diag_socket(&b, AF_INET6, TCP_LISTEN);
        diag_attribute(&b, INET_DIAG_SKV6ONLY, &v6only, 1);
        diag_last(&b)->nlmsg_len -= 3;
        b.size -= 3;
        take();
        assert_int_equal(next(), SOCK_DIAG_SOCKET);
        assert_int_equal(next(), SOCK_DIAG_EMPTY);
}

static void
what_was_wanted_and_did_not_come(void **unused)
{
        (void)unused;
        reader.want = DUMP_WANT_MARK | DUMP_WANT_CGROUP;
        diag_socket(&b, AF_INET, TCP_TIME_WAIT)->idiag_inode = 0;
        take();
        assert_int_equal(next(), SOCK_DIAG_SOCKET);
        assert_int_equal(reader.missing, 0);
        b.size = 0;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        take();
        assert_int_equal(next(), SOCK_DIAG_SOCKET);
        assert_int_equal(reader.missing, LA_KNOWN_MARK | LA_KNOWN_CGROUP);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup(function, begin)
        const struct CMUnitTest tests[] = {
                TEST(sockets_then_done),
                TEST(several_datagrams),
                TEST(both_dialects_and_no_others),
                TEST(states_not_asked_for_are_passed_over),
                TEST(nonsense_between_sockets_is_counted),
                TEST(answers_to_others_are_not_ours),
                TEST(refusals),
                TEST(done_without_a_word),
                TEST(errors_that_are_none),
                TEST(interruption_stops_or_is_remembered),
                TEST(interruption_told_with_the_end),
                TEST(overrun_is_damage),
                TEST(lost_datagram_is_damage),
                TEST(datagram_cut_short_anywhere),
                TEST(impossible_message_lengths),
                TEST(last_message_without_its_padding),
                TEST(what_was_wanted_and_did_not_come),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
