/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * knob.c - tunables as they are set: of a running stack, which are read and set live, or of Linux, which are read only.
 *
 * Linux's are set by sysctl(8): a tool that looks must not be the one that changes a host.
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/json.h"
#include "cli/knob_value.h"
#include "cli/nearest.h"
#include "cli/stack.h"
#include "cli/table.h"
#include "cli/text.h"
#include "linux/sysctl.h"

enum {
        OPTION_STACK = 0x100,
        OPTION_DANGEROUS,
};

struct command {
        const char *stack, *name, *value;
        bool json, dangerous;
        struct control_client *client;
        struct terminal terminal;
};

/* One tunable, wherever it is set. */
struct row {
        const struct la_knob_info *info; /* NULL: lastack's own */
        const char *name;
        const char *value;    /* NULL: this kernel does not have it, or does not tell */
        const char *standard; /* "": it depends on the machine */
        int64_t least, most;
        const char *sentence;                /* what it takes; "" where info says it */
        const struct control_client *queues; /* that do not agree about the value; NULL: there is one value */
};

static const struct argp_option option_list[] = {
        { "json", 'j', NULL, 0, N_("JSON, for machines: a line a tunable"), 0 },
        { "stack", OPTION_STACK, N_("NAME"), 0, N_("Of a running stack of lastack instead of Linux"), 0 },
        { "dangerous", OPTION_DANGEROUS, NULL, 0, N_("Set it even to what breaks connections"), 0 },
        { 0 },
};

static error_t
parse(int key, char *arg, struct argp_state *state)
{
        struct command *c = state->input;

        switch (key) {
        case 'j':
                c->json = true;
                return 0;
        case OPTION_STACK:
                c->stack = arg;
                return 0;
        case OPTION_DANGEROUS:
                c->dangerous = true;
                return 0;
        case ARGP_KEY_ARG:
                if (state->arg_num > 1)
                        argp_error(state, _("one tunable at a time: a value of several numbers needs quotes"));
                *(state->arg_num == 0 ? &c->name : &c->value) = arg;
                return 0;
        case ARGP_KEY_END:
                if (c->dangerous && !c->value)
                        argp_error(state, _("--dangerous is for a value that is to be set"));
                return 0;
        default:
                return ARGP_ERR_UNKNOWN;
        }
}

static const struct argp knob_argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = N_("[NAME [VALUE]]"),
        .doc = N_("Shows tunables as they are set, and sets those of a running stack: from its next segment, call or "
                  "timer on.\v"
                  "Without NAME all are listed, '*' before those that are not at their default. NAME is Linux's, in "
                  "full or its last part, or one of lastack's own: lastack.time_wait_ms. What each does, and what "
                  "a careless value breaks: lastack explain NAME.\n\n"
                  "Linux's own are read only: 'sysctl -w' sets them."),
};

/* ---- Rows ---- */

/* What a stack has and Linux has not; model/knob.def has the others. */
static const struct own {
        const char *name, *unit, *brief;
} own[] = {
        { "lastack.time_wait_ms", N_("ms"), N_("how long TIME_WAIT lasts") },
        { "lastack.rto_min_ms", N_("ms"), N_("the least retransmission timeout") },
        { "lastack.delayed_ack_ms", N_("ms"), N_("the longest delay of an acknowledgment") },
        { "lastack.challenge_ack_limit", N_("a second"), N_("challenge ACKs at most (RFC 5961 7)") },
        { "lastack.initial_window", N_("segments"), N_("what a new connection may send at once (RFC 6928)") },
        { "lastack.pacing", "", N_("pace each connection by its congestion window") },
        { "lastack.max_pacing_rate", N_("bytes a second"), N_("what each connection sends at most; 0: no limit") },
};

static const char *
unit_of(const struct row *r)
{
        for (size_t i = 0; !r->info && i < sizeof(own) / sizeof(own[0]); i++)
                if (strcmp(r->name, own[i].name) == 0)
                        return own[i].unit;
        return r->info ? r->info->unit : "";
}

static const char *
brief_of(const struct row *r)
{
        for (size_t i = 0; !r->info && i < sizeof(own) / sizeof(own[0]); i++)
                if (strcmp(r->name, own[i].name) == 0)
                        return own[i].brief;
        return r->info ? r->info->brief : r->sentence;
}

static struct row
row_of_stack(const struct command *c, const struct control_knob_view *k, const char *value)
{
        const struct la_knob_info *info = la_knob_find(k->name);

        return (struct row){
                .info = info,
                .name = info ? info->name : k->name,
                .value = value,
                .standard = k->standard,
                .least = k->least,
                .most = k->most,
                .sentence = k->sentence,
                .queues = k->agreed ? NULL : c->client,
        };
}

static struct row
row_of_linux(const struct la_knob_info *info, const char *value)
{
        return (struct row){
                .info = info,
                .name = info->name,
                .value = value,
                .standard = info->standard,
                .least = info->min,
                .most = info->max,
                .sentence = "",
        };
}

