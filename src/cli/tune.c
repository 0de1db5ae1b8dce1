/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tune.c - the tunables of Linux's TCP: judged, changed and put back.
 */
#include "cli/tune.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/options.h"
#include "cli/say_error.h"

enum {
        OPTION_NETNS = 0x100,
        OPTION_PERSIST,
        OPTION_CONFIRM_WITHIN,
        OPTION_WHY,
        OPTION_FORCE,
        OPTION_STATE_DIRECTORY,
        OPTION_SYSCTL_DIRECTORY,
        OPTION_FOR,
        OPTION_CONNECTIONS,
        OPTION_REAL_PORTS,
        OPTION_WORKLOAD,
};

/* The words, and which options have a meaning with each. */
static const struct word {
        const char *name;
        int (*run)(const struct tune_request *r);
        int options[10];
} words[] = {
        { "lint", tune_lint, { 'j', OPTION_NETNS } },
        { "plan", tune_plan, { 'j', OPTION_NETNS } },
        { "apply",
          tune_apply_words,
          { 'j', OPTION_NETNS, OPTION_PERSIST, OPTION_CONFIRM_WITHIN, OPTION_WHY, OPTION_FORCE, OPTION_STATE_DIRECTORY,
            OPTION_SYSCTL_DIRECTORY } },
        { "confirm", tune_confirm, { 'j', OPTION_STATE_DIRECTORY } },
        { "rollback", tune_rollback, { 'j', OPTION_FORCE, OPTION_STATE_DIRECTORY } },
        { "history", tune_history, { 'j', OPTION_STATE_DIRECTORY } },
        { "try", tune_try, { 'j', OPTION_NETNS, OPTION_FOR, OPTION_CONNECTIONS, OPTION_REAL_PORTS, OPTION_WORKLOAD } },
};
#define WORD_COUNT (sizeof(words) / sizeof(words[0]))

struct parsing {
        struct tune_request request;
        const struct word *word;
        size_t room;
        int given[32]; /* options, in their order */
        size_t given_count;
};

static const struct argp_option option_list[] = {
        { "json", 'j', NULL, 0, N_("JSON, for machines"), 0 },
        { "netns", OPTION_NETNS, N_("NAME|PID"), 0, N_("In another network namespace"), 0 },
        { NULL, 0, NULL, 0, N_("apply:"), 1 },
        { "persist", OPTION_PERSIST, NULL, 0, N_("Keep it beyond the next boot: a file in /etc/sysctl.d"), 0 },
        { "confirm-within", OPTION_CONFIRM_WITHIN, N_("TIME"), 0,
          N_("Undo it after TIME (90s, 5m, 1h) unless it is confirmed"), 0 },
        { "why", OPTION_WHY, N_("TEXT"), 0, N_("The reason, for the history and the file"), 0 },
        { "sysctl-dir", OPTION_SYSCTL_DIRECTORY, N_("DIRECTORY"), 0,
          N_("Where --persist writes (/etc/sysctl.d); it is recorded with the change, and rollback finds it"), 0 },
        { NULL, 0, NULL, 0, N_("apply and rollback:"), 2 },
        { "force", OPTION_FORCE, NULL, 0, N_("apply what is dangerous; put back what somebody else has changed since"),
          0 },
        { NULL, 0, NULL, 0, N_("apply, confirm, rollback and history:"), 3 },
        { "state-dir", OPTION_STATE_DIRECTORY, N_("DIRECTORY"), 0, N_("Where changes are recorded (/var/lib/lastack)"),
          0 },
        { NULL, 0, NULL, 0, N_("try:"), 4 },
        { "for", OPTION_FOR, N_("TIME"), 0,
          N_("How long each side may take (3s, or as long as the tunable takes to show), up to 60s"), 0 },
        { "connections", OPTION_CONNECTIONS, N_("N"), 0, N_("How many connections each side may make (20000)"), 0 },
        { "real-ports", OPTION_REAL_PORTS, NULL, 0, N_("The real range of local ports, not 500 of them"), 0 },
        { "workload", OPTION_WORKLOAD, "ports|accept|flood|half-closed", 0,
          N_("Instead of the one that shows the tunable"), 0 },
        { 0 },
};

static bool
word_takes(const struct word *word, int option)
{
        for (size_t i = 0; i < sizeof(word->options) / sizeof(word->options[0]); i++)
                if (word->options[i] == option)
                        return true;
        return false;
}

