/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tune_try.c - the same workload before and after, side by side.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/prose.h"
#include "cli/say_error.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/tune.h"
#include "cli/tune_change.h"
#include "cli/tune_try.h"
#include "tune/value.h"

#define FOR_USUAL_S         3
#define CONNECTIONS_USUAL   20000
#define CONNECTIONS_MOST    500000
#define HALF_CLOSED_USUAL_S 8

/* ---- What is to be run ---- */

static bool
is_about(const struct tune_conf *conf, const char *name)
{
        for (size_t i = 0; i < conf->count; i++)
                if (strcmp(conf->setting[i].name, name) == 0)
                        return true;
        return false;
}

/* Does a few hundred ports leave nothing to see?  Ranges of them; and a limit that so few never reach. */
static bool
needs_real_ports(const struct tune_conf *conf)
{
        for (size_t i = 0; i < conf->count; i++)
                if (strcmp(conf->setting[i].name, "net.ipv4.tcp_max_tw_buckets") == 0 &&
                    strtoll(conf->setting[i].value, NULL, 0) >= TUNE_TRIAL_PORTS)
                        return true;
        return is_about(conf, "net.ipv4.ip_local_port_range") || is_about(conf, "net.ipv4.ip_local_reserved_ports");
}

/* As long as it takes until something shows, unless that is more than any trial may take. */
static uint32_t
usual_s(const struct trying *t)
{
        uint32_t usual = t->trial.workload == TUNE_WORK_HALF_CLOSED ? HALF_CLOSED_USUAL_S : FOR_USUAL_S;
        uint32_t needed = tune_trial_needs_s(t->trial.workload, &t->plan.evidence, &t->plan.conf);

        return needed > usual && needed <= TUNE_TRIAL_FOR_MOST_S ? needed : usual;
}

/* Is it about the server's queues? */
static bool
has_a_queue(enum tune_workload workload)
{
        return workload == TUNE_WORK_ACCEPT || workload == TUNE_WORK_FLOOD;
}

static int
choose_workload(struct trying *t)
{
        const struct tune_request *r = t->request;

        t->trial.workload = TUNE_WORK_PORTS;
        for (size_t i = 0; i < t->plan.conf.count && !t->shown; i++)
                t->shown = tune_trial_workload(t->plan.conf.setting[i].name, &t->trial.workload);
        if (r->workload && !tune_workload_named(r->workload, &t->trial.workload)) {
                say_error(_("there is no workload '%s'; there are ports, accept, flood and half-closed\n"),
                          r->workload);
                return EXIT_USAGE;
        }
        t->shown |= r->workload != NULL;
        return 0;
}

static int
choose_size(struct trying *t)
{
        const struct tune_request *r = t->request;

        t->trial.for_s = r->for_s ? r->for_s : usual_s(t);
        t->trial.connections = r->connections ? r->connections : CONNECTIONS_USUAL;
        t->trial.backlog = has_a_queue(t->trial.workload) && !is_about(&t->plan.conf, "net.core.somaxconn")
                                   ? TUNE_BACKLOG_USUAL
                                   : TUNE_BACKLOG_MOST;
        t->trial.small_range =
                t->trial.workload == TUNE_WORK_PORTS && !r->real_ports && !needs_real_ports(&t->plan.conf);
        if (t->trial.for_s > TUNE_TRIAL_FOR_MOST_S || t->trial.connections > CONNECTIONS_MOST) {
                say_error(_("at most --for=%us and --connections=%u\n"), TUNE_TRIAL_FOR_MOST_S, CONNECTIONS_MOST);
                return EXIT_USAGE;
        }
        return 0;
}

/* Tunables that a namespace of its own does not have cannot be tried in one. */
static int
refuse_foreign(const struct tune_plan *p)
{
        for (size_t i = 0; i < p->conf.count; i++) {
                const struct tune_plan_item *item = &p->item[i];
                bool host = item->law_known && item->law.scope == LA_SCOPE_HOST;

                if (!host && item->block != TUNE_BLOCK_NOT_NET && item->block != TUNE_BLOCK_PATTERN &&
                    item->block != TUNE_BLOCK_ABSENT && item->block != TUNE_BLOCK_TWICE)
                        continue;
                say_error(host ? _("%s is one for the whole host: no namespace has one of its own to "
                                   "try it in\n")
                               : _("%s cannot be tried: lastack tune plan says why\n"),
                          item->setting->name);
                return EXIT_USAGE;
        }
        return 0;
}

