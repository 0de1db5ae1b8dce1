/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine.h"

#include <ctype.h>

struct engine e;

static const uint8_t local4[16] = { 10, 0, 0, 1 }, peer4[16] = { 10, 0, 0, 2 };
static const uint8_t local6[16] = { 0xfd, [15] = 1 }, peer6[16] = { 0xfd, [15] = 2 };

/* ---- The fixture ---- */

struct la_config
usual_config(void)
{
        struct la_config c = { .connections = 64,
                               .half_open = 64,
                               .time_wait4 = 64,
                               .time_wait6 = 64,
                               .chunks = 4096,
                               .chunk_bytes = 1024,
                               .trace = 4096,
                               .reassemblies = 16 };

        memcpy(c.address4, local4, 4);
        memcpy(c.address6, local6, 16);
        for (size_t i = 0; i < sizeof c.seed; i++)
                c.seed[i] = (uint8_t)(i * 7 + 1);
        return c;
}

void
remake(const struct la_config *config)
{
        size_t bytes = la_stack_bytes(config);
        void *block;

        assert_true(bytes > 0);
        free(e.stack);
        block = aligned_alloc(64, bytes);
        assert_non_null(block);
        memset(block, 0, bytes);
        e.stack = la_stack_init(block, bytes, config, e.now);
        e.stack_bytes = bytes;
        assert_non_null(e.stack);
        e.sent_first = e.sent_count = 0;
}

static int
setup(enum la_family family)
{
        struct la_config c = usual_config();

        memset(&e, 0, sizeof e);
        e.now = 1000000;
        e.family = family;
        e.peer_port = PEER_PORT;
        e.local_port = LOCAL_PORT;
        e.peer_isn = PEER_ISN;
        remake(&c);
        return 0;
}

int
setup_engine(void **state)
{
        (void)state;
        return setup(LA_IPV4);
}

int
setup_engine6(void **state)
{
        (void)state;
        return setup(LA_IPV6);
}

int
teardown_engine(void **state)
{
        (void)state;
        free(e.stack);
        e.stack = NULL;
        return 0;
}

void
knob(const char *name, const char *value)
{
        const char *why = "";

        if (la_knob_set_dangerous(e.stack, name, value, &why) != LA_OK)
                fail_msg("%s = %s: %s", name, value, why);
}

/* ---- Segments as text ---- */

static uint8_t
pattern(uint32_t seq)
{
        return (uint8_t)(seq * 31 + (seq >> 8));
}

static void
read_flags(const char *word, struct segment *s)
{
        for (; *word; word++)
                switch (*word) {
                case 'F':
                        s->fin = true;
                        break;
                case 'S':
                        s->syn = true;
                        break;
                case 'R':
                        s->rst = true;
                        break;
                case 'P':
                        s->psh = true;
                        break;
                case 'A':
                        s->ack = true;
                        break;
                case 'U':
                        s->urg = true;
                        break;
                case 'E':
                        s->ece = true;
                        break;
                case 'C':
                        s->cwr = true;
                        break;
                case '.':
                        break;
                default:
                        fail_msg("no such flag: %c", *word);
                }
}

enum {
        SAYS_WIN = 1,
        SAYS_URG = 2,
        SAYS_MSS = 4,
        SAYS_WS = 8,
        SAYS_SACKOK = 16,
        SAYS_TS = 32,
        SAYS_SACK = 64,
        SAYS_ACK = 128,
        SAYS_ECHO_ONLY = 256,
        SAYS_ECN = 512,
        SAYS_COOKIE = 1024
};

static const char *const ecn_names[] = {
        [IP_NOT_ECT] = "none", [IP_ECT_1] = "ect1", [IP_ECT_0] = "ect0", [IP_CE] = "ce"
};

static void
read_ecn(const char *word, struct segment *s)
{
        for (unsigned int i = 0; i < 4; i++)
                if (!strcmp(word, ecn_names[i])) {
                        ip_ecn_set(&s->ip, (enum ip_ecn)i);
                        return;
                }
        fail_msg("no such codepoint: %s", word);
}

static void
read_sack(const char *word, struct segment *s, uint32_t isn)
{
        unsigned int a, b;
        int n;

        while (sscanf(word, "%u:%u%n", &a, &b, &n) == 2) {
                s->options.sack[s->options.sack_count++] = (struct sack_block){ seq_of(a + isn), seq_of(b + isn) };
                word += n;
                if (*word == ',')
                        word++;
        }
}

