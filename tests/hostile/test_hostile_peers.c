/* SPDX-License-Identifier: BSD-2-Clause */
/* Peers that are broken or mean it: RFC 2525's list seen from the other end.  What each can make the stack hold is
 * bounded by number, and is given back. */
#include "../unit/engine.h"

#define WRITTEN 500000

static void
say(const char *flags, uint32_t seq, uint32_t text, uint32_t ack, uint32_t window)
{
        char line[96];

        snprintf(line, sizeof line, "%s %u:%u ack %u win %u", flags, seq, seq + text, ack, window);
        seg(line);
}

/* Writes until no more is taken; how much was. */
static size_t
fill(void)
{
        size_t all = 0, n;

        while ((n = write_bytes(WRITTEN)) > 0) {
                all += n;
                forget_sent();
        }
        return all;
}

static uint32_t
chunks_for(size_t bytes)
{
        return (uint32_t)(bytes / usual_config().chunk_bytes) + 2;
}

/* How far what left reaches: SND.NXT as the peer sees it. */
static uint32_t
furthest(void)
{
        uint32_t far = 0;

        collect();
        for (size_t i = 0; i < e.sent_count; i++) {
                struct segment s;

                assert_int_equal(segment_parse(e.bytes[i], e.sent[i].header_bytes, 0, &s), WIRE_OK);
                uint32_t end = segment_end(&s).v - e.our_isn;
                far = end > far ? end : far;
        }
        e.sent_first = e.sent_count = 0;
        return far;
}

static void
expect_all_given_back(void)
{
        struct la_usage u = la_usage(e.stack);

        assert_int_equal(u.connections, 0);
        assert_int_equal(u.chunks, 0);
        assert_int_equal(u.reassemblies, 0);
        assert_int_equal(u.orphans, 0);
}

/* ---- A peer that never reads ---- */

/* As long as it answers the probes, the connection stays, for hours; the writer is held back.  Shows MUST-37. */
static void
never_reads(void **state)
{
        (void)state;
        size_t written;
        uint32_t probes = 0;

        established();
        say("A", 1, 0, 1, 0);
        written = fill();
        assert_true(written > 0 && written < 8000000);
        forget_sent();
        for (int minute = 0; minute < 240; minute++) {
                after_ms(60000);
                if (e.sent_count > 0) {
                        probes += (uint32_t)e.sent_count;
                        forget_sent();
                        say("A", 1, 0, 1, 0);
                }
                assert_true(la_usage(e.stack).chunks <= chunks_for(written));
                assert_int_equal(write_bytes(1), 0);
        }
        expect_state(LA_ESTABLISHED);
        assert_in_range(probes, 10, 400);
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        expect_all_given_back();
}

/* The application leaves: an orphan that is never read must end by tcp_orphan_retries, though each probe is answered. */
static void
never_reads_an_orphan(void **state)
{
        (void)state;
        established();
        say("A", 1, 0, 1, 0);
        fill();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        for (int second = 0; second < 3600; second++) {
                after_ms(1000);
                if (e.sent_count > 0) {
                        forget_sent();
                        say("A", 1, 0, 1, 0);
                        forget_sent();
                }
        }
        expect_all_given_back();
}

/* ---- A peer that never acknowledges ---- */

static void
never_acknowledges(void **state)
{
        (void)state;
        size_t written;
        uint64_t sent = 0;

        established();
        written = fill();
        for (int i = 0; i < 3600 && state_now() != LA_CLOSED; i++) {
                assert_true(la_usage(e.stack).chunks <= chunks_for(written));
                after_ms(1000);
                sent += e.sent_count;
                forget_sent();
        }
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().error, LA_ERR_TIMED_OUT);
        assert_in_range(sent, 10, 100); /* it backed off, and did not send the window again each time */
        assert_int_equal(la_usage(e.stack).chunks, 0);
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_all_given_back();
}

static void
never_acknowledges_an_orphan(void **state)
{
        (void)state;
        established();
        fill();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        for (int i = 0; i < 1200; i++) {
                after_ms(1000);
                forget_sent();
        }
        expect_all_given_back();
        expect_gone();
}

/* ---- A peer that shrinks its window ---- */

/* No new data beyond the new edge, no reset, and all arrives in the end.  Shows MUST-34, SHLD-15. */
static void
shrinks_its_window(void **state)
{
        (void)state;
        uint32_t una = 1, far;

        established();
        say("A", 1, 0, 1, 10000);
        assert_int_equal(write_bytes(50000), 50000);
        far = furthest();
        assert_in_range(far, 1461, 10001);
        say("A", 1, 0, 1461, 0);
        assert_int_equal(furthest(), 0);
        for (int i = 0; i < 20; i++) {
                after_ms(1000);
                assert_true(furthest() <= far); /* only what was sent already, as a probe */
                say("A", 1, 0, 1461, (uint32_t)(i % 3) * 100);
        }
        expect_state(LA_ESTABLISHED);
        for (int i = 0; i < 200 && una < 50001; i++) {
                say("A", 1, 0, una, 65535);
                far = furthest();
                after_ms(300);
                uint32_t more = furthest();
                far = more > far ? more : far;
                una = far > una ? far : una;
        }
        assert_int_equal(una, 50001);
}