/* Why the trial could not show it, to be freed; NULL if it could, or nothing was tried: it was refused. */
char *
tune_try_unseen(const struct trying *y, size_t i)
{
        if (y->side[1].refused[i] < 0 || !y->plan.item[i].changes)
                return NULL;
        return tune_trial_unseen(&y->trial, &y->plan.evidence, &y->plan.conf, i, y->side);
}

/* ---- For people ---- */

static const char *
what_happens(enum tune_workload workload)
{
        switch (workload) {
        case TUNE_WORK_PORTS:
                return _("A client connects to one address and port, closes, and connects again, as fast as it goes.");
        case TUNE_WORK_ACCEPT:
                return _("A client makes up to 2,000 connections at once; the server accepts 100 a second.");
        case TUNE_WORK_FLOOD:
                return _("6,000 SYNs come from addresses that do not answer; then a client connects again and again, "
                         "and gives each "
                         "connection 300 ms.");
        case TUNE_WORK_HALF_CLOSED:
                return _("A client makes 400 connections and closes them; the server does not. Then all is left alone "
                         "until the end.");
        case TUNE_WORK_COUNT:
                break;
        }
        return "";
}

static void
put_head(const struct trying *t, const struct terminal *terminal)
{
        struct prose p;
        char text[1024];

        prose_init(&p, terminal);
        snprintf(text, sizeof(text),
                 _("On Linux %s, in %s that are gone now: first as it is here, then with the change at both ends. At "
                   "most %u s and %u "
                   "connections each."),
                 t->plan.evidence.release,
                 t->side[0].one_namespace ? _("two network namespaces") : _("two pairs of network namespaces"),
                 t->trial.for_s, t->trial.connections);
        prose_paragraph(&p, 0, text);
        prose_paragraph(&p, 0, what_happens(t->trial.workload));
        if (has_a_queue(t->trial.workload)) {
                snprintf(text, sizeof(text), _("The server asks listen() for a backlog of %u."), t->trial.backlog);
                prose_paragraph(&p, 0, text);
        }
        if (t->trial.small_range) {
                snprintf(text, sizeof(text),
                         _("There are %d local ports only (%s), so that one sees them run out; --real-ports keeps the "
                           "real range."),
                         TUNE_TRIAL_PORTS, TUNE_TRIAL_RANGE);
                prose_paragraph(&p, 0, text);
        }
        fputc('\n', terminal->file);
}

static void
row(struct table *t, const char *label, const char *before, const char *after)
{
        table_text(t, label);
        table_text(t, before);
        table_text(t, after);
        table_row_end(t, NULL, 0);
}

static void
number_cell(struct table *t, uint64_t n)
{
        table_cell_end(t, text_grouped(table_cell(t, TEXT_ROOM), n));
}

static void
number_row(struct table *t, const char *label, uint64_t before, uint64_t after)
{
        table_text(t, label);
        number_cell(t, before);
        number_cell(t, after);
        table_row_end(t, NULL, 0);
}

static void
number_row_if(struct table *t, const char *label, uint64_t before, uint64_t after)
{
        if (before > 0 || after > 0)
                number_row(t, label, before, after);
}

static void
time_row(struct table *t, const char *label, const struct trying *y, uint32_t before, uint32_t after)
{
        char texts[2][32];
        const uint32_t us[2] = { before, after };

        for (int i = 0; i < 2; i++)
                if (y->side[i].made == 0)
                        strcpy(texts[i], "-");
                else if (us[i] >= 10000)
                        snprintf(texts[i], sizeof(texts[i]), "%.1f ms", us[i] / 1000.0);
                else
                        snprintf(texts[i], sizeof(texts[i]), "%u us", us[i]);
        row(t, label, texts[0], texts[1]);
}

uint64_t
tune_try_a_second(const struct tune_trial_side *s)
{
        return s->took_us > 0 ? (uint64_t)s->made * 1000000 / s->took_us : 0;
}

static void
settings_rows(struct table *t, const struct trying *y)
{
        char after[256];

        for (size_t i = 0; i < y->plan.conf.count && i < TUNE_TRIAL_SETTINGS; i++) {
                const struct tune_plan_item *item = &y->plan.item[i];
                int error = y->side[1].refused[i];

                if (error < 0)
                        snprintf(after, sizeof(after), _("refused: %s"), strerror(-error));
                else
                        snprintf(after, sizeof(after), "%s", tune_value_shown(item->after));
                row(t, item->setting->name, item->before ? tune_value_shown(item->before) : "-", after);
        }
}

