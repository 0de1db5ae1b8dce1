/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a stack of lastack was made for: it takes its memory once, and each thing it holds has a hard limit.
 */
#include <stdio.h>
#include <string.h>

#include "doctor/rules.h"

enum { NEAR_PERCENT = 80 };

static const struct limit {
        const char *name; /* in struct la_config, and behind FACT_STACK_USED and FACT_STACK_MOST */
        const char *what; /* there are so many of */
        enum severity near, full;
        const char *why;      /* what happens beyond */
        enum fix_kind kind;   /* what helps before there is a larger stack */
        const char *fix, *ls; /* and the arguments of lastack ls that show it, "" for none */
} limits[] = {
        { "connections", N_("connections"), SEVERITY_WARNING, SEVERITY_CRITICAL,
          N_("Every connection that is open, being opened or being closed takes a place. Without one a handshake that "
             "comes is not completed, and connect() fails."),
          FIX_APPLICATION, N_("See what holds them: connections that are idle, or in CLOSE_WAIT, can be closed."),
          "-pi state connected" },
        { "half_open", N_("handshakes under way"), SEVERITY_NOTICE, SEVERITY_WARNING,
          N_("All listeners share the places for half-open connections. Beyond them a SYN is answered with a cookie, "
             "or dropped where tcp_syncookies is 0."),
          FIX_CAPACITY, N_("See where they come from: a flood, or real clients that are far away (syn-queue)."),
          "-no state syn-recv" },
        { "time_wait4", N_("records of TIME_WAIT for IPv4"), SEVERITY_WARNING, SEVERITY_WARNING,
          N_("A connection that finds no record ends without its TIME_WAIT (TCPTimeWaitOverflow): if its last ACK is "
             "lost the peer meets a reset, and late segments can reach the next connection of the same ports."),
          FIX_APPLICATION, N_("Make fewer connections: keep-alive, pools."), "" },
        { "time_wait6", N_("records of TIME_WAIT for IPv6"), SEVERITY_WARNING, SEVERITY_WARNING,
          N_("A connection that finds no record ends without its TIME_WAIT (TCPTimeWaitOverflow): if its last ACK is "
             "lost the peer meets a reset, and late segments can reach the next connection of the same ports."),
          FIX_APPLICATION, N_("Make fewer connections: keep-alive, pools."), "" },
        { "listeners", N_("listeners"), SEVERITY_NOTICE, SEVERITY_NOTICE,
          N_("The next listen() is refused. Those that listen are not affected."), FIX_APPLICATION,
          N_("Close the listeners that nobody needs."), "-lp" },
        { "chunks", N_("chunks of its buffers"), SEVERITY_WARNING, SEVERITY_CRITICAL,
          N_("All data that is not yet read, or not yet acknowledged, lies in these chunks. Without a free one nothing "
             "is taken from the program, and what arrives is dropped."),
          FIX_APPLICATION, N_("Find who holds them: data that the program does not read, or that peers do not take."),
          "-mp --sort recvq" },
        { "reassemblies", N_("connections with data out of order"), SEVERITY_NOTICE, SEVERITY_WARNING,
          N_("So many connections may hold segments that came out of order at a time. Others drop such segments, and "
             "the peer has to send them again."),
          FIX_CAPACITY, N_("See which peers lose so much (retransmissions)."), "-pi --sort retrans" },
};

bool
stack_room(const struct evidence *e, const char *name, int64_t *ret_used, int64_t *ret_most)
{
        char used_name[AMOUNT_NAME_SIZE], most_name[AMOUNT_NAME_SIZE];
        int64_t used, most;

        snprintf(used_name, sizeof(used_name), FACT_STACK_USED "%s", name);
        snprintf(most_name, sizeof(most_name), FACT_STACK_MOST "%s", name);
        if (!evidence_fact_is(e, used_name, &used) || !evidence_fact_is(e, most_name, &most) || most <= 0)
                return false;
        *ret_used = used;
        *ret_most = most;
        return true;
}