/* "ask" for an empty option, "none" for no option, "any" for some cookie, or the cookie's bytes. */
static void
read_cookie(const char *word, struct tcp_options *o)
{
        unsigned int byte;

        o->has_fastopen = strcmp(word, "none") != 0;
        if (!strcmp(word, "any"))
                o->cookie_bytes = TCP_COOKIE_MAX;
        while (o->cookie_bytes < TCP_COOKIE_MAX && sscanf(word + 2u * o->cookie_bytes, "%2x", &byte) == 1 &&
               strlen(word) % 2 == 0)
                o->cookie[o->cookie_bytes++] = (uint8_t)byte;
}

static bool
cookie_differs(const char *text, const struct tcp_options *want, const struct tcp_options *got)
{
        if (want->has_fastopen != got->has_fastopen)
                return true;
        if (strstr(text, "cookie any"))
                return got->cookie_bytes == 0;
        return want->cookie_bytes != got->cookie_bytes || memcmp(want->cookie, got->cookie, sizeof want->cookie) != 0;
}

/* Fills `s`, its text as a number; returns what was said. */
static unsigned int
read_segment(const char *text, struct segment *s, uint32_t isn, uint32_t other_isn)
{
        char copy[256], *word, *save = NULL;
        unsigned int said = 0, from = 0, to = 0;

        snprintf(copy, sizeof copy, "%s", text);
        memset(s, 0, sizeof *s);
        s->window = 65535;
        word = strtok_r(copy, " ", &save);
        read_flags(word, s);
        word = strtok_r(NULL, " ", &save);
        if (!word || sscanf(word, "%u:%u", &from, &to) != 2)
                fail_msg("no numbers in \"%s\"", text);
        s->seq = seq_of(from + isn);
        s->text_bytes = to - from;
        while ((word = strtok_r(NULL, " ", &save)) != NULL) {
                char *value = strcmp(word, "sackok") ? strtok_r(NULL, " ", &save) : word;

                if (!value)
                        fail_msg("nothing after \"%s\" in \"%s\"", word, text);
                if (!strcmp(word, "ack")) {
                        s->ack_seq = seq_of((uint32_t)strtoul(value, NULL, 10) + other_isn);
                        said |= SAYS_ACK;
                } else if (!strcmp(word, "win")) {
                        s->window = (uint16_t)strtoul(value, NULL, 10);
                        said |= SAYS_WIN;
                } else if (!strcmp(word, "urg")) {
                        s->urgent = (uint16_t)strtoul(value, NULL, 10);
                        said |= SAYS_URG;
                } else if (!strcmp(word, "mss")) {
                        s->options.has_mss = true;
                        s->options.mss_bytes = (uint16_t)strtoul(value, NULL, 10);
                        said |= SAYS_MSS;
                } else if (!strcmp(word, "ws")) {
                        s->options.has_window_scale = true;
                        s->options.window_shift = (uint8_t)strtoul(value, NULL, 10);
                        said |= SAYS_WS;
                } else if (!strcmp(word, "sackok")) {
                        s->options.sack_permitted = true;
                        said |= SAYS_SACKOK;
                } else if (!strcmp(word, "ts")) {
                        s->options.has_timestamps = true;
                        said |= SAYS_TS;
                        if (!strcmp(value, "*"))
                                said |= SAYS_ECHO_ONLY;
                        s->options.ts_value = (uint32_t)strtoul(value, NULL, 10);
                        value = strtok_r(NULL, " ", &save);
                        s->options.ts_echo = (uint32_t)strtoul(value, NULL, 10);
                } else if (!strcmp(word, "sack")) {
                        read_sack(value, s, other_isn);
                        said |= SAYS_SACK;
                } else if (!strcmp(word, "cookie")) {
                        read_cookie(value, &s->options);
                        said |= SAYS_COOKIE;
                } else if (!strcmp(word, "ecn")) {
                        read_ecn(value, s);
                        said |= SAYS_ECN;
                } else {
                        fail_msg("no such word in \"%s\": %s", text, word);
                }
        }
        return said;
}

static void
ends(struct segment *s, bool from_peer)
{
        const uint8_t *local = e.family == LA_IPV4 ? local4 : local6, *peer = e.family == LA_IPV4 ? peer4 : peer6;

        s->family = e.family;
        memcpy(s->source.address, from_peer ? peer : local, 16);
        memcpy(s->destination.address, from_peer ? local : peer, 16);
        s->source.port = from_peer ? e.peer_port : e.local_port;
        s->destination.port = from_peer ? e.local_port : e.peer_port;
}

/* ---- Packets ---- */

