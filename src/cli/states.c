/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * states.c - how many sockets are in each state.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/origin.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/words.h"

#define LONGEST_WAIT_S 86400.0

struct tally {
        uint64_t in_state[LA_STATE_COUNT];
        uint64_t total;
};

struct states {
        struct options options;
        double every_s; /* 0: once */
        struct terminal terminal;
        const struct netns_list *namespaces;
        struct tally all, before;
        struct tally *by_netns; /* one for each of the namespaces */
        bool repeated;          /* `before` holds the counts of the round before this one */
};

static const struct argp_option option_list[] = {
        { "watch", 'w', N_("SECONDS"), 0, N_("Count again every so many seconds, until Ctrl-C"), 0 },
        { 0 },
};

static double
seconds(struct argp_state *state, const char *text)
{
        char *end;

        errno = 0;
        double s = strtod(text, &end);
        if (end == text || *end != '\0' || errno != 0 || !(s >= 0.1 && s <= LONGEST_WAIT_S))
                argp_error(state, _("-w takes seconds, from 0.1 to 86400, not '%s'"), text);
        return s;
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
        struct states *s = state->input;

        switch (key) {
        case ARGP_KEY_INIT:
                state->child_inputs[0] = &s->options;
                return 0;
        case 'w':
                s->every_s = seconds(state, arg);
                return 0;
        case ARGP_KEY_ARG:
                words_add(&s->options.filter_text, arg);
                return 0;
        default:
                return ARGP_ERR_UNKNOWN;
        }
}

static const struct argp_child children[] = { { .argp = &options_argp }, { 0 } };
static const struct argp states_argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = N_("[FILTER]"),
        .doc = N_("Counts the TCP sockets in each of the eleven states, zeros too.\v"
                  "FILTER chooses sockets as ss does: lastack states dst 10.0.0.0/8 and dport = :443"),
        .children = children,
};

/* The place of a snapshot's namespace; sockets of one namespace come together, so the last one is tried first. */
static size_t
netns_index(const struct netns_list *list, uint32_t inode)
{
        static size_t last;

        if (last < list->count && list->netns[last].inode == inode)
                return last;
        for (last = 0; last + 1 < list->count && list->netns[last].inode != inode; last++)
                ;
        return last;
}

static void
forget(struct states *s)
{
        s->all = (struct tally){ 0 };
        memset(s->by_netns, 0, s->namespaces->count * sizeof(*s->by_netns));
}

static int
count_all(struct states *s, struct collect *c)
{
        for (size_t i = 0; i < s->namespaces->count; i++) {
                struct tally *netns = &s->by_netns[i];
                int r = collect_count(c, i, netns->in_state);
                if (r < 0)
                        return r;
                for (size_t state = 0; state < LA_STATE_COUNT; state++) {
                        netns->total += netns->in_state[state];
                        s->all.in_state[state] += netns->in_state[state];
                }
                s->all.total += netns->total;
        }
        return 0;
}

static int
count(struct states *s, struct collect *c)
{
        struct la_snapshot snapshot;
        int r;

        forget(s);
        if (collect_takes_all(&s->options.request))
                return count_all(s, c);
        while ((r = collect_next(c, &snapshot)) != DUMP_END) {
                if (r < 0)
                        return r;
                if (r == DUMP_RESTARTED) {
                        forget(s);
                        continue;
                }
                struct tally *netns = &s->by_netns[netns_index(s->namespaces, snapshot.netns)];
                netns->in_state[snapshot.state]++;
                netns->total++;
                s->all.in_state[snapshot.state]++;
                s->all.total++;
        }
        return 0;
}

static void
show_json(const struct states *s, const struct collect_report *report)
{
        json_t *object = json_object();

        json_add_report(object, report);
        json_object_set_new(object, "states", json_states(s->all.in_state));
        json_set_number(object, "total", s->all.total);
        if (s->options.request.netns && strcmp(s->options.request.netns, "all") == 0) {
                json_t *array = json_array();
                for (size_t i = 0; i < s->namespaces->count; i++) {
                        json_t *netns = json_object();
                        json_set_number(netns, "netns", s->namespaces->netns[i].inode);
                        json_set_text(netns, "name", s->namespaces->netns[i].name);
                        json_object_set_new(netns, "states", json_states(s->by_netns[i].in_state));
                        json_set_number(netns, "total", s->by_netns[i].total);
                        json_array_append_new(array, netns);
                }
                json_object_set_new(object, "namespaces", array);
        }
        json_write(object, stdout);
}

static void
count_cell(struct table *t, uint64_t n)
{
        table_cell_end(t, text_number(table_cell(t, TEXT_ROOM), n));
}

static void
change_cell(struct table *t, uint64_t before, uint64_t now)
{
        char *p = table_cell(t, TEXT_ROOM);

        if (before != now)
                *p++ = now > before ? '+' : '-';
        table_cell_end(t, before == now ? p : text_number(p, now > before ? now - before : before - now));
}