static const struct word *
word_named(const char *name)
{
        for (size_t i = 0; i < WORD_COUNT; i++)
                if (strcmp(words[i].name, name) == 0)
                        return &words[i];
        return NULL;
}

static void
add_word(struct tune_request *r, char *word)
{
        char **grown = realloc(r->words, (r->word_count + 1) * sizeof(*grown));

        if (!grown)
                exit(say_no_memory());
        r->words = grown;
        r->words[r->word_count++] = word;
}

static void
take_word(struct parsing *p, char *arg, struct argp_state *state)
{
        if (p->word) {
                add_word(&p->request, arg);
                return;
        }
        p->word = word_named(arg);
        if (!p->word)
                argp_error(state, _("'%s' is none of lint, plan, apply, confirm, rollback, history, try"), arg);
}

/* "90", "90s", "5m", "1h". */
static uint32_t
seconds_of(const char *text, struct argp_state *state, const char *option)
{
        static const struct {
                const char *unit;
                uint32_t seconds;
        } units[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 } };
        char *end;
        unsigned long n = strtoul(text, &end, 10);

        if (*text >= '0' && *text <= '9' && n > 0 && n <= 86400)
                for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
                        if (strcmp(end, units[i].unit) == 0 && n * units[i].seconds <= 86400)
                                return (uint32_t)n * units[i].seconds;
        argp_error(state, _("--%s takes a time of up to a day, as in 90s, 5m or 1h, not '%s'"), option, text);
        return 0;
}

static uint32_t
count_of(const char *text, struct argp_state *state)
{
        char *end;
        unsigned long n = strtoul(text, &end, 10);

        if (*text < '0' || *text > '9' || *end != '\0' || n == 0 || n > UINT32_MAX)
                argp_error(state, _("--connections takes a number from 1 on, not '%s'"), text);
        return (uint32_t)n;
}

static error_t
parse_more(int key, char *arg, struct argp_state *state, struct tune_request *r)
{
        switch (key) {
        case OPTION_PERSIST:
                r->persist = true;
                return 0;
        case OPTION_CONFIRM_WITHIN:
                r->confirm_within_s = seconds_of(arg, state, "confirm-within");
                return 0;
        case OPTION_WHY:
                r->why = arg;
                return 0;
        case OPTION_FORCE:
                r->force = true;
                return 0;
        case OPTION_STATE_DIRECTORY:
                r->state_directory = arg;
                return 0;
        case OPTION_SYSCTL_DIRECTORY:
                r->sysctl_directory = arg;
                return 0;
        case OPTION_FOR:
                r->for_s = seconds_of(arg, state, "for");
                return 0;
        case OPTION_CONNECTIONS:
                r->connections = count_of(arg, state);
                return 0;
        case OPTION_REAL_PORTS:
                r->real_ports = true;
                return 0;
        case OPTION_WORKLOAD:
                r->workload = arg;
                return 0;
        default:
                return ARGP_ERR_UNKNOWN;
        }
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
        struct parsing *p = state->input;
        struct tune_request *r = &p->request;

        if (key == ARGP_KEY_ARG) {
                take_word(p, arg, state);
                return 0;
        }
        if (key == 'j')
                r->json = true;
        else if (key == OPTION_NETNS)
                r->netns = options_one_netns(state, arg);
        else if (parse_more(key, arg, state, r) != 0)
                return ARGP_ERR_UNKNOWN;
        if (p->given_count < sizeof(p->given) / sizeof(p->given[0]))
                p->given[p->given_count++] = key;
        return 0;
}

static const struct argp tune_argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = N_("lint FILE...\nplan [NAME=VALUE...]\napply [NAME=VALUE...]\nconfirm [ID]\nrollback "
                       "[ID]\nhistory\ntry NAME=VALUE..."),
        .doc = N_(
                "Judges the tunables of Linux's TCP, changes them, and puts them back.\v"
                "lint says of each line of files like sysctl.conf what it does on this kernel and this host.\n"
                "plan says what a change would do; without NAME=VALUE, the one that the doctor's findings ask for.\n"
                "apply does it, whole or not at all, and records what was before; rollback takes it back, confirm "
                "keeps "
                "what would be undone (--confirm-within), history lists what was done.\n"
                "try runs the same workload before and after, in network namespaces that are thrown away.\n\n"
                "Exit status: 0 nothing to say against it, or done; 1 something, or not done; 2 dangerous; 3 could not "
                "be told or done."),
};