void
collect(void)
{
        struct la_packet packets[8];
        size_t n;

        while ((n = la_output(e.stack, e.now, packets, 8)) > 0)
                for (size_t i = 0; i < n; i++) {
                        size_t at = (e.sent_first + e.sent_count) % 256, bytes = packets[i].header_bytes;

                        assert_true(e.sent_count < 256);
                        memcpy(e.bytes[at], packets[i].header, bytes);
                        for (size_t j = 0; j < packets[i].parts; j++) {
                                assert_true(bytes + packets[i].part[j].length <= sizeof e.bytes[at]);
                                memcpy(e.bytes[at] + bytes, packets[i].part[j].bytes, packets[i].part[j].length);
                                bytes += packets[i].part[j].length;
                        }
                        e.sent[at] = packets[i];
                        e.sent[at].header_bytes = (uint16_t)bytes;
                        e.sent_count++;
                }
}

void
forget_sent(void)
{
        collect();
        e.sent_first = e.sent_count = 0;
}

void
input_bytes(const uint8_t *bytes, size_t n)
{
        /* From memory of exactly that size, so that a byte read beyond it is seen. */
        uint8_t *copy = malloc(n);
        struct la_packet p = { .parts = 1, .part = { { copy, n } } };

        assert_non_null(copy);
        memcpy(copy, bytes, n);
        la_input(e.stack, e.now, &p, 1);
        free(copy);
        collect();
}

size_t
packet_from_peer(const char *text, uint8_t *ret_bytes)
{
        struct segment s;
        struct wire_piece piece;
        size_t header;

        read_segment(text, &s, e.peer_isn, e.our_isn);
        ends(&s, true);
        s.ip.hop_limit = 64;
        for (uint32_t i = 0; i < s.text_bytes; i++)
                ret_bytes[SEGMENT_HEADER_MAX + i] =
                        pattern(s.seq.v + s.syn + i - e.peer_isn); /* text begins behind the SYN */
        piece = (struct wire_piece){ ret_bytes + SEGMENT_HEADER_MAX, s.text_bytes };
        header = segment_build(&s, &piece, 1, SEGMENT_CHECKSUM_FULL, ret_bytes);
        assert_true(header > 0);
        memmove(ret_bytes + header, ret_bytes + SEGMENT_HEADER_MAX, s.text_bytes);
        return header + s.text_bytes;
}

void
seg_at(const char *text, const char *file, int line)
{
        static uint8_t bytes[PACKET_FROM_PEER_MAX];

        (void)file;
        (void)line;
        collect();
        input_bytes(bytes, packet_from_peer(text, bytes));
}

static void
describe(const struct segment *s, char *text, size_t n)
{
        snprintf(text, n, "%s%s%s%s%s%s%s%s %u:%u ack %u win %u%s%s%s (sack blocks %u, ecn %s)", s->fin ? "F" : "",
                 s->syn ? "S" : "", s->rst ? "R" : "", s->psh ? "P" : "", s->ack ? "A" : "", s->urg ? "U" : "",
                 s->ece ? "E" : "", s->cwr ? "C" : "", s->seq.v - e.our_isn, s->seq.v - e.our_isn + s->text_bytes,
                 s->ack ? s->ack_seq.v - e.peer_isn : 0, s->window, s->options.has_mss ? " mss" : "",
                 s->options.has_timestamps ? " ts" : "", s->options.has_window_scale ? " ws" : "",
                 s->options.sack_count, ecn_names[ip_ecn_of(&s->ip)]);
}

static void
differs(const struct segment *got, const char *what, const char *text, const char *file, int line)
{
        char description[256];

        describe(got, description, sizeof description);
        print_error("%s:%d: expected \"%s\", but %s: %s\n", file, line, text, what, description);
        _fail(file, line);
}

static void
take_sent(const char *text, const char *file, int line)
{
        size_t at;

        collect();
        if (e.sent_count == 0) {
                print_error("%s:%d: expected \"%s\", but nothing was sent\n", file, line, text);
                _fail(file, line);
        }
        at = e.sent_first % 256;
        memcpy(e.last_bytes, e.bytes[at], sizeof e.last_bytes);
        /* Every packet that leaves must be one, checksum and all. */
        assert_int_equal(segment_parse(e.last_bytes, e.sent[at].header_bytes, 0, &e.last), WIRE_OK);
        e.sent_first++;
        e.sent_count--;
}