/* While what does not fill a segment is held back for a moment, the window is shut altogether, and nobody is heard of any
 * more: the probes back off, and the end comes as with any other silence. */
static void
shuts_a_silly_window(void **state)
{
        (void)state;
        uint64_t sent = 0;

        established();
        say("A", 1, 0, 1, 100);
        forget_sent();
        assert_int_equal(write_bytes(1000), 1000);
        expect_nothing_sent();
        say("A", 1, 0, 1, 0);
        forget_sent();
        for (int i = 0; i < 3600 && state_now() != LA_CLOSED; i++) {
                after_ms(1000);
                sent += e.sent_count;
                forget_sent();
        }
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().error, LA_ERR_TIMED_OUT);
        assert_in_range(sent, 10, 20);
}

/* A window of one byte is no reason to send one byte at a time: silly window (MUST-38). */
static void
offers_a_silly_window(void **state)
{
        (void)state;
        established();
        say("A", 1, 0, 1, 1);
        forget_sent();
        assert_int_equal(write_bytes(50000), 50000);
        for (int i = 0; i < 50; i++) {
                collect();
                assert_true(e.sent_count <= 1);
                forget_sent();
                after_ms(10);
        }
        assert_true(counted(LA_C_TCPOrigDataSent) <= 3);
}

/* ---- A peer that acknowledges what was not sent, or in crumbs ---- */

static void
acknowledges_what_was_not_sent(void **state)
{
        (void)state;
        struct la_status before, after;

        established();
        e.now += 1000000;
        write_bytes(50000);
        forget_sent();
        before = status_now();
        for (uint32_t ahead = 1; ahead < 0x7fff0000; ahead += ahead / 8 + 1) {
                say("A", 1, 0, before.snd_nxt - e.our_isn + ahead, 65535);
                collect();
                assert_true(e.sent_count <= 1); /* an acknowledgment at most, no text */
                forget_sent();
        }
        after = status_now();
        assert_int_equal(after.snd_una, before.snd_una);
        assert_int_equal(after.snd_nxt, before.snd_nxt);
        assert_int_equal(after.seen.tcp.cwnd, before.seen.tcp.cwnd);
        expect_state(LA_ESTABLISHED);
}

/* RFC 5681 3.1, ACK division: crumbs must not open the congestion window further than the bytes they acknowledge. */
static void
acknowledges_in_crumbs(void **state)
{
        (void)state;
        uint32_t cwnd;

        established();
        e.now += 1000000;
        write_bytes(100000);
        furthest();
        cwnd = status_now().seen.tcp.cwnd;
        for (uint32_t ack = 11; ack <= 1461; ack += 10) {
                say("A", 1, 0, ack, 65535);
                furthest();
        }
        assert_in_range(status_now().seen.tcp.cwnd, cwnd, cwnd + 1);
}

/* Duplicate acknowledgments by the thousand cause no more than one recovery, and no burst. */
static void
repeats_acknowledgments(void **state)
{
        (void)state;
        uint64_t sent = 0;

        established();
        e.now += 1000000;
        write_bytes(400000);
        furthest();
        for (int i = 0; i < 5000; i++) {
                say("A", 1, 0, 1, 65535);
                collect();
                sent += e.sent_count;
                forget_sent();
        }
        assert_true(sent < 65536 / 536 + 10); /* the peer's window, whatever it makes of cwnd */
        assert_true(counted(LA_C_TCPRenoRecovery) + counted(LA_C_TCPSackRecovery) <= 1);
        assert_true(counted(LA_C_RetransSegs) <= 2);
}

/* SACK blocks that lie: backwards, unsent, overlapping, the whole ring. */
static void
lies_in_sack(void **state)
{
        (void)state;
        static const char *const lies[] = { "sack 2000000000:1", "sack 100:50",
                                            "sack 1:1",          "sack 4000000000:4294967295",
                                            "sack 1:2000000000", "sack 1:4294967295",
                                            "sack 2:3,3:4,2:4",  "sack 999999:1000000,5:4,1:2" };
        char line[128];
        struct la_status s;

        established_with("mss 1460 sackok");
        e.now += 1000000;
        write_bytes(50000);
        forget_sent();
        for (size_t i = 0; i < 200; i++) {
                snprintf(line, sizeof line, "A 1:1 ack 1 win 65535 %s", lies[i % (sizeof lies / sizeof lies[0])]);
                seg(line);
                forget_sent();
        }
        after_ms(10000);
        assert_in_range(e.sent_count, 4, 10); /* what was not acknowledged is still sent again (RFC 2018 8) */
        forget_sent();
        s = status_now();
        assert_int_equal(s.seen.state, LA_ESTABLISHED);
        assert_int_equal(s.snd_una - e.our_isn, 1);
}

