/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doctor.c - what is wrong with the connections of this host, or of a stack, and what to do about it.
 */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/doctor.h"
#include "cli/gettext.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/origin.h"
#include "cli/say_error.h"
#include "cli/table.h"

enum {
        OPTION_FOR = 0x100,
        OPTION_FROM,
        OPTION_IDLE,
        OPTION_LIST,
        OPTION_NETNS,
        OPTION_ONLY,
        OPTION_SOURCE,
        OPTION_STACK,
};

static const struct argp_option option_list[] = {
        { "for", OPTION_FOR, N_("SECONDS"), 0, N_("Look twice, so many seconds apart (3); 0: once, without rates"), 0 },
        { "from", OPTION_FROM, N_("FILE"), 0, N_("Judge a recording of 'lastack record'; '-' is standard input"), 0 },
        { "idle", OPTION_IDLE, N_("SECONDS"), 0,
          N_("A connection without keepalive is told of if nothing came or went for so long (3600)"), 0 },
        { "json", 'j', NULL, 0, N_("JSON, for machines"), 0 },
        { "list", OPTION_LIST, NULL, 0, N_("List the rules and end"), 0 },
        { "netns", OPTION_NETNS, N_("NAME|PID"), 0,
          N_("Look into another network namespace: one that 'ip netns' names, or that of a process"), 0 },
        { "only", OPTION_ONLY, N_("RULE"), 0, N_("Judge by one rule"), 0 },
        { "source", OPTION_SOURCE, N_("auto|netlink|proc"), 0,
          N_("Where to ask: the kernel's sock_diag, or /proc/net/tcp where that is refused (auto)"), 0 },
        { "stack", OPTION_STACK, N_("NAME"), 0, N_("Look at a running stack of lastack instead of at Linux"), 0 },
        { 0 },
};

struct doctor {
        struct doctor_look look;
        const char *from;
        uint32_t idle_ms;
        const struct rule *only;
        bool json, list, for_given;
};

static const struct rule *
rule_named(struct argp_state *state, const char *id)
{
        const struct rule *rule = doctor_rule(id);

        if (!rule)
                argp_error(state, _("there is no rule '%s' (lastack doctor --list names them)"), id);
        return rule;
}

static void
check_together(struct argp_state *state, const struct doctor *d)
{
        const struct collect_request *r = &d->look.request;

        if (d->from && (r->netns || r->stack || d->for_given || d->idle_ms))
                argp_error(state, _("--from judges what was recorded: --for, --idle, --netns and --stack belong to "
                                    "'lastack record'"));
        if (d->from && (r->proc_only || r->netlink_only))
                argp_error(state, _("--from judges what was recorded, and --source is where to ask now"));
        options_check(state, r);
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
        struct doctor *d = state->input;

        switch (key) {
        case OPTION_FOR:
                d->for_given = true;
                if (!doctor_seconds(arg, &d->look.for_s))
                        argp_error(state, _("--for takes seconds, from 0 to 3600, not '%s'"), arg);
                return 0;
        case OPTION_FROM:
                d->from = arg;
                return 0;
        case OPTION_IDLE:
                if (!doctor_idle(arg, &d->idle_ms))
                        argp_error(state, _("--idle takes whole seconds, from 1 to 4000000, not '%s'"), arg);
                return 0;
        case 'j':
                d->json = true;
                return 0;
        case OPTION_LIST:
                d->list = true;
                return 0;
        case OPTION_NETNS:
                d->look.request.netns = options_one_netns(state, arg);
                return 0;
        case OPTION_ONLY:
                d->only = rule_named(state, arg);
                return 0;
        case OPTION_SOURCE:
                options_source(state, arg, &d->look.request);
                return 0;
        case OPTION_STACK:
                d->look.request.stack = arg;
                return 0;
        case ARGP_KEY_ARG:
                argp_error(state, _("'%s' is not understood: the doctor looks at all sockets of a namespace or stack"),
                           arg);
                return 0;
        case ARGP_KEY_END:
                check_together(state, d);
                return 0;
        default:
                return ARGP_ERR_UNKNOWN;
        }
}