void
expect_sent_at(const char *text, const char *file, int line)
{
        struct segment want;
        unsigned int said;

        take_sent(text, file, line);
        if (e.last.syn)
                e.our_isn = e.last.seq.v;
        said = read_segment(text, &want, e.our_isn, e.peer_isn);
        if (want.fin != e.last.fin || want.syn != e.last.syn || want.rst != e.last.rst || want.psh != e.last.psh ||
            want.ack != e.last.ack || want.urg != e.last.urg || want.ece != e.last.ece || want.cwr != e.last.cwr)
                differs(&e.last, "the flags differ", text, file, line);
        if (!(want.rst && !want.ack && e.our_isn == 0) &&
            (!seq_eq(want.seq, e.last.seq) || want.text_bytes != e.last.text_bytes))
                differs(&e.last, "the numbers differ", text, file, line);
        if ((said & SAYS_ACK) && !seq_eq(want.ack_seq, e.last.ack_seq))
                differs(&e.last, "the acknowledgment differs", text, file, line);
        if ((said & SAYS_WIN) && want.window != e.last.window)
                differs(&e.last, "the window differs", text, file, line);
        if ((said & SAYS_URG) && want.urgent != e.last.urgent)
                differs(&e.last, "the urgent pointer differs", text, file, line);
        if ((said & SAYS_MSS) && (!e.last.options.has_mss || want.options.mss_bytes != e.last.options.mss_bytes))
                differs(&e.last, "the MSS differs", text, file, line);
        if ((said & SAYS_WS) &&
            (!e.last.options.has_window_scale || want.options.window_shift != e.last.options.window_shift))
                differs(&e.last, "the window scale differs", text, file, line);
        if ((said & SAYS_SACKOK) && !e.last.options.sack_permitted)
                differs(&e.last, "SACK is not permitted", text, file, line);
        if ((said & SAYS_TS) && (!e.last.options.has_timestamps || want.options.ts_echo != e.last.options.ts_echo ||
                                 (!(said & SAYS_ECHO_ONLY) && want.options.ts_value != e.last.options.ts_value)))
                differs(&e.last, "the timestamps differ", text, file, line);
        if ((said & SAYS_SACK) && (want.options.sack_count != e.last.options.sack_count ||
                                   memcmp(want.options.sack, e.last.options.sack,
                                          want.options.sack_count * sizeof want.options.sack[0]) != 0))
                differs(&e.last, "the SACK blocks differ", text, file, line);
        if ((said & SAYS_ECN) && ip_ecn_of(&want.ip) != ip_ecn_of(&e.last.ip))
                differs(&e.last, "the ECN codepoint differs", text, file, line);
        if ((said & SAYS_COOKIE) && cookie_differs(text, &want.options, &e.last.options))
                differs(&e.last, "the Fast Open option differs", text, file, line);
        for (uint32_t i = 0; i < e.last.text_bytes; i++)
                if (e.last.text[i] != pattern(e.last.seq.v + e.last.syn + i - e.our_isn))
                        differs(&e.last, "the text differs", text, file, line);
}

void
expect_nothing_sent_at(const char *file, int line)
{
        collect();
        if (e.sent_count == 0)
                return;
        take_sent("nothing", file, line);
        differs(&e.last, "something was sent", "nothing", file, line);
}

void
after_ms(uint32_t ms)
{
        tcp_time until = e.now + (tcp_time)ms * 1000, next;

        collect();
        while ((next = la_deadline(e.stack)) <= until) {
                if (next > e.now)
                        e.now = next;
                la_advance(e.stack, e.now);
                collect();
        }
        e.now = until;
        la_advance(e.stack, e.now);
        collect();
}

/* ---- States ---- */

void
listening(void)
{
        struct la_endpoint any = { .port = e.local_port };

        assert_int_equal(la_listen(e.stack, e.now, e.family, &any, 16, 0, &e.listener), LA_OK);
}

void
half_open(void)
{
        listening();
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
}

void
accept_it(void)
{
        assert_int_equal(la_accept(e.stack, e.now, e.listener, 7, &e.connection), LA_OK);
}

void
established_with(const char *syn_options)
{
        char syn[128], ack[128];
        const char *ts = strstr(syn_options, "ts ");

        listening();
        snprintf(syn, sizeof syn, "S 0:0 win 65535 %s", syn_options);
        seg(syn);
        expect_sent("SA 0:0 ack 1");
        snprintf(ack, sizeof ack, "A 1:1 ack 1 win 65535");
        if (ts && e.last.options.has_timestamps)
                snprintf(ack, sizeof ack, "A 1:1 ack 1 win 65535 ts %lu %u", strtoul(ts + 3, NULL, 10),
                         e.last.options.ts_value);
        seg(ack);
        accept_it();
        expect_nothing_sent();
        expect_state(LA_ESTABLISHED);
}