/* ---- A peer that fills memory ---- */

/* One byte in each chunk's room, with gaps between: what is kept is bounded by the window that was offered. */
static void
sends_crumbs_with_gaps(void **state)
{
        (void)state;
        struct la_usage u;

        established();
        for (uint32_t round = 0; round < 4; round++)
                for (uint32_t at = 3 + round; at < 200000; at += 97) {
                        say("A", at, 1, 1, 65535);
                        forget_sent();
                }
        u = la_usage(e.stack);
        assert_int_equal(u.reassemblies, 1);
        assert_true(u.chunks <= chunks_for(131072) + 2);
        assert_int_equal(status_now().readable_bytes, 0);
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        expect_all_given_back();
}

/* All the memory there is, held by connections with gaps: others still open, talk and close when it is given back. */
static void
many_with_gaps_take_all_memory(void **state)
{
        (void)state;
        struct la_config c = usual_config();
        struct la_handle held[20];
        struct la_usage u;

        c.chunks = 64;
        c.reassemblies = 8;
        remake(&c);
        listening();
        for (uint16_t i = 0; i < 20; i++) {
                e.peer_port = (uint16_t)(100 + i);
                seg("S 0:0 win 65535 mss 1460");
                expect_sent("SA 0:0 ack 1");
                seg("A 1:1 ack 1");
                accept_it();
                held[i] = e.connection;
                for (uint32_t at = 3; at < 60000; at += 1460) {
                        say("A", at, 1, 1, 65535);
                        forget_sent();
                }
                u = la_usage(e.stack);
                assert_true(u.chunks <= 64 && u.reassemblies <= 8);
        }
        assert_true(la_verdict_count(e.stack, LA_V_NO_MEMORY) > 0);
        for (size_t i = 0; i < 20; i++)
                assert_int_equal(la_abort(e.stack, e.now, held[i]), LA_OK);
        forget_sent();
        expect_all_given_back();
        e.peer_port = 99;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("PA 1:1001 ack 1");
        accept_it();
        assert_int_equal(read_bytes(), 1000);
}

/* It sends more than it was offered, and goes on when the window is shut: nothing beyond the offer is kept. */
static void
sends_more_than_offered(void **state)
{
        (void)state;
        uint32_t at = 1, readable;

        established();
        for (int i = 0; i < 400; i++, at += 1460) {
                say("PA", at, 1460, 1, 65535);
                forget_sent();
        }
        readable = status_now().readable_bytes;
        assert_in_range(readable, 60000, 131072);
        assert_true(la_usage(e.stack).chunks <= chunks_for(131072) + 2);
        assert_true(la_verdict_count(e.stack, LA_V_NOT_ACCEPTABLE) > 0);
        assert_int_equal(read_bytes(), readable); /* and it is the right bytes */
}

/* FIN_WAIT_2 that the peer never ends, by the thousand: orphans become records, limited in number and time. */
static void
never_closes(void **state)
{
        (void)state;
        struct la_usage u;

        listening();
        for (uint16_t i = 0; i < 1000; i++) {
                e.peer_port = (uint16_t)(100 + i);
                seg("S 0:0 win 65535 mss 1460");
                expect_sent("SA 0:0 ack 1");
                seg("A 1:1 ack 1");
                accept_it();
                assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
                forget_sent();
                seg("A 1:1 ack 2");
                forget_sent();
                u = la_usage(e.stack);
                assert_int_equal(u.connections, 0);
                assert_true(u.time_wait4 <= usual_config().time_wait4);
        }
        assert_true(la_transition_count(e.stack, LA_T_FIN_WAIT_2_OVERFLOW) > 0);
        after_ms(60001);
        assert_int_equal(la_usage(e.stack).time_wait4, 0);
        assert_int_equal(la_state_count(e.stack, LA_FIN_WAIT_2), 0);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(never_reads),
                engine_test(never_reads_an_orphan),
                engine_test(never_acknowledges),
                engine_test(never_acknowledges_an_orphan),
                engine_test(shrinks_its_window),
                engine_test(shuts_a_silly_window),
                engine_test(offers_a_silly_window),
                engine_test(acknowledges_what_was_not_sent),
                engine_test(acknowledges_in_crumbs),
                engine_test(repeats_acknowledgments),
                engine_test(lies_in_sack),
                engine_test(sends_crumbs_with_gaps),
                engine_test6(sends_crumbs_with_gaps),
                engine_test(many_with_gaps_take_all_memory),
                engine_test(sends_more_than_offered),
                engine_test6(sends_more_than_offered),
                engine_test(never_closes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
