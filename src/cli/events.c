/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * events.c - what happens in a running stack, a line each: changes of state, and segments that were refused.
 */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/stack.h"
#include "cli/terminal.h"
#include "cli/text.h"
#include "cli/words.h"

enum {
        OPTION_TRANSITIONS = 0x200,
        OPTION_VERDICTS,
};

struct events {
        struct options options;
        struct text_style style;
        uint32_t what; /* bits of enum control_what; 0: all */
        bool states_named;
        struct control_client *client;
        int64_t to_real_us; /* from the stack's time to that since 1970 */
        struct terminal terminal;
        uint64_t transitions, verdicts, lost;
};

static const struct argp_option option_list[] = {
        { "transitions", OPTION_TRANSITIONS, NULL, 0, N_("Only changes of state"), 0 },
        { "verdicts", OPTION_VERDICTS, NULL, 0, N_("Only segments that were refused, and why"), 0 },
        { "numeric", 'n', NULL, 0, N_("Ports as numbers, not as names of services"), 0 },
        { 0 },
};

static error_t
parse(int key, char *arg, struct argp_state *state)
{
        struct events *e = state->input;

        switch (key) {
        case ARGP_KEY_INIT:
                state->child_inputs[0] = &e->options;
                return 0;
        case OPTION_TRANSITIONS:
                e->what |= CONTROL_TRANSITIONS;
                return 0;
        case OPTION_VERDICTS:
                e->what |= CONTROL_VERDICTS;
                return 0;
        case 'n':
                e->style.numeric = true;
                return 0;
        case ARGP_KEY_ARG:
                words_add(&e->options.filter_text, arg);
                return 0;
        case ARGP_KEY_END:
                if (!e->options.request.stack)
                        argp_error(state, _("whose? Linux does not tell its events: --stack NAME, out of those that "
                                            "'lastack stacks' lists"));
                return 0;
        default:
                return ARGP_ERR_UNKNOWN;
        }
}

static const struct argp_child children[] = { { .argp = &options_argp }, { 0 } };
static const struct argp events_argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = N_("[FILTER]"),
        .doc = N_("Tells what happens in a running stack as it happens, until Ctrl-C: changes of state with the rule "
                  "that makes them, and segments that are refused with the reason.\v"
                  "FILTER chooses connections as in lastack ls: dport = :443, dst 10.0.0.0/8. A state that it names is "
                  "one that is left or entered; a refused segment has none, and is then left out."),
        .children = children,
};

/* ---- Which are shown ---- */

/* What an event tells of its connection, as far as it goes. */
static struct la_snapshot
snapshot_of(const struct la_trace *t, enum la_state state)
{
        return (struct la_snapshot){
                .state = state,
                .family = t->family ? t->family : LA_IPV4,
                .local = t->local,
                .remote = t->remote,
        };
}

static bool
takes(const struct events *e, const struct la_trace *t, enum la_state state)
{
        struct la_snapshot s = snapshot_of(t, state);

        return !e->options.request.filter || filter_takes(e->options.request.filter, &s);
}

static bool
is_shown(const struct events *e, const struct la_trace *t)
{
        const struct collect_request *r = &e->options.request;
        const struct la_transition_info *row = la_transition_info(t->transition);

        if ((r->ipv4 || r->ipv6) && !(t->family == LA_IPV6 ? r->ipv6 : r->ipv4))
                return false;
        if (t->kind == LA_TRACE_TRANSITION)
                return takes(e, t, row->from) || takes(e, t, row->to);
        return !e->states_named && takes(e, t, LA_ESTABLISHED);
}

/* ---- Lines ---- */

static char *
put_time(char *p, const struct events *e, tcp_time at)
{
        uint64_t us = (uint64_t)((int64_t)at + e->to_real_us);
        time_t seconds = (time_t)(us / 1000000);

        p += strftime(p, 32, "%H:%M:%S", localtime(&seconds));
        return p + sprintf(p, ".%06u", (unsigned int)(us % 1000000));
}

