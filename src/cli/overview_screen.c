/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/overview_cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/gettext.h"
#include "cli/origin.h"

#define MOST_PATHS     5
#define MOST_LISTENERS 8
#define MOST_HOLDERS   5
#define WIDTH_OF_FILE  80

/* A bar of `eighths` eighths of a column. */
static char *
bar(char *p, uint64_t eighths, bool utf8)
{
        static const char *const parts[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };

        if (!utf8) {
                for (uint64_t i = 0; i < (eighths + 7) / 8; i++)
                        *p++ = '#';
                return p;
        }
        for (uint64_t i = 0; i < eighths / 8; i++)
                p = text_string(p, "█");
        return text_string(p, parts[eighths % 8]);
}

static void
show_states(const struct overview *o)
{
        static const struct table_column columns[] = { { "", TABLE_LEFT }, { "", TABLE_RIGHT }, { "", TABLE_LEFT } };
        const struct survey *s = &o->survey;
        uint64_t width = o->terminal.width ? o->terminal.width : WIDTH_OF_FILE, most = 1;
        struct table t;

        for (unsigned int i = 0; i < LA_STATE_COUNT; i++)
                if (s->in_state[i] > most)
                        most = s->in_state[i];
        width = width > 40 ? width - 30 : width > 35 ? 10 : 0;
        table_init(&t, &o->terminal, columns, 3);
        t.heading = false;
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++) {
                uint64_t eighths = s->in_state[i] * width * 8 / most;
                if (eighths == 0 && s->in_state[i] > 0)
                        eighths = 1;
                table_text(&t, la_state_name((enum la_state)i));
                overview_number(&t, s->in_state[i]);
                table_cell_end(&t, bar(table_cell(&t, width * 3 + 8), eighths, o->terminal.utf8));
                table_row_end(&t, NULL, 0);
        }
        overview_put(&t);
}

/* "10.0.0.5 -> 10.0.0.9:443" where we connected, "10.0.0.5:80 <- 10.0.0.9" where we were connected to. */
static void
path_cell(struct table *t, const struct path *path)
{
        char *p = table_cell(t, TEXT_ROOM);
        bool client = path->role == PATH_CLIENT;
        const char *open = path->family == LA_IPV6 ? "[" : "", *close = path->family == LA_IPV6 ? "]" : "";

        p = text_string(text_address(text_string(p, open), path->family, path->local), close);
        if (!client)
                p = text_number(text_string(p, ":"), path->service);
        p = text_string(p, client ? " -> " : " <- ");
        p = text_string(text_address(text_string(p, open), path->family, path->remote), close);
        if (client)
                p = text_number(text_string(p, ":"), path->service);
        table_cell_end(t, p);
}

/* Closes a second, with a decimal where there are few. */
static void
rate_cell(struct table *t, uint32_t closed_now)
{
        char *p = table_cell(t, TEXT_ROOM);
        uint64_t tenths = (uint64_t)closed_now * 10000 / PATHS_NOW_MS;

        p = text_grouped(p, tenths / 10);
        if (tenths < 100) {
                *p++ = '.';
                p = text_number(p, tenths % 10);
        }
        table_cell_end(t, p);
}

/* The last minute, oldest first, as a line of blocks. */
static void
show_minute(const struct overview *o)
{
        static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
        const uint64_t *closes = o->survey.closes;
        char number[TEXT_ROOM], line[SURVEY_STEPS * 4 + 1], *p = line;
        uint64_t most = 1, sum = 0;

        for (unsigned int i = 0; i < SURVEY_STEPS; i++) {
                if (closes[i] > most)
                        most = closes[i];
                sum += closes[i];
        }
        for (unsigned int i = SURVEY_STEPS; i > 0; i--)
                p = text_string(p, closes[i - 1] ? blocks[closes[i - 1] * 7 / most] : "·");
        *p = '\0';
        *text_grouped(number, sum) = '\0';
        if (o->terminal.utf8)
                overview_say(o, _("%s closed by this end in the last minute: %s now"), number, line);
        else
                overview_say(o, _("%s closed by this end in the last minute"), number);
}

static void
show_closes(const struct overview *o)
{
        static const struct table_column columns[] = { { N_("CLOSES/S"), TABLE_RIGHT },
                                                       { "TIME_WAIT", TABLE_RIGHT },
                                                       { N_("PATH"), TABLE_LEFT } };
        const struct path *top[MOST_PATHS];
        size_t count = paths_top(&o->survey.paths, path_closed_now, MOST_PATHS, top);
        struct table t;

        if (o->survey.in_state[LA_TIME_WAIT] == 0)
                return;
        show_minute(o);
        if (count == 0) {
                putchar('\n');
                return;
        }
        table_init(&t, &o->terminal, columns, 3);
        for (size_t i = 0; i < count; i++) {
                rate_cell(&t, top[i]->closed_now);
                overview_number(&t, top[i]->time_wait);
                path_cell(&t, top[i]);
                table_row_end(&t, NULL, 0);
        }
        overview_put(&t);
}

