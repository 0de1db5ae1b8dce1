/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ls.c - the sockets themselves, a row each.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/details.h"
#include "cli/gettext.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/origin.h"
#include "cli/sort.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/words.h"

/* A socket that very many processes hold has its row ended with a count of the rest. */
#define OWNERS_ROOM 4096

struct ls {
        struct options options;
        struct text_style style;
        bool owners, timers, extended, memory, tcp, no_heading, one_line, listening, show_netns;
        struct sort_order order;
        struct table table;
        struct sorted_rows documents; /* the rows as JSON */
};

enum {
        OPTION_SORT = 0x200,
};

static const struct argp_option option_list[] = {
        { "processes", 'p', NULL, 0, N_("Who holds each socket: name, process id, descriptor"), 0 },
        { "options", 'o', NULL, 0, N_("The timer that runs: kind, time left, retransmissions"), 0 },
        { "info", 'i', NULL, 0, N_("TCP details: RTT, congestion window, bytes, losses"), 0 },
        { "extended", 'e', NULL, 0, N_("User, inode, cookie, and how long in this state where that is known"), 0 },
        { "memory", 'm', NULL, 0, N_("Memory in use, and a listener's drops"), 0 },
        { "sort", OPTION_SORT, N_("KEY[,KEY]"), 0,
          N_("Order by these, '-' before a key for largest first: --sort -recvq,local"), 0 },
        { "listening", 'l', NULL, 0, N_("Only listeners"), 0 },
        { "all", 'a', NULL, 0, N_("Sockets in all states: the default"), 0 },
        { "tcp", 't', NULL, 0, N_("TCP sockets: the default, for hands used to ss"), 0 },
        { "numeric", 'n', NULL, 0, N_("Ports as numbers, not as names of services"), 0 },
        { "resolve", 'r', NULL, 0, N_("Addresses as names of hosts, where they have one"), 0 },
        { "no-header", 'H', NULL, 0, N_("No line of headings"), 0 },
        { "oneline", 'O', NULL, 0, N_("One line a socket, however narrow the terminal"), 0 },
        { 0 },
};

static void
parse_sort(struct ls *ls, const char *text, struct argp_state *state)
{
        const char *wrong;
        size_t length;

        if (!sort_parse(text, &ls->order, &wrong, &length))
                argp_error(state, _("--sort cannot order by '%.*s'; it can by up to %d of: %s"), (int)length, wrong,
                           SORT_KEYS_MAX, sort_fields());
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
        struct ls *ls = state->input;
        const struct flag {
                int key;
                bool *set;
        } flags[] = {
                { 'p', &ls->owners },        { 'o', &ls->timers },        { 'i', &ls->tcp },
                { 'e', &ls->extended },      { 'm', &ls->memory },        { 'l', &ls->listening },
                { 'n', &ls->style.numeric }, { 'r', &ls->style.resolve }, { 'H', &ls->no_heading },
                { 'O', &ls->one_line },
        };

        for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
                if (flags[i].key == key) {
                        *flags[i].set = true;
                        return 0;
                }
        switch (key) {
        case ARGP_KEY_INIT:
                state->child_inputs[0] = &ls->options;
                return 0;
        case OPTION_SORT:
                parse_sort(ls, arg, state);
                return 0;
        case 'a':
        case 't':
                return 0;
        case ARGP_KEY_ARG:
                words_add(&ls->options.filter_text, arg);
                return 0;
        default:
                return ARGP_ERR_UNKNOWN;
        }
}

static const struct argp_child children[] = { { .argp = &options_argp }, { 0 } };
static const struct argp ls_argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = N_("[FILTER]"),
        .doc = N_("Lists TCP sockets, those in all states unless FILTER names some.\v"
                  "FILTER is ss's: state time-wait dst 10.0.0.0/8 and '( dport = :443 or sport gt :1024 )', and also "
                  "pid, comm, uid, ino, age and netns: comm = nginx and age gt 5m.  lastack-ls(1) has it all."),
        .children = children,
};

/* What the options, the order and JSON need from the source. */
static void
ask(struct ls *ls)
{
        struct collect_request *r = &ls->options.request;
        uint32_t needs = sort_needs(&ls->order);

        r->states = ls->listening ? 1u << LA_LISTEN : DUMP_ALL_STATES;
        r->owners = ls->owners || (needs & LA_KNOWN_OWNERS);
        if (ls->tcp || ls->extended || (needs & LA_KNOWN_TCP))
                r->want |= DUMP_WANT_TCP;
        if (ls->memory || (needs & LA_KNOWN_MEMORY))
                r->want |= DUMP_WANT_MEMORY;
        if (ls->extended)
                r->want |= DUMP_WANT_CGROUP | DUMP_WANT_MARK;
        ls->style.foreign_netns = r->netns != NULL;
        ls->show_netns = r->netns && strcmp(r->netns, "all") == 0;
}

static void
number_cell(struct table *t, bool known, uint64_t n)
{
        char *p = table_cell(t, TEXT_ROOM);

        table_cell_end(t, known ? text_number(p, n) : p);
}