static bool
is_changed(const struct row *r)
{
        bool known = *r->standard || (r->info && r->info->kind == LA_KNOB_PORT_LIST);

        return r->value && known && !knob_value_same(r->value, r->standard);
}

static bool
has_range(const struct row *r)
{
        return !r->info || r->info->kind != LA_KNOB_WORD;
}

/* ---- JSON ---- */

static json_t *
values(const struct control_client *queues)
{
        json_t *object = json_object();

        for (unsigned int i = 0; i < control_queues(queues); i++)
                json_set_text(object, control_queue(queues, i).name, control_knob_value(queues, i));
        return object;
}

static void
put_json(const struct row *r)
{
        json_t *object = json_object();

        json_set_text(object, "name", r->name);
        if (r->queues)
                json_object_set_new(object, "values", values(r->queues));
        else
                json_set_text(object, "value", r->value);
        if (*r->standard || (r->info && r->info->kind == LA_KNOB_PORT_LIST))
                json_set_text(object, "default", r->standard);
        json_set_bool(object, "changed", is_changed(r));
        if (has_range(r)) {
                json_object_set_new(object, "min", json_integer(r->least));
                json_object_set_new(object, "max", json_integer(r->most));
        }
        if (*unit_of(r))
                json_set_text(object, "unit", unit_of(r));
        json_write_line(object, stdout);
}

/* ---- Tables ---- */

static void
value_cell(struct table *t, const char *value)
{
        char *p = table_cell(t, strlen(value) + 1);

        for (; *value; value++)
                *p++ = *value == '\t' ? ' ' : *value;
        table_cell_end(t, p);
}

static void
put_row(struct table *t, const struct row *r)
{
        char range[64];

        snprintf(range, sizeof(range), _("%" PRId64 " to %" PRId64), r->least, r->most);
        table_text(t, is_changed(r) ? "*" : "");
        table_text(t, r->info ? r->info->leaf : r->name);
        value_cell(t, r->value);
        value_cell(t, r->standard);
        table_text(t, has_range(r) ? range : "");
        table_text(t, *unit_of(r) ? _(unit_of(r)) : "");
        table_text(t, _(brief_of(r)));
        table_row_end(t, NULL, 0);
}

static const struct table_column columns[] = {
        { "", TABLE_LEFT },          { N_("TUNABLE"), TABLE_LEFT },
        { N_("VALUE"), TABLE_LEFT }, { N_("DEFAULT"), TABLE_LEFT },
        { N_("RANGE"), TABLE_LEFT }, { N_("UNIT"), TABLE_LEFT },
        { N_("WHAT"), TABLE_LEFT },
};

struct listing {
        bool json;
        struct table table;
};

static struct listing
begin_list(const struct command *c)
{
        struct listing l = { .json = c->json };

        table_init(&l.table, &c->terminal, columns, sizeof(columns) / sizeof(columns[0]));
        return l;
}

static void
list(struct listing *l, const struct row *r)
{
        if (l->json)
                put_json(r);
        else
                put_row(&l->table, r);
}

static void
end_list(struct listing *l)
{
        if (!l->json)
                table_put(&l->table);
        table_fini(&l->table);
}

static void
put_value(const char *value)
{
        for (const char *p = value; *p; p++)
                putchar(*p == '\t' ? ' ' : *p);
        putchar('\n');
}

/* One: its value alone, as a script would read it; and each where there are several. */
static void
put_one(const struct command *c, const struct row *r)
{
        if (c->json) {
                put_json(r);
                return;
        }
        if (!r->queues)
                put_value(r->value);
        for (unsigned int i = 0; r->queues && i < control_queues(r->queues); i++) {
                printf("%s: ", control_queue(r->queues, i).name);
                put_value(control_knob_value(r->queues, i));
        }
}

/* ---- A stack's ---- */

static int
list_stacks_one(const struct command *c, struct listing *l, const struct control_knob_view *k)
{
        char *value;
        int r = stack_told_text(c->client, k, &value);

        if (r < 0)
                return r;
        struct row row = row_of_stack(c, k, value);
        list(l, &row);
        free(value);
        return 0;
}

static int
list_stacks(const struct command *c)
{
        struct listing l = begin_list(c);
        struct control_knob_view k;
        int r = control_knobs(c->client);

        while (r >= 0 && (r = control_knobs_next(c->client, &k)) > 0)
                r = list_stacks_one(c, &l, &k);
        if (r == 0)
                end_list(&l);
        else
                table_fini(&l.table);
        return r;
}