static void
put_danger(struct prose *p, const struct tune_plan_item *item)
{
        char *said = tune_said(&item->judgement), *text = NULL;

        prose_blank(p);
        if (asprintf(&text, _("%s is %s: %s"), item->setting->name, tune_verdict_word(p, item->judgement.verdict),
                     said ? said : "") >= 0)
                prose_paragraph(p, 0, text);
        free(text);
        free(said);
}

/* A setting whose two columns are alike for want of time, of connections, or of another setting. */
static void
put_unseen(const struct trying *y, const struct terminal *terminal)
{
        struct prose p;
        char *why, *text;

        prose_init(&p, terminal);
        p.begun = true;
        for (size_t i = 0; i < y->plan.conf.count && i < TUNE_TRIAL_SETTINGS; i++) {
                why = tune_try_unseen(y, i);
                if (!why)
                        continue;
                prose_blank(&p);
                if (asprintf(&text, _("Not seen of %s: %s"), y->plan.item[i].setting->name, why) >= 0) {
                        prose_paragraph(&p, 0, text);
                        free(text);
                }
                free(why);
        }
}

/* Faster, or more of them, is not better where it is paid for with what a connection is kept for. */
static void
put_dangers(const struct trying *y, const struct terminal *terminal)
{
        struct prose p;

        prose_init(&p, terminal);
        p.begun = true;
        for (size_t i = 0; i < y->plan.conf.count; i++)
                if (y->plan.item[i].judgement.verdict == TUNE_DANGEROUS ||
                    y->plan.item[i].judgement.verdict == TUNE_HARMFUL)
                        put_danger(&p, &y->plan.item[i]);
}

static void
ports_row(struct table *t, const struct trying *y)
{
        char texts[2][64];

        if (!y->side[0].ports_out && !y->side[1].ports_out)
                return;
        for (int i = 0; i < 2; i++)
                if (y->side[i].ports_out)
                        snprintf(texts[i], sizeof(texts[i]), _("%u in %.2f s"), y->side[i].made_until_out,
                                 (double)y->side[i].until_out_us / 1e6);
                else
                        snprintf(texts[i], sizeof(texts[i]), "%s", _("they lasted"));
        row(t, _("until ports ran out"), texts[0], texts[1]);
}

static uint32_t
failures_of(const struct tune_trial_side *s, int error)
{
        for (size_t i = 0; i < TUNE_TRIAL_ERRORS; i++)
                if (s->failed[i].count > 0 && s->failed[i].error == error)
                        return s->failed[i].count;
        return 0;
}

const char *
tune_try_error_name(int error)
{
        const char *name = strerrorname_np(error);

        return name ? name : "?";
}

static void
failure_rows(struct table *t, const struct trying *y)
{
        char label[64];

        for (int i = 0; i < 2; i++)
                for (size_t k = 0; k < TUNE_TRIAL_ERRORS; k++) {
                        int error = y->side[i].failed[k].error;
                        if (y->side[i].failed[k].count == 0 || (i == 1 && failures_of(&y->side[0], error) > 0))
                                continue;
                        snprintf(label, sizeof(label), _("failed: %s"), tune_try_error_name(error));
                        number_row(t, label, failures_of(&y->side[0], error), failures_of(&y->side[1], error));
                }
}

static void
state_rows(struct table *t, const struct trying *y)
{
        static const enum la_state at_client[] = { LA_TIME_WAIT, LA_FIN_WAIT_2, LA_SYN_SENT };
        static const enum la_state at_server[] = { LA_SYN_RECEIVED, LA_ESTABLISHED, LA_CLOSE_WAIT };
        char label[64];

        for (size_t i = 0; i < sizeof(at_client) / sizeof(at_client[0]); i++) {
                snprintf(label, sizeof(label), _("%s at the client"), la_state_name(at_client[i]));
                number_row_if(t, label, y->side[0].client[at_client[i]], y->side[1].client[at_client[i]]);
        }
        for (size_t i = 0; i < sizeof(at_server) / sizeof(at_server[0]) && !y->side[0].one_namespace; i++) {
                snprintf(label, sizeof(label), _("%s at the server"), la_state_name(at_server[i]));
                number_row_if(t, label, y->side[0].server[at_server[i]], y->side[1].server[at_server[i]]);
        }
        for (unsigned int i = 0; i < TUNE_COUNTER_COUNT; i++)
                number_row_if(t, tune_trial_counter_name((enum tune_trial_counter)i), y->side[0].counted[i],
                              y->side[1].counted[i]);
}