static const char *
option_name(int key)
{
        for (size_t i = 0; i < sizeof(option_list) / sizeof(option_list[0]); i++)
                if (option_list[i].name && option_list[i].key == key)
                        return option_list[i].name;
        return "?";
}

/* With the words that it has one with. */
static void
say_no_meaning(const struct parsing *p, int option)
{
        const char *before = " ";

        say_error(_("--%s has no meaning with '%s', only with"), option_name(option), p->word->name);
        for (size_t i = 0; i < WORD_COUNT; i++)
                if (word_takes(&words[i], option)) {
                        fprintf(stderr, "%s'%s'", before, words[i].name);
                        before = ", ";
                }
        fputc('\n', stderr);
        if (option == OPTION_SYSCTL_DIRECTORY)
                fputs(_("What was written there is recorded with the change: rollback and confirm find it.\n"), stderr);
}

/* An option that would be passed over in silence is not taken. */
static bool
options_fit(const struct parsing *p)
{
        for (size_t i = 0; i < p->given_count; i++)
                if (!word_takes(p->word, p->given[i])) {
                        say_no_meaning(p, p->given[i]);
                        return false;
                }
        return true;
}

int
command_tune(int argc, char **argv)
{
        struct parsing p = { 0 };
        int status = EXIT_USAGE;

        argp_parse(&tune_argp, argc, argv, 0, NULL, &p);
        if (!p.word)
                say_error(_("lint, plan, apply, confirm, rollback, history or try? See lastack tune "
                            "--help\n"));
        else if (options_fit(&p))
                status = p.word->run(&p.request);
        free(p.request.words);
        return status;
}

/* ---- What the words have in common ---- */

int
tune_open_netns(const struct tune_request *r, struct netns_list *ret)
{
        const char *problem;
        int error;

        error = netns_list_open(r->netns, ret);
        if (error == 0)
                return 0;
        problem = r->netns ? netns_problem(error) : NULL;
        if (problem)
                say_error(_(problem), r->netns);
        else
                say_error(_("cannot look into the network namespace: %s"), strerror(-error));
        fputc('\n', stderr);
        return EXIT_NOT_TOLD;
}

int
tune_read_words(const struct tune_request *r, struct tune_conf *ret)
{
        *ret = (struct tune_conf){ 0 };
        for (size_t i = 0; i < r->word_count; i++) {
                int error = tune_conf_word(ret, r->words[i]);
                if (error == -ENOMEM)
                        return say_no_memory();
                if (error < 0) {
                        say_error(_("'%s' is no setting: NAME=VALUE, as in tcp_tw_reuse=1\n"), r->words[i]);
                        tune_conf_fini(ret);
                        return EXIT_USAGE;
                }
        }
        return 0;
}

char *
tune_said(const struct tune_judgement *j)
{
        size_t size = 1;
        char *text, *p;

        for (size_t i = 0; i < j->said_count; i++)
                size += strlen(j->said[i]) + 1;
        text = p = malloc(size);
        if (!text)
                return NULL;
        *p = '\0';
        for (size_t i = 0; i < j->said_count; i++)
                p += sprintf(p, "%s%s", p > text ? " " : "", j->said[i]);
        return text;
}

char *
tune_here(const struct tune_evidence *e, const struct tune_setting *s)
{
        const struct tune_live *live = tune_live(e, s->name);
        struct tune_law law;
        const char *unit;
        char *text = NULL;
        int r;

        if (!strchr(s->name, '.') && tune_law_of(s->name, &law))
                live = tune_live(e, law.name);
        if (!live)
                return NULL;
        unit = tune_law_of(s->name, &law) && *law.unit != '\0' ? _(law.unit) : "";
        if (s->pattern || *s->name == '\0')
                return NULL;
        if (live->error == -ENOENT)
                r = asprintf(&text, "%s", _("not there"));
        else if (live->error < 0)
                r = asprintf(&text, _("cannot be read: %s"), strerror(-live->error));
        else if (*live->text == '\0')
                r = asprintf(&text, "%s", _("empty"));
        else
                r = asprintf(&text, "%s%s%s", tune_value_shown(live->text), *unit != '\0' ? " " : "", unit);
        return r < 0 ? NULL : text;
}
