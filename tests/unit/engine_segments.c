/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments as text: what the peer sends, and what must have been sent. */
#include "engine.h"

/* ---- From words ---- */

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
        return want->cookie_bytes != got->cookie_bytes || memcmp(want->cookie, got->cookie, want->cookie_bytes) != 0;
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
                } else if (!strcmp(word, "ecn")) {
                        read_ecn(value, s);
                        said |= SAYS_ECN;
                } else if (!strcmp(word, "cookie")) {
                        read_cookie(value, &s->options);
                        said |= SAYS_COOKIE;
                } else {
                        fail_msg("no such word in \"%s\": %s", text, word);
                }
        }
        return said;
}

/* ---- Arriving, and expected ---- */

size_t
packet_from_peer(const char *text, uint8_t *ret_bytes)
{
        struct segment s;
        struct wire_piece piece;
        size_t header;

        read_segment(text, &s, e.peer_isn, e.our_isn);
        segment_ends(&s, true);
        s.ip.hop_limit = 64;
        for (uint32_t i = 0; i < s.text_bytes; i++)
                ret_bytes[SEGMENT_HEADER_MAX + i] =
                        text_at(s.seq.v + s.syn + i - e.peer_isn); /* text begins behind the SYN */
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
        if ((said & SAYS_COOKIE) && cookie_differs(text, &want.options, &e.last.options))
                differs(&e.last, "the Fast Open option differs", text, file, line);
        if ((said & SAYS_ECN) && ip_ecn_of(&want.ip) != ip_ecn_of(&e.last.ip))
                differs(&e.last, "the ECN codepoint differs", text, file, line);
        for (uint32_t i = 0; i < e.last.text_bytes; i++)
                if (e.last.text[i] != text_at(e.last.seq.v + e.last.syn + i - e.our_isn))
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