static void
put_text(const struct trying *y)
{
        static const struct table_column columns[] = { { "", TABLE_LEFT },
                                                       { N_("BEFORE"), TABLE_RIGHT },
                                                       { N_("AFTER"), TABLE_RIGHT } };
        struct terminal terminal = terminal_of(stdout);
        struct table t;

        put_head(y, &terminal);
        table_init(&t, &terminal, columns, 3);
        settings_rows(&t, y);
        number_row(&t, _("connections tried"), y->side[0].tried, y->side[1].tried);
        number_row(&t, _("connections made"), y->side[0].made, y->side[1].made);
        if (y->trial.workload == TUNE_WORK_PORTS)
                number_row(&t, _("made a second"), tune_try_a_second(&y->side[0]), tune_try_a_second(&y->side[1]));
        ports_row(&t, y);
        failure_rows(&t, y);
        time_row(&t, _("connect(), median"), y, y->side[0].median_us, y->side[1].median_us);
        time_row(&t, _("connect(), 99 of 100"), y, y->side[0].p99_us, y->side[1].p99_us);
        state_rows(&t, y);
        table_put(&t);
        table_fini(&t);
        put_unseen(y, &terminal);
        put_dangers(y, &terminal);
}

/* ---- The word ---- */

static int
complain(int error)
{
        if (error == -EPERM || error == -EACCES)
                say_error(_("network namespaces of our own are not permitted here: it takes root, or "
                            "user namespaces\n"));
        else
                say_error(_("the trial cannot be run: %s\n"), strerror(-error));
        return EXIT_NOT_TOLD;
}

/* Nobody should wonder whether it hangs. */
static void
say_how_long(const struct trying *y)
{
        if (!y->request->json && y->trial.for_s > 10)
                say_error(_("this takes up to %u s, %u s for each side\n"), 2 * y->trial.for_s, y->trial.for_s);
}

static int
run_both(struct trying *y)
{
        int status = EXIT_OK;

        say_how_long(y);
        for (int i = 0; i < 2; i++) {
                int r = tune_trial_run(&y->trial, &y->plan.evidence, i == 0 ? NULL : &y->plan.conf, &y->side[i]);
                if (r == 0)
                        r = y->side[i].error;
                if (r < 0)
                        return complain(r);
        }
        for (size_t i = 0; i < y->plan.conf.count && i < TUNE_TRIAL_SETTINGS; i++)
                if (y->side[1].refused[i] < 0)
                        status = TUNE_EXIT_SOMETHING;
        if (y->request->json)
                tune_try_json(y);
        else
                put_text(y);
        return status;
}

static int
check_count(const struct tune_request *r)
{
        if (r->word_count == 0)
                say_error(_("try what? NAME=VALUE, as in tcp_tw_reuse=1\n"));
        else if (r->word_count > TUNE_TRIAL_SETTINGS)
                say_error(_("at most %d settings are tried at a time\n"), TUNE_TRIAL_SETTINGS);
        else
                return 0;
        return EXIT_USAGE;
}

static int
make_plan(const struct tune_request *r, struct tune_plan *ret)
{
        struct netns_list netns;
        struct tune_conf conf;
        int status = tune_read_words(r, &conf);

        if (status != 0)
                return status;
        status = tune_open_netns(r, &netns);
        if (status != 0) {
                tune_conf_fini(&conf);
                return status;
        }
        status = tune_plan_make(netns.netns[0].fd, &conf, ret) < 0 ? say_no_memory() : 0;
        netns_list_close(&netns);
        return status;
}

int
tune_try(const struct tune_request *r)
{
        struct trying y = { .request = r };
        int status;

        status = check_count(r);
        if (status == 0)
                status = make_plan(r, &y.plan);
        if (status == 0)
                status = refuse_foreign(&y.plan);
        if (status == 0)
                status = choose_workload(&y);
        if (status == 0)
                status = choose_size(&y);
        if (status == 0)
                status = run_both(&y);
        tune_plan_fini(&y.plan);
        return status;
}