static const struct argp doctor_argp = {
        .options = option_list,
        .parser = parse,
        .doc = N_("Says what is wrong with the TCP connections of this host, or of a stack of lastack, by what "
                  "evidence, and what to do.\v"
                  "Exit status: 0 healthy (notices alone are), 1 a warning, 2 something critical, 3 could not tell."),
};

/* ---- Rules --------------------------------------------------------------------------------------------------------- */

static void
list_text(void)
{
        static const struct table_column columns[] = { { N_("RULE"), TABLE_LEFT }, { N_("LOOKS AT"), TABLE_LEFT } };
        struct terminal terminal = terminal_of(stdout);
        struct table t;

        table_init(&t, &terminal, columns, 2);
        for (const struct rule *r = doctor_rules; r->id; r++) {
                table_text(&t, r->id);
                table_text(&t, _(r->brief));
                table_row_end(&t, NULL, 0);
        }
        table_put(&t);
        table_fini(&t);
}

static void
list_json(void)
{
        json_t *array = json_array();

        for (const struct rule *r = doctor_rules; r->id; r++) {
                json_t *object = json_object();
                json_set_text(object, "id", r->id);
                json_set_text(object, "looks_at", _(r->brief));
                json_array_append_new(array, object);
        }
        json_write(array, stdout);
}

/* ---- Judging ------------------------------------------------------------------------------------------------------- */

int
doctor_status(const struct findings *f)
{
        enum severity worst = SEVERITY_NOTICE;

        findings_worst(f, &worst);
        if (worst == SEVERITY_CRITICAL)
                return EXIT_CRITICAL;
        if (worst == SEVERITY_WARNING)
                return EXIT_WARNING;
        return findings_blind(f) || f->out_of_memory ? EXIT_NOT_TOLD : EXIT_OK;
}

/* argp has gone, and a status of 1 is a finding: what cannot be read ends with EXIT_NOT_TOLD. */
static int
read_recording(const char *path, struct evidence *e, struct recording_read *ret)
{
        struct witness w = { .evidence = e };
        bool standard = strcmp(path, "-") == 0;
        FILE *file = standard ? stdin : fopen(path, "re");
        int r = file ? recording_read(file, &w, ret) : -errno;

        if (r == -EBADMSG && ret->line > 0)
                say_error(_("%s: line %lu: %s\n"), path, ret->line, ret->problem);
        else if (r == -EBADMSG)
                say_error("%s: %s\n", path, ret->problem);
        else if (r < 0)
                say_error(_("cannot read the recording %s: %s\n"), path, strerror(-r));
        if (file && !standard)
                fclose(file);
        return r;
}

static int
show(const struct doctor *d, struct doctor_answer *a, struct evidence *e)
{
        struct findings found;

        findings_init(&found);
        doctor_judge(e, d->only, &found);
        a->evidence = e;
        a->found = &found;
        a->only = d->only;
        if (d->json) {
                doctor_json(a);
        } else {
                struct terminal terminal = terminal_of(stdout);
                doctor_text(a, &terminal);
        }
        int status = doctor_status(&found);
        findings_fini(&found);
        return status;
}

static int
judge_recording(const struct doctor *d, struct evidence *e)
{
        struct recording_read recording;
        struct doctor_answer a = { .recording = &recording, .path = d->from };

        return read_recording(d->from, e, &recording) < 0 ? EXIT_NOT_TOLD : show(d, &a, e);
}

static int
judge_what_is(const struct doctor *d, struct evidence *e)
{
        struct collect_report report;
        struct witness w = { .evidence = e };
        struct doctor_answer a = { .report = &report };
        int r = doctor_look(&d->look, &w, &report);

        return r < 0 ? origin_complain(&d->look.request, r) : show(d, &a, e);
}

int
command_doctor(int argc, char **argv)
{
        static struct evidence evidence; /* too large for a stack */
        struct doctor d = { .look.for_s = DOCTOR_FOR_S };

        argp_parse(&doctor_argp, argc, argv, 0, NULL, &d);
        if (d.list) {
                if (d.json)
                        list_json();
                else
                        list_text();
                return EXIT_OK;
        }
        evidence_init(&evidence, d.idle_ms ? d.idle_ms : DOCTOR_IDLE_S * 1000);
        int status = d.from ? judge_recording(&d, &evidence) : judge_what_is(&d, &evidence);
        evidence_fini(&evidence);
        return status;
}