static char *
put_ends(char *p, const struct events *e, const struct la_trace *t)
{
        struct la_snapshot s = snapshot_of(t, LA_ESTABLISHED);

        if (!t->family)
                return text_string(p, "-"); /* a packet that never got as far as to have ends */
        p = text_local(p, &s, &e->style);
        *p++ = ' ';
        return text_remote(p, &s, &e->style);
}

/* Where a rule stands: RFC 9293's sections have no name before them. */
static char *
put_section(char *p, const char *section)
{
        bool bare = *section >= '0' && *section <= '9';

        return text_string(text_string(p, bare ? "RFC 9293 " : ""), section);
}

static const char *
answer_name(enum la_answer answer)
{
        switch (answer) {
        case LA_ANSWER_NONE:
                return "";
        case LA_ANSWER_ACK:
                return "ACK";
        case LA_ANSWER_CHALLENGE:
                return "challenge ACK";
        case LA_ANSWER_RESET:
                return "RST";
        }
        return "";
}

static char *
put_transition(char *p, const struct events *e, const struct la_transition_info *row)
{
        p = text_string(p, la_state_name(row->from));
        p = text_string(p, e->terminal.utf8 ? " → " : " -> ");
        p = text_string(p, la_state_name(row->to));
        p = text_string(text_string(text_string(p, "  "), row->trigger), " (");
        return text_string(put_section(p, row->section), ")");
}

static char *
put_verdict(char *p, const struct events *e, const struct la_verdict_info *v)
{
        p = text_string(p, terminal_begin(&e->terminal, COLOUR_WARNING));
        p = text_string(p, v->id);
        p = text_string(p, terminal_end(&e->terminal));
        p = text_string(text_string(text_string(p, "  "), _(v->sentence)), " (");
        p = text_string(put_section(p, v->section), ")");
        if (v->answer == LA_ANSWER_NONE)
                return p;
        return text_string(text_string(p, _(" Answered: ")), answer_name(v->answer));
}

static void
put_line(const struct events *e, const struct la_trace *t)
{
        char line[4096], *p = put_time(line, e, t->at);

        p = put_ends(text_string(p, "  "), e, t);
        p = text_string(p, "  ");
        if (t->kind == LA_TRACE_TRANSITION)
                p = put_transition(p, e, la_transition_info(t->transition));
        else
                p = put_verdict(p, e, la_verdict_info(t->verdict));
        *p++ = '\n';
        fwrite(line, 1, (size_t)(p - line), stdout);
}

/* ---- The same as JSON ---- */

static void
put_end(json_t *object, const char *key, const struct la_trace *t, const struct la_endpoint *e)
{
        json_t *end = json_object();

        json_set_address(end, "address", t->family, e->address);
        json_set_number(end, "port", e->port);
        json_object_set_new(object, key, end);
}

static void
add_transition(json_t *object, const struct la_transition_info *row)
{
        json_set_text(object, "event", "transition");
        json_set_transition(object, row);
}

static void
add_verdict(json_t *object, const struct la_verdict_info *v)
{
        json_set_text(object, "event", "verdict");
        json_set_text(object, "id", v->id);
        json_set_text(object, "section", v->section);
        json_set_text(object, "sentence", v->sentence);
        if (v->answer != LA_ANSWER_NONE)
                json_set_text(object, "answer", answer_name(v->answer));
}

static void
put_json(const struct events *e, const struct la_trace *t)
{
        json_t *object = json_object();

        json_set_number(object, "time_us", (uint64_t)((int64_t)t->at + e->to_real_us));
        if (control_queues(e->client) > 1)
                json_set_text(object, "queue", control_queue(e->client, control_from(e->client)).name);
        if (t->family) {
                put_end(object, "local", t, &t->local);
                put_end(object, "remote", t, &t->remote);
        }
        if (t->kind == LA_TRACE_TRANSITION)
                add_transition(object, la_transition_info(t->transition));
        else
                add_verdict(object, la_verdict_info(t->verdict));
        if (t->arrival)
                json_set_number(object, "packet", t->arrival);
        json_write_line(object, stdout);
}