static int
unknown(const struct command *c)
{
        const char *names[NEAREST_MAX];
        size_t count = nearest_names(c->name, false, names);
        const char *separator = " ";

        if (c->stack && la_knob_find(c->name))
                fprintf(stderr, _("lastack knob: a stack of lastack does not act on %s\n"), c->name);
        else
                fprintf(stderr, _("lastack knob: there is no tunable '%s'\n"), c->name);
        for (size_t i = 0; i < count; i++)
                if (la_knob_find(names[i])) {
                        fprintf(stderr, "%s%s%s", *separator == ' ' ? _("Nearest:") : "", separator, names[i]);
                        separator = ", ";
                }
        fputs(*separator == ' ' ? "" : "\n", stderr);
        fprintf(stderr, _("All of them: lastack knob%s%s\n"), c->stack ? " --stack " : "", c->stack ? c->stack : "");
        return EXIT_USAGE;
}

static int
refused(const struct command *c, int error)
{
        fprintf(stderr, _("lastack knob: '%s': %s\n"), c->value, _(control_said(c->client)));
        if (error == -EPERM)
                fputs(_("To set it all the same: --dangerous\n"), stderr);
        return EXIT_USAGE;
}

/* Of several queues, which are set all or none: those that it could not be taken back from.  True if there are none. */
static bool
say_what_stays(const struct command *c)
{
        bool all_back = true;

        for (unsigned int i = 0; i < control_queues(c->client); i++)
                if (control_knob_stays(c->client, i)) {
                        fprintf(stderr, _("lastack knob: %s stays set in %s, which cannot be told any more\n"), c->name,
                                control_queue(c->client, i).name);
                        all_back = false;
                }
        return all_back;
}

/* Said where a person looks; a script has the status. */
static void
say_set(const struct command *c, const char *before, const struct row *r)
{
        if (c->json) {
                put_json(r);
                return;
        }
        printf("%s: %s -> ", r->name, *before ? before : _("empty"));
        put_one(c, r);
}

static int
set(const struct command *c)
{
        struct control_knob_view k;
        char *before;
        int r = stack_knob_text(c->client, c->name, &before);

        if (r < 0)
                return r == -ENOENT ? unknown(c) : stack_complain(c->stack, r);
        r = control_knob_set(c->client, c->name, c->value, c->dangerous, &k);
        if (r == 0) {
                struct row row = row_of_stack(c, &k, k.value);
                say_set(c, before, &row);
        }
        free(before);
        if (r == 0)
                return EXIT_OK;
        r = r == -ERANGE || r == -EPERM ? refused(c, r) : stack_complain(c->stack, r);
        if (say_what_stays(c) && r != EXIT_USAGE && control_queues(c->client) > 1)
                fprintf(stderr, _("In the other queues %s is as it was.\n"), c->name);
        return r;
}

static int
read_one(const struct command *c)
{
        struct control_knob_view k;
        int r = control_knob(c->client, c->name, &k);

        if (r == -ENODEV)
                return unknown(c);
        if (r < 0)
                return stack_complain(c->stack, r);
        struct row row = row_of_stack(c, &k, k.value);
        put_one(c, &row);
        return EXIT_OK;
}

static int
of_stack(struct command *c)
{
        int r = stack_connect(c->stack, &c->client), status = EXIT_OK;

        if (r < 0)
                return stack_complain(c->stack, r);
        if (c->value)
                status = set(c);
        else if (c->name)
                status = read_one(c);
        else if ((r = list_stacks(c)) < 0)
                status = stack_complain(c->stack, r);
        control_close(c->client);
        return status;
}

/* ---- Linux's ---- */

static void
list_linuxs(const struct command *c)
{
        struct listing l = begin_list(c);

        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++) {
                const struct la_knob_info *info = la_knob_info((enum la_knob)i);
                char *value;
                if (sysctl_read_text(0, info, &value) < 0)
                        continue; /* this kernel, or this namespace, does not have it */
                struct row row = row_of_linux(info, value);
                list(&l, &row);
                free(value);
        }
        end_list(&l);
}

static int
of_linux(const struct command *c)
{
        const struct la_knob_info *info = c->name ? la_knob_find(c->name) : NULL;
        char *value;
        int r;

        if (!c->name) {
                list_linuxs(c);
                return EXIT_OK;
        }
        if (!info)
                return unknown(c);
        if (c->value) {
                fprintf(stderr,
                        _("lastack knob: Linux's tunables are only read here.  To set it: sysctl -w %s='%s'\n"
                          "For a stack of lastack, say which: --stack NAME\n"),
                        info->name, c->value);
                return EXIT_USAGE;
        }
        r = sysctl_read_text(0, info, &value);
        if (r < 0) {
                fprintf(stderr, _("lastack knob: %s is not to be read here: %s\n"), info->name, strerror(-r));
                return EXIT_NOT_TOLD;
        }
        struct row row = row_of_linux(info, value);
        put_one(c, &row);
        free(value);
        return EXIT_OK;
}

int
command_knob(int argc, char **argv)
{
        struct command c = { .terminal = terminal_of(stdout) };

        argp_parse(&knob_argp, argc, argv, 0, NULL, &c);
        return c.stack ? of_stack(&c) : of_linux(&c);
}
