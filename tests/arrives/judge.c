/* SPDX-License-Identifier: BSD-2-Clause */
#include "judge.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAR               (UINT32_MAX / 2 + 1 + 12345)
#define MUST_40_MS        499   /* an acknowledgment may wait less than half a second */
#define TIME_WAIT_MS      60000 /* of which world.c lets ten seconds pass */
#define TIME_WAIT_LEFT_MS 50000

/* What was known before the segment came, and the segment. */
struct before {
        struct world w;
        const struct segment *s;
};

/* ---- Numbers by name ---- */

static bool
base_of(const struct before *b, const char *name, uint32_t *ret_number)
{
        const struct {
                const char *name;
                uint32_t number;
        } bases[] = {
                { "una", b->w.una },
                { "snd", b->w.snd },
                { "rcv", b->w.rcv },
                { "end", b->w.end },
                { "iss", b->w.iss },
                { "max", PEER_WINDOW },
                { "far", FAR },
                { "ts", b->w.stamp },
                { "seq", b->s->seq.v },
                { "ack", b->s->ack_seq.v },
                { "len", b->s->text_bytes + b->s->syn + b->s->fin },
        };

        for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++)
                if (strcmp(bases[i].name, name) == 0) {
                        *ret_number = bases[i].number;
                        return true;
                }
        return false;
}

/* "rcv+1000", "una-max-1", "4294967295" */
static bool
number_of(const struct before *b, const char *text, uint32_t *ret_number)
{
        uint32_t sum = 0, number;
        bool minus = false;
        char word[16];
        int used;

        for (;;) {
                if (sscanf(text, "%15[a-z0-9]%n", word, &used) != 1)
                        return false;
                if (isdigit((unsigned char)word[0]))
                        number = (uint32_t)strtoul(word, NULL, 10);
                else if (!base_of(b, word, &number))
                        return false;
                sum = minus ? sum - number : sum + number;
                text += used;
                if (*text == '\0')
                        break;
                minus = *text++ == '-';
        }
        *ret_number = sum;
        return true;
}

/* ---- The answer ---- */

static void
describe(const struct segment *s, char *text, size_t n)
{
        snprintf(text, n, "%s%s%s%s%s%s(%u,%u) text %u", s->syn ? "S" : "", s->rst ? "R" : "", s->ack ? "A" : "",
                 s->fin ? "F" : "", s->psh ? "P" : "", s->urg ? "U" : "", s->seq.v, s->ack ? s->ack_seq.v : 0,
                 s->text_bytes);
}

static bool
flags_are(const struct segment *s, const char *flags)
{
        return s->syn == (strchr(flags, 'S') != NULL) && s->rst == (strchr(flags, 'R') != NULL) &&
               s->ack == (strchr(flags, 'A') != NULL) && !s->fin && !s->psh && !s->urg;
}

/* "A(snd,rcv)", "R(ack)", "SA(iss,seq+1)" and "SA(>snd,seq+1)", whose number is the stack's choice. */
static bool
answer_is(const struct before *b, const struct segment *heard, const char *answer)
{
        char flags[8], seq[32], ack[32] = "";
        uint32_t number;

        if (sscanf(answer, "%7[A-Z](%31[^,)],%31[^)])", flags, seq, ack) < 2)
                return false;
        if (!flags_are(heard, flags) || heard->text_bytes > 0)
                return false;
        if (strcmp(seq, ">snd") == 0) {
                if (!seq_gt(heard->seq, seq_of(b->w.snd)))
                        return false;
        } else if (strcmp(seq, "iss") != 0 && (!number_of(b, seq, &number) || number != heard->seq.v)) {
                return false;
        }
        return !heard->ack || (number_of(b, ack, &number) && number == heard->ack_seq.v);
}

/* "~A(snd,rcv+100)": within half a second, on whatever leaves. */
static bool
acknowledged_in_time(struct world *w, const struct before *b, const char *answer)
{
        char seq[32], ack[32];
        uint32_t number;
        tcp_time until = w->now + MUST_40_MS * 1000;

        if (sscanf(answer, "~A(%31[^,],%31[^)])", seq, ack) != 2 || !number_of(b, ack, &number))
                return false;
        hear(w);
        while (w->heard_count == 0 || !w->heard.ack || w->heard.ack_seq.v != number) {
                if (w->now >= until)
                        return false;
                w->heard_count = 0;
                wait_ms(w, (uint32_t)((until - w->now) / 1000));
        }
        return true;
}

static bool
answer_right(struct world *w, const struct before *b, const struct row *row, char *why)
{
        char heard[96] = "nothing";

        hear(w);
        if (row->answer[0] == '~') {
                if (w->heard_count <= 1 && acknowledged_in_time(w, b, row->answer))
                        return true;
        } else if (row->answer[0] == '-' ? w->heard_count == 0
                                         : w->heard_count == 1 && answer_is(b, &w->heard, row->answer)) {
                return true;
        }
        if (w->heard_count > 0)
                describe(&w->heard, heard, sizeof heard);
        snprintf(why, 512, "answer %s, not %s (of %u); snd %u rcv %u", row->answer, heard, w->heard_count, b->w.snd,
                 b->w.rcv);
        return false;
}

