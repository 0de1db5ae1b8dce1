/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explain.c - what a state, a transition or a knob means: finds the topics, and says what is wrong with those that are
 * none.
 */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/explain.h"
#include "cli/gettext.h"
#include "cli/nearest.h"
#include "cli/options.h"
#include "cli/say_error.h"
#include "cli/stack.h"
#include "cli/tuple.h"
#include "cli/words.h"
#include "linux/sysctl.h"

enum {
        OPTION_LIST_TOPICS = 0x100,
        OPTION_NETNS,
        OPTION_STACK,
        OPTION_ARROW = '>', /* "->" in a word of its own looks like an option */
};

struct request {
        char *text;                   /* all words, with blanks between them */
        struct collect_request where; /* stack, netns: where a connection, or a tunable's value, is looked for */
        bool json;
        bool list_topics;
};

static const struct argp_option option_list[] = {
        { "json", 'j', NULL, 0, N_("JSON, for machines"), 0 },
        { "list-topics", OPTION_LIST_TOPICS, NULL, 0, N_("Everything that can be asked for, one topic a line"), 0 },
        { "netns", OPTION_NETNS, N_("NAME|PID"), 0, N_("Look for the connection in another network namespace"), 0 },
        { "stack", OPTION_STACK, N_("NAME"), 0, N_("Of a running stack of lastack instead of Linux"), 0 },
        { ">", OPTION_ARROW, "STATE", OPTION_ARG_OPTIONAL | OPTION_HIDDEN, NULL, 0 },
        { 0 },
};

static error_t
parse(int key, char *arg, struct argp_state *state)
{
        struct request *r = state->input;

        switch (key) {
        case 'j':
                r->json = true;
                return 0;
        case OPTION_LIST_TOPICS:
                r->list_topics = true;
                return 0;
        case OPTION_NETNS:
                r->where.netns = options_one_netns(state, arg);
                return 0;
        case OPTION_STACK:
                r->where.stack = arg;
                return 0;
        case ARGP_KEY_END:
                options_check(state, &r->where);
                return 0;
        case OPTION_ARROW:
                words_add(&r->text, "->");
                if (arg)
                        words_add(&r->text, arg);
                return 0;
        case ARGP_KEY_ARG:
                words_add(&r->text, arg);
                return 0;
        default:
                return ARGP_ERR_UNKNOWN;
        }
}

static const struct argp explain_argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = N_("[TOPIC...]\nLOCAL REMOTE"),
        .doc = N_("Explains TCP: what a state, a transition or a tunable means, who must act, and what helps; or one "
                  "connection: why it is in its state, since when, who must act, and what ends it. Without a TOPIC it "
                  "draws the diagram of the states.\v"
                  "A TOPIC is\n"
                  "  a state, in any spelling:  TIME_WAIT  time-wait  SYN_RCVD  FIN_WAIT2\n"
                  "  a transition:              \"FIN_WAIT_1 -> CLOSING\"  fin-wait-1 to closing\n"
                  "                             or its id, ESTABLISHED_RCV_FIN\n"
                  "  a tunable:                 tcp_tw_reuse  net.ipv4.tcp_fin_timeout\n"
                  "  or a list of them all:     states  transitions  knobs\n"
                  "A connection is named by its ends, as lastack ls -n shows them, or by one that is its alone:\n"
                  "  10.0.0.5:80 10.0.0.9:40312    [::1]:80 [::1]:50000    :40312\n"
                  "An arrow needs quotes, for the shell takes > for itself."),
};

/* ---- Words that are no topics ---- */

static void
say_nearest(const struct topic_error *error)
{
        const char *names[NEAREST_MAX];
        size_t count = nearest_names(error->word, error->state_expected, names);

        if (count == 0) {
                fputs(error->state_expected
                              ? _("The states are listed by: lastack explain states\n")
                              : _("What there is: lastack explain states, lastack explain transitions, lastack explain "
                                  "knobs\n"),
                      stderr);
                return;
        }
        fputs(_("Nearest:"), stderr);
        for (size_t i = 0; i < count; i++)
                fprintf(stderr, "%s %s", i > 0 ? "," : "", names[i]);
        putc('\n', stderr);
}

static int
refuse(const struct topic_error *error)
{
        if (error->word[0] == '\0') {
                say_error(_("an arrow stands between two states, as in \"FIN_WAIT_1 -> CLOSING\"\n"));
                return EXIT_USAGE;
        }
        say_error(error->state_expected ? _("'%s' is not a state of TCP\n")
                                        : _("'%s' is neither a state, nor a transition, nor a tunable\n"),
                  error->word);
        say_nearest(error);
        return EXIT_USAGE;
}

/* ---- All topics ---- */

static bool
is_first_between(const struct la_transition_info *t)
{
        for (unsigned int i = 0; i < (unsigned int)t->transition; i++) {
                const struct la_transition_info *other = la_transition_info((enum la_transition)i);

                if (other->from == t->from && other->to == t->to)
                        return false;
        }
        return true;
}

static void
list_topics(void)
{
        for (size_t i = 0; i < TOPIC_LISTS; i++)
                puts(topic_lists[i].name);
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++)
                puts(la_state_name((enum la_state)i));
        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++)
                puts(la_knob_info((enum la_knob)i)->leaf);
        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++) {
                const struct la_transition_info *t = la_transition_info((enum la_transition)i);

                if (is_first_between(t))
                        printf("%s -> %s\n", la_state_name(t->from), la_state_name(t->to));
        }
        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++)
                puts(la_transition_info((enum la_transition)i)->id);
}

static struct control_client *stack; /* whose tunables are told; NULL: Linux's */

static int
knob_text(const struct la_knob_info *knob, char **ret_text)
{
        return stack ? stack_knob_text(stack, knob->name, ret_text) : sysctl_read_text(0, knob, ret_text);
}

static int
answer(const struct request *r)
{
        struct topic *topics;
        struct topic_error error;
        struct explain e = { .terminal = terminal_of(stdout), .knob_text = knob_text };
        int status = topics_parse(r->text ? r->text : "", &topics, &e.topic_count, &error);

        if (status == -EINVAL)
                return refuse(&error);
        if (status < 0) {
                say_error("%s\n", strerror(-status));
                return EXIT_NOT_TOLD;
        }
        e.topics = topics;
        if (r->json)
                explain_json(&e);
        else
                explain_text(&e);
        free(topics);
        return EXIT_OK;
}

static int
answer_of_stack(const struct request *r)
{
        int status = stack_connect(r->where.stack, &stack);

        if (status < 0)
                return stack_complain(r->where.stack, status);
        status = answer(r);
        control_close(stack);
        stack = NULL;
        return status;
}

int
command_explain(int argc, char **argv)
{
        struct request r = { 0 };
        int status = EXIT_OK;

        argp_parse(&explain_argp, argc, argv, ARGP_IN_ORDER, NULL, &r);
        if (r.list_topics)
                list_topics();
        else if (r.text && tuple_is_meant(r.text))
                status = connection_explain(r.text, &r.where, r.json);
        else if (r.where.stack)
                status = answer_of_stack(&r);
        else
                status = answer(&r);
        free(r.text);
        return status;
}