static void
fix_limit(struct finding *x, const struct limit *l, int64_t most)
{
        bool of_up = strcmp(l->name, "connections") == 0 || strcmp(l->name, "half_open") == 0 ||
                     strcmp(l->name, "reassemblies") == 0; /* what --connections says */

        finding_fix(x, l->kind, _(l->fix), *l->ls ? word_ls(x->all, "%s", l->ls) : "", "", "");
        finding_fix(
                x, FIX_CAPACITY,
                of_up ? findings_say(x->all,
                                     _("Make the stack larger: la_config.%s, with 'lastack up' --connections %lld."),
                                     l->name, (long long)most * 2)
                      : findings_say(x->all, _("Make the stack larger: la_config.%s."), l->name),
                "",
                findings_say(x->all, _("%lld instead of %lld; memory that is not used is not touched."),
                             (long long)most * 2, (long long)most),
                _("No tunable does it: the stack has to be made anew, and its connections end."));
}

/* Which queue it is that is so full; false where the stack has but one. */
static bool
fullest_queue(const struct evidence *e, const char *name, int64_t *ret_queue)
{
        char fact[AMOUNT_NAME_SIZE];

        snprintf(fact, sizeof(fact), FACT_STACK_FULLEST "%s", name);
        return evidence_fact_is(e, fact, ret_queue);
}

static const char *
limit_summary(struct findings *f, const struct limit *l, int64_t used, int64_t most, const int64_t *queue)
{
        if (queue)
                return findings_say(f,
                                    used >= most ? _("Queue %lld of the stack holds %lld %s, all that it was made for")
                                                 : _("Queue %lld of the stack holds %lld %s of the %lld that it was "
                                                     "made for"),
                                    (long long)*queue, (long long)used, _(l->what), (long long)most);
        return findings_say(f,
                            used >= most ? _("The stack holds %lld %s, all that it was made for")
                                         : _("The stack holds %lld %s of the %lld that it was made for"),
                            (long long)used, _(l->what), (long long)most);
}

static void
find_limit(const struct evidence *e, struct findings *f, const struct limit *l, int64_t used, int64_t most)
{
        const struct survey *s = &e->now.survey;
        int64_t queue;
        bool several = fullest_queue(e, l->name, &queue);
        struct finding *x = findings_add(f, "stack-capacity", used >= most ? l->full : l->near, "%s",
                                         limit_summary(f, l, used, most, several ? &queue : NULL));

        finding_text(x, "limit_of", l->name);
        if (several)
                finding_number(x, "queue", queue);
        finding_number(x, "used", used);
        finding_number(x, "most", most);
        finding_real(x, "share", (double)used / (double)most);
        if (strcmp(l->name, "connections") == 0) {
                finding_number(x, "established", (int64_t)s->in_state[LA_ESTABLISHED]);
                finding_number(x, "close_wait", (int64_t)s->in_state[LA_CLOSE_WAIT]);
        }
        x->why = _(l->why);
        fix_limit(x, l, most);
}

void
rule_stack_capacity(const struct evidence *e, struct findings *f)
{
        int64_t used = 0, most = 0;
        size_t known = 0;

        for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
                if (stack_room(e, limits[i].name, &used, &most)) {
                        known++;
                        if (used * 100 >= most * NEAR_PERCENT)
                                find_limit(e, f, &limits[i], used, most);
                }
        if (known < sizeof(limits) / sizeof(limits[0]))
                findings_untold(f, "stack-capacity", known == 0,
                                _("how full the stack is, or some part of it: this source does not tell"));
        findings_untold(f, "stack-capacity", false,
                        _("what the host drops before it reaches the stack, and what its program runs out of elsewhere "
                          "(descriptors, memory): that is Linux's ('lastack doctor' without --stack)"));
}