static void
ports_remark(struct table *t, const struct overview *o, uint32_t percent)
{
        if (percent >= 100)
                overview_remark(t, o, COLOUR_CRITICAL, _("none left: \"Cannot assign requested address\""));
        else if (percent >= PATHS_ALARM_PERCENT)
                overview_remark(t, o, COLOUR_WARNING, _("past half: each connect() searches long"));
        else
                overview_remark(t, o, COLOUR_DIM, "");
}

/* Paths that use a noticeable share of the local ports. */
static bool
show_ports(const struct overview *o)
{
        static const struct table_column columns[] = {
                { N_("PORTS"), TABLE_RIGHT }, { N_("OF"), TABLE_RIGHT }, { "%", TABLE_RIGHT },
                { N_("PATH"), TABLE_LEFT },   { "", TABLE_LEFT },
        };
        const struct path *top[MOST_PATHS];
        uint32_t ports = survey_ports(&o->survey);
        size_t count = paths_top(&o->survey.paths, path_ephemeral, MOST_PATHS, top);
        bool alarm = false;
        struct table t;

        while (ports > 0 && count > 0 && (uint64_t)top[count - 1]->ephemeral * 100 < ports)
                count--; /* under one percent is no news */
        if (ports == 0 || count == 0)
                return false;
        table_init(&t, &o->terminal, columns, 5);
        for (size_t i = 0; i < count; i++) {
                uint32_t percent = (uint32_t)((uint64_t)top[i]->ephemeral * 100 / ports);
                overview_number(&t, top[i]->ephemeral);
                overview_number(&t, ports);
                overview_number(&t, percent);
                path_cell(&t, top[i]);
                ports_remark(&t, o, percent);
                table_row_end(&t, NULL, 0);
                alarm |= percent >= PATHS_ALARM_PERCENT;
        }
        overview_put(&t);
        return alarm;
}

static void
owner_cell(struct table *t, const struct la_owner *owner)
{
        char *p = table_cell(t, TEXT_ROOM);

        if (owner->pid != 0) {
                p = text_foreign(p, owner->comm);
                p = text_string(text_number(text_string(p, "["), (uint64_t)owner->pid), "]");
        }
        table_cell_end(t, p);
}

static void
listener_row(struct table *t, const struct overview *o, const struct listener *l)
{
        struct la_snapshot s = {
                .family = l->family,
                .local = l->local,
                .known = LA_KNOWN_V6ONLY,
                .v6only = l->v6only,
                .interface = l->interface,
        };
        bool full = listener_is_full(l);

        table_cell_end(t, text_local(table_cell(t, TEXT_ROOM), &s, &o->style));
        overview_number(t, l->queue);
        if (l->limit_known)
                overview_number(t, l->limit);
        else
                table_text(t, "?");
        if (l->drops_known)
                overview_number(t, l->drops);
        else
                table_text(t, "?");
        overview_number(t, l->half_open);
        owner_cell(t, &l->owner);
        overview_remark(t, o, full ? COLOUR_CRITICAL : COLOUR_WARNING,
                        full       ? _("full: accept() is too slow")
                        : l->drops ? _("dropped connections since it listens")
                                   : "");
        table_row_end(t, NULL, 0);
}

static bool
show_listeners(const struct overview *o)
{
        static const struct table_column columns[] = {
                { N_("LISTENER"), TABLE_LEFT },
                { N_("QUEUE"), TABLE_RIGHT },
                { N_("LIMIT"), TABLE_RIGHT },
                { N_("DROPS"), TABLE_RIGHT },
                { N_("HALF-OPEN"), TABLE_RIGHT },
                { N_("PROCESS"), TABLE_LEFT },
                { "", TABLE_LEFT },
        };
        const struct listeners *l = &o->survey.listeners;
        const struct listener **order = listeners_by_trouble(l);
        bool alarm = false;
        struct table t;

        if (!order)
                return false;
        table_init(&t, &o->terminal, columns, 7);
        for (size_t i = 0; i < l->count && i < MOST_LISTENERS; i++) {
                listener_row(&t, o, order[i]);
                alarm |= listener_is_in_trouble(order[i]);
        }
        table_put(&t);
        table_fini(&t);
        if (l->count > MOST_LISTENERS)
                overview_say(o, _("and %zu more listeners: lastack ls -l -m -p"), l->count - MOST_LISTENERS);
        putchar('\n');
        free(order);
        return alarm;
}