static void
row_cells(struct ls *ls, const struct la_snapshot *s)
{
        struct table *t = &ls->table;
        bool queues = s->known & LA_KNOWN_QUEUES;

        table_text(t, la_state_name(s->state));
        number_cell(t, queues, s->receive_queue);
        number_cell(t, queues && (s->state != LA_LISTEN || (s->known & LA_KNOWN_QUEUE_LIMIT)), s->send_queue);
        table_cell_end(t, text_local(table_cell(t, TEXT_ROOM), s, &ls->style));
        table_cell_end(t, text_remote(table_cell(t, TEXT_ROOM), s, &ls->style));
        if (ls->show_netns)
                number_cell(t, true, s->netns);
        if (ls->owners)
                table_cell_end(t, text_owners(table_cell(t, OWNERS_ROOM), OWNERS_ROOM, s));
        if (ls->timers)
                table_cell_end(t, details_timer(table_cell(t, DETAILS_ROOM), s));
        if (ls->extended)
                table_cell_end(t, details_extended(table_cell(t, DETAILS_ROOM), s));
        if (ls->memory)
                table_cell_end(t, details_memory(table_cell(t, DETAILS_ROOM), s));
        if (ls->tcp)
                table_cell_end(t, details_tcp(table_cell(t, DETAILS_ROOM), s));
}

static void
begin_table(struct ls *ls)
{
        static struct table_column columns[TABLE_COLUMNS_MAX];
        const struct shown {
                bool shown;
                struct table_column column;
        } all[] = {
                { true, { N_("STATE"), TABLE_LEFT } },
                { true, { N_("RECV-Q"), TABLE_RIGHT } },
                { true, { N_("SEND-Q"), TABLE_RIGHT } },
                { true, { N_("LOCAL"), TABLE_LEFT } },
                { true, { N_("REMOTE"), TABLE_LEFT } },
                { ls->show_netns, { N_("NETNS"), TABLE_LEFT } },
                { ls->owners, { N_("PROCESSES"), TABLE_LEFT } },
                { ls->timers, { N_("TIMER"), TABLE_LEFT } },
                { ls->extended, { N_("SOCKET"), TABLE_LEFT } },
                { ls->memory, { N_("MEMORY"), TABLE_LEFT } },
                { ls->tcp, { "TCP", TABLE_LEFT } },
        };
        struct terminal terminal = terminal_of(stdout);
        size_t count = 0;

        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
                if (all[i].shown)
                        columns[count++] = all[i].column;
        if (ls->one_line)
                terminal.width = 0;
        table_init(&ls->table, &terminal, columns, count);
        ls->table.heading = !ls->no_heading;
}

static bool
add_document(struct ls *ls, const struct la_snapshot *s, const uint8_t *key, size_t key_length)
{
        json_t *object = json_snapshot(s);
        char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(6));
        bool added = text && sorted_rows_add(&ls->documents, key, key_length, text, strlen(text) + 1);

        free(text);
        json_decref(object);
        return added;
}

static bool
add(struct ls *ls, const struct la_snapshot *s)
{
        uint8_t key[SORT_KEY_ROOM];
        size_t key_length = sort_key(&ls->order, s, key);

        if (ls->options.json)
                return add_document(ls, s, key, key_length);
        row_cells(ls, s);
        table_row_end(&ls->table, key, key_length);
        return !ls->table.out_of_memory;
}

static int
list(struct ls *ls, struct collect *c)
{
        struct la_snapshot snapshot;
        int r;

        while ((r = collect_next(c, &snapshot)) != DUMP_END) {
                if (r < 0)
                        return r;
                if (r == DUMP_RESTARTED) {
                        table_clear(&ls->table);
                        sorted_rows_clear(&ls->documents);
                } else if (!add(ls, &snapshot)) {
                        return -ENOMEM;
                }
        }
        return 0;
}

static void
show(struct ls *ls, const struct collect_report *report)
{
        if (ls->options.json) {
                sorted_rows_sort(&ls->documents);
                for (size_t i = 0; i < ls->documents.count; i++)
                        puts(sorted_rows_text(&ls->documents, i));
        } else {
                table_put(&ls->table);
        }
        fflush(stdout);
        origin_remark(report, stderr);
}

int
command_ls(int argc, char **argv)
{
        struct ls ls = { 0 };
        struct collect *c;
        int r;

        argp_parse(&ls_argp, argc, argv, 0, NULL, &ls);
        options_filter(&ls.options);
        ask(&ls);
        r = collect_open(&ls.options.request, &c);
        if (r < 0)
                return origin_complain(&ls.options.request, r);
        begin_table(&ls);
        r = list(&ls, c);
        if (r == 0) {
                struct collect_report report = collect_report(c);
                show(&ls, &report);
        }
        collect_close(c);
        table_fini(&ls.table);
        sorted_rows_fini(&ls.documents);
        if (r < 0)
                r = origin_complain(&ls.options.request, r);
        options_fini(&ls.options);
        return r;
}
