/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * overview.c - `lastack` alone: the host's connections on one screen, and what stands out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/options.h"
#include "cli/origin.h"
#include "cli/overview.h"
#include "cli/stack.h"
#include "cli/words.h"
#include "lastack/link.h"
#include "linux/sysctl.h"

static error_t
parse(int key, char *arg, struct argp_state *state)
{
        struct options *options = state->input;

        switch (key) {
        case ARGP_KEY_INIT:
                state->child_inputs[0] = options;
                return 0;
        case ARGP_KEY_ARG:
                if (!options->filter_text && commands_have(arg))
                        argp_error(state, _("options come after the command: lastack %s ..."), arg);
                words_add(&options->filter_text, arg);
                return 0;
        case ARGP_KEY_END:
                if (options->request.netns && strcmp(options->request.netns, "all") == 0)
                        argp_error(state, _("the overview is of one namespace: name it, or use 'lastack states --netns "
                                            "all' to count in all of them"));
                return 0;
        default:
                return ARGP_ERR_UNKNOWN;
        }
}

/* argp's way to end --help with a text that is put together: a copy that it frees. */
static char *
end_of_help(int key, const char *text, void *input)
{
        char *end = NULL;
        size_t size;

        (void)input;
        if (key != ARGP_KEY_HELP_EXTRA)
                return (char *)text;
        FILE *file = open_memstream(&end, &size);
        if (!file)
                return NULL;
        commands_list(file);
        fputs(_("\nExit status: 0; 3 if it could not be found out; 64 if the command line or the filter is wrong; 74 "
                "if "
                "the answer could not be written."),
              file);
        fclose(file);
        return end;
}

static const struct argp_child children[] = { { .argp = &options_argp }, { 0 } };
static const struct argp overview_argp = {
        .parser = parse,
        .args_doc = N_("[COMMAND]"),
        .doc = N_("Shows what state every TCP connection of this host is in, and what stands out.\v"),
        .children = children,
        .help_filter = end_of_help,
};

static int
take(struct survey *survey, struct collect *c)
{
        struct la_snapshot snapshot;
        int r, incomplete = 0;

        while ((r = collect_next(c, &snapshot)) != DUMP_END) {
                if (r < 0)
                        return r;
                if (r == DUMP_RESTARTED) {
                        survey_clear(survey);
                        incomplete = 0;
                } else if (incomplete == 0) {
                        incomplete = survey_add(survey, &snapshot);
                }
        }
        return incomplete;
}

static int
read_numbers(struct control_client *stack, const char *name, int64_t *ret_numbers, size_t room)
{
        char *text;
        int r = stack_knob_text(stack, name, &text);

        if (r < 0)
                return r;
        r = sysctl_parse_numbers(text, ret_numbers, room);
        free(text);
        return r;
}

/* The same of a stack, which has its own. */
static void
read_stacks_port_range(struct survey *survey, struct control_client *stack)
{
        int64_t range[2];
        struct sysctl_ports reserved;
        char *text;

        if (read_numbers(stack, "ip_local_port_range", range, 2) != 2)
                return;
        survey->port_low = (uint16_t)range[0];
        survey->port_high = (uint16_t)range[1];
        if (stack_knob_text(stack, "ip_local_reserved_ports", &text) < 0)
                return;
        if (sysctl_parse_ports(text, &reserved) == 0)
                survey->ports_reserved = sysctl_ports_within(&reserved, survey->port_low, survey->port_high);
        free(text);
}

static int
name_queues(struct overview *o, const struct control_client *stack)
{
        o->queues = control_queues(stack);
        if (o->queues == 1)
                return 0;
        o->queue = calloc(o->queues, sizeof(*o->queue));
        for (unsigned int i = 0; o->queue && i < o->queues; i++)
                strcpy(o->queue[i], control_queue(stack, i).name);
        return o->queue ? 0 : -ENOMEM;
}

static int
ask_stack(struct overview *o, struct control_client *stack)
{
        int r;

        read_stacks_port_range(&o->survey, stack);
        o->stack_known = true;
        o->stack = *control_hello_of(stack);
        r = control_status(stack, &o->status);
        if (r < 0)
                return r;
        stack_limits(stack, o->limits);
        return name_queues(o, stack);
}

/* The range that this namespace takes local ports from, and how many of them are kept back. */
static void
read_port_range(struct survey *survey, int netns_fd)
{
        int64_t range[2];
        struct sysctl_ports reserved;

        if (sysctl_read_numbers(netns_fd, la_knob_info(LA_K_ip_local_port_range), range, 2) != 2)
                return;
        survey->port_low = (uint16_t)range[0];
        survey->port_high = (uint16_t)range[1];
        if (sysctl_read_ports(netns_fd, la_knob_info(LA_K_ip_local_reserved_ports), &reserved) == 0)
                survey->ports_reserved = sysctl_ports_within(&reserved, survey->port_low, survey->port_high);
}

int
command_overview(int argc, char **argv)
{
        static struct overview o; /* zero, and too large for a stack */
        struct options options = {
                .request = { .states = DUMP_ALL_STATES, .want = DUMP_WANT_TCP | DUMP_WANT_MEMORY, .owners = true },
        };
        struct collect *c;
        int r;

        argp_parse(&overview_argp, argc, argv, 0, NULL, &options);
        options_filter(&options);
        o.terminal = terminal_of(stdout);
        o.style = (struct text_style){ .numeric = true, .foreign_netns = options.request.netns != NULL };
        uint64_t begin = la_clock();
        r = collect_open(&options.request, &c);
        if (r < 0)
                return origin_complain(&options.request, r);
        if (collect_stack(c))
                r = ask_stack(&o, collect_stack(c));
        else
                read_port_range(&o.survey, collect_namespaces(c)->netns[0].fd);
        if (r == 0)
                r = take(&o.survey, c);
        if (r == 0) {
                o.report = collect_report(c);
                o.took_us = la_clock() - begin;
                holders_sort(&o.survey.close_wait);
                holders_sort(&o.survey.half_closed);
                if (options.json)
                        overview_json(&o);
                else
                        overview_screen(&o);
        }
        collect_close(c);
        survey_fini(&o.survey);
        free(o.queue);
        if (r < 0)
                r = origin_complain(&options.request, r);
        options_fini(&options);
        return r;
}