static void
show_counts(const struct states *s)
{
        static const struct table_column columns[] = { { N_("STATE"), TABLE_LEFT },
                                                       { N_("COUNT"), TABLE_RIGHT },
                                                       { N_("CHANGE"), TABLE_RIGHT } };
        struct table t;
        size_t used = s->repeated ? 3 : 2;

        table_init(&t, &s->terminal, columns, used);
        for (unsigned int i = 0; i <= LA_STATE_COUNT; i++) {
                bool total = i == LA_STATE_COUNT;
                uint64_t now = total ? s->all.total : s->all.in_state[i];
                table_text(&t, total ? _("total") : la_state_name((enum la_state)i));
                count_cell(&t, now);
                if (s->repeated)
                        change_cell(&t, total ? s->before.total : s->before.in_state[i], now);
                table_row_end(&t, NULL, 0);
        }
        table_put(&t);
        table_fini(&t);
}

/* "ESTABLISHED 12  LISTEN 3": the states that a namespace has sockets in. */
static void
states_cell(struct table *t, const struct tally *tally)
{
        char *p = table_cell(t, LA_STATE_COUNT * 40);
        bool first = true;

        for (unsigned int i = 0; i < LA_STATE_COUNT; i++) {
                if (tally->in_state[i] == 0)
                        continue;
                p = text_string(text_string(p, first ? "" : "  "), la_state_name((enum la_state)i));
                *p++ = ' ';
                p = text_number(p, tally->in_state[i]);
                first = false;
        }
        table_cell_end(t, p);
}

static void
show_namespaces(const struct states *s)
{
        static const struct table_column columns[] = { { N_("NETNS"), TABLE_RIGHT },
                                                       { N_("NAME"), TABLE_LEFT },
                                                       { N_("TOTAL"), TABLE_RIGHT },
                                                       { N_("STATES"), TABLE_LEFT } };
        struct table t;

        putchar('\n');
        table_init(&t, &s->terminal, columns, 4);
        for (size_t i = 0; i < s->namespaces->count; i++) {
                count_cell(&t, s->namespaces->netns[i].inode);
                table_cell_end(&t, text_foreign(table_cell(&t, NETNS_NAME_SIZE), s->namespaces->netns[i].name));
                count_cell(&t, s->by_netns[i].total);
                states_cell(&t, &s->by_netns[i]);
                table_row_end(&t, NULL, 0);
        }
        table_put(&t);
        table_fini(&t);
}

static void
show(const struct states *s, const struct collect_report *report)
{
        if (s->options.json) {
                show_json(s, report);
                return;
        }
        if (s->repeated && s->terminal.interactive)
                fputs("\033[H\033[J", stdout);
        if (s->every_s > 0) {
                char now[64];
                time_t t = time(NULL);
                strftime(now, sizeof(now), "%F %T", localtime(&t));
                printf("%s%s\n", s->repeated && !s->terminal.interactive ? "\n" : "", now);
        }
        show_counts(s);
        if (s->namespaces->count > 1)
                show_namespaces(s);
        fflush(stdout);
        origin_remark(report, stderr);
}

/* Sleeps; a signal that does not end us does not shorten it. */
static void
wait_seconds(double s)
{
        struct timespec left = { .tv_sec = (time_t)s, .tv_nsec = (long)((s - floor(s)) * 1e9) };

        while (nanosleep(&left, &left) != 0 && errno == EINTR)
                ;
}

static int
count_and_show(struct states *s, struct collect *c)
{
        for (;;) {
                int r = count(s, c);
                if (r < 0)
                        return r;
                struct collect_report report = collect_report(c);
                show(s, &report);
                if (s->every_s <= 0 || fflush(stdout) != 0)
                        return 0;
                s->before = s->all;
                s->repeated = true;
                wait_seconds(s->every_s);
                if ((r = collect_again(c)) < 0)
                        return r;
        }
}

int
command_states(int argc, char **argv)
{
        struct states s = { .options.request.states = DUMP_ALL_STATES };
        struct collect *c;
        int r;

        argp_parse(&states_argp, argc, argv, 0, NULL, &s);
        options_filter(&s.options);
        s.terminal = terminal_of(stdout);
        r = collect_open(&s.options.request, &c);
        if (r < 0)
                return origin_complain(&s.options.request, r);
        s.namespaces = collect_namespaces(c);
        s.by_netns = calloc(s.namespaces->count, sizeof(*s.by_netns));
        r = s.by_netns ? count_and_show(&s, c) : -ENOMEM;
        free(s.by_netns);
        collect_close(c);
        if (r < 0)
                r = origin_complain(&s.options.request, r);
        options_fini(&s.options);
        return r;
}