void
established(void)
{
        established_with("mss 1460");
}

void
connecting(void)
{
        struct la_endpoint peer = { .port = e.peer_port };

        memcpy(peer.address, e.family == LA_IPV4 ? peer4 : peer6, 16);
        assert_int_equal(la_open(e.stack, e.now, e.family, NULL, &peer, 7, &e.connection), LA_OK);
        e.local_port = status_now().seen.local.port;
        expect_sent("S 0:0");
        expect_state(LA_SYN_SENT);
}

void
connected(void)
{
        connecting();
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        expect_sent("A 1:1 ack 1");
        expect_state(LA_ESTABLISHED);
}

void
close_wait(void)
{
        established();
        seg("FA 1:1 ack 1");
        expect_sent("A 1:1 ack 2");
        expect_state(LA_CLOSE_WAIT);
}

void
fin_wait_1(void)
{
        established();
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        expect_state(LA_FIN_WAIT_1);
}

void
fin_wait_2(void)
{
        fin_wait_1();
        seg("A 1:1 ack 2");
        expect_state(LA_FIN_WAIT_2);
}

void
closing(void)
{
        fin_wait_1();
        seg("FA 1:1 ack 1");
        expect_sent("A 2:2 ack 2");
        expect_state(LA_CLOSING);
}

void
last_ack(void)
{
        close_wait();
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 2");
        expect_state(LA_LAST_ACK);
}

void
time_wait(void)
{
        fin_wait_2();
        seg("FA 1:1 ack 2");
        expect_sent("A 2:2 ack 2");
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_found(LA_TIME_WAIT);
}

struct la_status
status_now(void)
{
        struct la_status s;

        assert_int_equal(la_status(e.stack, e.now, e.connection, &s), LA_OK);
        return s;
}

enum la_state
state_now(void)
{
        return status_now().seen.state;
}

void
expect_state_at(enum la_state state, const char *file, int line)
{
        if (state_now() == state)
                return;
        print_error("%s:%d: expected %s, but the state is %s\n", file, line, la_state_name(state),
                    la_state_name(state_now()));
        _fail(file, line);
}

bool
find_peer(struct la_status *ret_status)
{
        struct segment s = { 0 };

        ends(&s, true);
        return la_find(e.stack, e.now, e.family, &s.destination, &s.source, ret_status);
}

void
expect_found(enum la_state state)
{
        struct la_status s;

        assert_true(find_peer(&s));
        assert_string_equal(la_state_name(s.seen.state), la_state_name(state));
}

void
expect_gone(void)
{
        struct la_status s;

        assert_false(find_peer(&s));
}

enum la_verdict
verdict_of_last(void)
{
        enum la_verdict last = LA_VERDICT_COUNT;
        struct la_trace t;

        while (la_next_trace(e.stack, &t))
                if (t.kind == LA_TRACE_VERDICT)
                        last = t.verdict;
        assert_true(last != LA_VERDICT_COUNT);
        return last;
}

/* ---- Text ---- */

size_t
write_bytes(size_t n)
{
        static uint8_t bytes[1 << 20];
        struct la_status s = status_now();
        size_t taken = 0;

        /* What is written lies behind all that was written before. */
        uint32_t from = s.snd_una + s.seen.send_queue - e.our_isn;

        if (s.snd_una == s.iss)
                from++;
        assert_true(n <= sizeof bytes);
        for (size_t i = 0; i < n; i++)
                bytes[i] = pattern(from + (uint32_t)i);
        if (la_send(e.stack, e.now, e.connection, bytes, n, 0, &taken) == LA_ERR_AGAIN)
                return 0;
        return taken;
}

size_t
read_bytes(void)
{
        static uint8_t bytes[1 << 20];
        struct la_status s = status_now();
        uint32_t from = s.rcv_nxt - s.readable_bytes - (s.peer_closed ? 1 : 0) - e.peer_isn;
        size_t n = 0;

        if (la_receive(e.stack, e.now, e.connection, bytes, sizeof bytes, &n) != LA_OK)
                return 0;
        for (size_t i = 0; i < n; i++)
                assert_int_equal(bytes[i], pattern(from + (uint32_t)i));
        return n;
}

uint32_t
events_now(void)
{
        struct la_event_report r;
        uint32_t all = 0;

        while (la_next_event(e.stack, &r))
                if (la_handle_equal(r.handle, e.connection))
                        all |= r.happened;
        return all;
}

uint64_t
counted(enum la_counter counter)
{
        return la_counter(e.stack, counter);
}