static void
show_holders(const struct overview *o, const struct holders *h, const char *heading, const char *filter)
{
        const struct table_column columns[] = { { heading, TABLE_RIGHT },
                                                { N_("HELD BY"), TABLE_LEFT },
                                                { N_("OLDEST"), TABLE_LEFT } };
        struct table t;

        table_init(&t, &o->terminal, columns, 3);
        for (size_t i = 0; i < h->count && i < MOST_HOLDERS; i++) {
                const struct holder *x = &h->holder[i];
                overview_number(&t, x->sockets);
                if (x->owner.pid)
                        owner_cell(&t, &x->owner);
                else
                        table_text(&t, _("no process that may be looked into"));
                char *p = table_cell(&t, TEXT_ROOM);
                if (x->age_known)
                        p = text_duration(text_string(p, _("at least ")), x->oldest_min_ms);
                table_cell_end(&t, p);
                table_row_end(&t, NULL, 0);
        }
        table_put(&t);
        table_fini(&t);
        if (h->count > MOST_HOLDERS)
                overview_say(o, _("and %zu more processes: lastack ls -p state %s"), h->count - MOST_HOLDERS, filter);
}

static bool
show_close_wait(const struct overview *o)
{
        const struct survey *s = &o->survey;
        char number[TEXT_ROOM];

        if (s->close_wait.count == 0 && s->close_wait_unaccepted == 0)
                return false;
        if (s->close_wait.count > 0)
                show_holders(o, &s->close_wait, "CLOSE_WAIT", "close-wait");
        *text_grouped(number, s->close_wait_unaccepted) = '\0';
        if (s->close_wait_unaccepted > 0)
                overview_say(o, _("CLOSE_WAIT in an accept queue: %s, which no process has accepted yet"), number);
        overview_say(o, "%s", _("The peer has closed; the application must close too. No tunable ends CLOSE_WAIT."));
        putchar('\n');
        return true;
}

static bool
show_fin_wait_2(const struct overview *o)
{
        const struct survey *s = &o->survey;
        char number[TEXT_ROOM], left[TEXT_ROOM];

        if (s->half_closed.count > 0)
                show_holders(o, &s->half_closed, "FIN_WAIT_2", "fin-wait-2");
        if (s->half_closed.count > 0)
                overview_say(o, "%s", _("Half-closed by an application that still holds them: no timer ends these."));
        if (s->fin_wait_2_orphans > 0) {
                *text_grouped(number, s->fin_wait_2_orphans) = '\0';
                *text_duration(left, s->orphans_left_ms) = '\0';
                if (s->orphans_left_ms > 0)
                        overview_say(
                                o,
                                _("FIN_WAIT_2 orphans: %s, closed by their application; tcp_fin_timeout ends them, the "
                                  "last in %s"),
                                number, left);
                else
                        overview_say(
                                o, _("FIN_WAIT_2 orphans: %s, closed by their application; tcp_fin_timeout ends them"),
                                number);
        }
        if (s->half_closed.count + s->fin_wait_2_orphans > 0)
                putchar('\n');
        return s->half_closed.count > 0;
}

/* What could not be seen is not said to be in order. */
static void
show_nothing(const struct overview *o)
{
        bool ports = survey_ports(&o->survey) > 0;

        if (!ports)
                overview_say(
                        o, "%s",
                        _("Whether a path is short of local ports is not known: net.ipv4.ip_local_port_range cannot be "
                          "read, or leaves none."));
        if (ports && (o->stack_known || o->report.dump.source == DUMP_FROM_NETLINK))
                overview_say(o, "%s",
                             _("Nothing stands out: no path is short of local ports, no accept queue is full or has "
                               "dropped connections, no process leaves sockets in CLOSE_WAIT or half-closed."));
        else
                overview_say(o, "%s", _("Nothing stands out in what could be read, but that is not all."));
        putchar('\n');
}

void
overview_screen(const struct overview *o)
{
        char number[TEXT_ROOM];
        bool stands_out = false;

        *text_grouped(number, o->survey.total) = '\0';
        printf(_("%s%s TCP sockets%s\n\n"), terminal_begin(&o->terminal, COLOUR_BOLD), number,
               terminal_end(&o->terminal));
        show_states(o);
        show_closes(o);
        stands_out |= show_ports(o);
        stands_out |= show_listeners(o);
        stands_out |= show_close_wait(o);
        stands_out |= show_fin_wait_2(o);
        if (o->stack_known) {
                stands_out |= overview_show_limits(o);
                stands_out |= overview_show_losses(o);
        }
        if (!stands_out)
                show_nothing(o);
        *text_duration(number, o->took_us / 1000) = '\0';
        if (o->queue)
                overview_say(o, _("source: stack %s of %s[%d], all %u queues, %s"), o->stack.name, o->stack.comm,
                             o->stack.pid, o->queues, number);
        else if (o->stack_known)
                overview_say(o, _("source: stack %s of %s[%d], %s"), o->stack.name, o->stack.comm, o->stack.pid,
                             number);
        else if (o->report.dump.source == DUMP_FROM_NETLINK)
                overview_say(o, _("source: sock_diag, %s"), number);
        fflush(stdout);
        origin_remark(&o->report, stdout);
        overview_say(o, "%s", _("What a state means and what helps: lastack explain TIME_WAIT"));
}