/* ---- What was missed, and the end ---- */

static void
tell_lost(struct events *e, uint64_t lost)
{
        uint64_t more = lost - e->lost;

        e->lost = lost;
        if (more == 0)
                return;
        if (e->options.json) {
                json_t *object = json_object();
                json_set_text(object, "event", "lost");
                json_set_number(object, "count", more);
                json_write_line(object, stdout);
        } else {
                printf(ngettext("(%llu event lost: more happened than could be told)\n",
                                "(%llu events lost: more happened than could be told)\n", more),
                       (unsigned long long)more);
        }
}

static void
summary(const struct events *e)
{
        char transitions[TEXT_ROOM], verdicts[TEXT_ROOM], lost[TEXT_ROOM];

        *text_grouped(transitions, e->transitions) = '\0';
        *text_grouped(verdicts, e->verdicts) = '\0';
        *text_grouped(lost, e->lost) = '\0';
        fprintf(stderr, _("changes of state: %s; segments refused: %s; lost: %s\n"), transitions, verdicts, lost);
}

/* ---- All of it ---- */

static volatile sig_atomic_t interrupted;

static void
interrupt(int signal)
{
        (void)signal;
        interrupted = 1;
}

/* The signals come only while we wait, so none is missed.  Returns the mask to wait with. */
static sigset_t
catch_signals(void)
{
        struct sigaction action = { .sa_handler = interrupt };
        sigset_t ours, before;

        sigemptyset(&ours);
        sigaddset(&ours, SIGINT);
        sigaddset(&ours, SIGTERM);
        sigprocmask(SIG_BLOCK, &ours, &before);
        sigaction(SIGINT, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
        signal(SIGPIPE, SIG_IGN); /* main() says what a reader that went away means */
        return before;
}

static void
show(struct events *e, const struct la_trace *t)
{
        if (!is_shown(e, t))
                return;
        *(t->kind == LA_TRACE_TRANSITION ? &e->transitions : &e->verdicts) += 1;
        if (e->options.json)
                put_json(e, t);
        else
                put_line(e, t);
}

/* Until we are told to end, or nobody reads, or the stack has ended. */
static int
tell(struct events *e)
{
        sigset_t unblocked = catch_signals();
        struct la_trace t;
        uint64_t lost = 0;
        int r = control_events(e->client, e->what ? e->what : CONTROL_TRANSITIONS | CONTROL_VERDICTS);

        while (r >= 0 && !interrupted) {
                if (!control_events_at_hand(e->client) && (fflush(stdout) != 0 || ferror(stdout)))
                        return 0;
                r = control_events_next(e->client, &unblocked, STDOUT_FILENO, &t, &lost);
                if (r > 0) {
                        tell_lost(e, lost);
                        show(e, &t);
                }
        }
        return r == -EINTR || r == -EPIPE ? 0 : r;
}

int
command_events(int argc, char **argv)
{
        struct events e = { .terminal = terminal_of(stdout) };
        const char *stack;
        int r;

        argp_parse(&events_argp, argc, argv, 0, NULL, &e);
        stack = e.options.request.stack;
        options_filter(&e.options);
        if (e.options.request.filter)
                filter_states(e.options.request.filter, &e.states_named);
        r = stack_connect(stack, &e.client);
        if (r == 0) {
                const struct control_hello *h = control_hello_of(e.client);
                e.to_real_us = (int64_t)(h->real_us - h->now_us);
                r = tell(&e);
                fflush(stdout);
                if (r == 0 || r == -ECONNRESET)
                        summary(&e);
                control_close(e.client);
        }
        options_fini(&e.options);
        return r < 0 ? stack_complain(stack, r) : EXIT_OK;
}