/* ---- What the trace tells ---- */

static bool
trace_right(struct world *w, const struct row *row, char *why)
{
        char rows[WORD_SIZE] = "";
        const char *verdict = "none";
        unsigned int verdicts = 0;
        struct la_trace t;

        while (la_next_trace(w->stack, &t)) {
                if (t.kind == LA_TRACE_VERDICT) {
                        verdict = la_verdict_info(t.verdict)->id;
                        verdicts++;
                        continue;
                }
                if (rows[0])
                        strncat(rows, "+", sizeof rows - strlen(rows) - 1);
                strncat(rows, la_transition_info(t.transition)->id, sizeof rows - strlen(rows) - 1);
        }
        if (verdicts != 1 || strcmp(verdict, row->verdict) != 0) {
                snprintf(why, 512, "verdict %s, not %s (of %u)", row->verdict, verdict, verdicts);
                return false;
        }
        if (strcmp(rows[0] ? rows : "-", row->rows) != 0) {
                snprintf(why, 512, "transitions %s, not %s", row->rows, rows[0] ? rows : "-");
                return false;
        }
        return true;
}

/* ---- The state after ---- */

static bool
state_is(const struct world *w, const struct row *row, bool found, const struct la_snapshot *seen)
{
        size_t n = strcspn(row->state, "(");
        const char *name = found ? la_state_name(seen->state) : "CLOSED";

        if (!found && w->listening && strcmp(row->state, "LISTEN") == 0)
                return true;
        return strlen(name) == n && strncmp(name, row->state, n) == 0;
}

/* A number of the row, "-" for one that the state does not have. */
static bool
number_is(const struct before *b, const char *name, const struct segment *answer, uint32_t number)
{
        uint32_t wanted;

        if (strcmp(name, "-") == 0)
                return true;
        if (strcmp(name, "iss") == 0 && answer->syn)
                return number == answer->seq.v;
        return number_of(b, name, &wanted) && number == wanted;
}

static bool
timer_right(const struct row *row, const struct section *section, const struct la_snapshot *seen, char *why)
{
        bool was = strcmp(section->state, "TIME_WAIT") == 0, anew = strcmp(row->state, "TIME_WAIT(anew)") == 0;
        uint32_t left = was && !anew ? TIME_WAIT_LEFT_MS : TIME_WAIT_MS;

        if (strncmp(row->state, "TIME_WAIT", 9) != 0 || strcmp(section->state, "SYN_RECEIVED") == 0)
                return true;
        /* world.c takes a few steps of a millisecond after the ten seconds. */
        if (seen->timer_ms <= left && seen->timer_ms + 20 >= left)
                return true;
        snprintf(why, 512, "about %u ms of TIME_WAIT left, not %u", left, seen->timer_ms);
        return false;
}

static bool
state_right(struct world *w, const struct before *b, const struct section *section, const struct row *row, char *why)
{
        struct la_snapshot seen;
        bool found =
                w->held ? la_snapshot(w->stack, w->now, w->connection, &seen) == LA_OK
                        : la_find(w->stack, w->now, w->family, &w->local, &w->peer, &seen) && seen.state != LA_LISTEN;

        if (!state_is(w, row, found, &seen)) {
                snprintf(why, 512, "state %s, not %s", row->state, found ? la_state_name(seen.state) : "none");
                return false;
        }
        if (!found)
                return true;
        if (!number_is(b, row->una, &w->heard, seen.snd_una) || !number_is(b, row->rcv, &w->heard, seen.rcv_nxt)) {
                snprintf(why, 512, "SND.UNA %s and RCV.NXT %s, not una%+d and rcv%+d (seq%+d)", row->una, row->rcv,
                         (int)(seen.snd_una - b->w.una), (int)(seen.rcv_nxt - b->w.rcv),
                         (int)(seen.rcv_nxt - b->s->seq.v));
                return false;
        }
        return timer_right(row, section, &seen, why);
}

bool
judge(struct world *w, const struct segment *flags, const struct section *section, const struct trial *trial,
      char why[512])
{
        struct segment s = *flags;
        struct before b = { *w, &s };

        s.window = PEER_WINDOW;
        s.urgent = s.urg ? 1 : 0;
        s.options.has_timestamps = strcmp(trial->stamp, "none") != 0;
        s.options.ts_echo = s.ack ? w->echo : 0;
        if (!number_of(&b, trial->seq, &s.seq.v) || (s.ack && !number_of(&b, trial->ack, &s.ack_seq.v)) ||
            (s.options.has_timestamps && !number_of(&b, trial->stamp, &s.options.ts_value))) {
                snprintf(why, 512, "a position that has no meaning here");
                return false;
        }
        say(w, &s);
        if (!trace_right(w, trial->row, why))
                return false;
        /* The state first: an acknowledgment may have to be waited for. */
        hear(w);
        return state_right(w, &b, section, trial->row, why) && answer_right(w, &b, trial->row, why);
}
