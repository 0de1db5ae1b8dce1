/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lab.c - TCP as it happens: connections of lastack's own stack, in a world with its own clock.
 */
#include "cli/lab.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/prose.h"
#include "cli/say_error.h"
#include "cli/words.h"

#define SEED_USUAL     1
#define SCRIPT_MAX     (1u << 20)
#define OPTION_PCAP    0x100
#define OPTION_SEED    0x101
#define OPTION_LIST    0x102
#define OPTION_LADDERS 0x103
#define ARROW          '>' /* "->" in a word of its own looks like an option */

struct request {
        const char *what; /* reproduce, story, play */
        char *words;      /* all others, with blanks between them */
        const char *pcap;
        uint64_t seed;
        bool json, list, ladders;
};

static const struct argp_option option_list[] = {
        { "json", 'j', NULL, 0, N_("JSON, for machines"), 0 },
        { "pcap", OPTION_PCAP, "FILE", 0, N_("Write the packets to FILE (pcapng, for Wireshark), with comments"), 0 },
        { "seed", OPTION_SEED, "N", 0, N_("Another number to begin from; the same number gives the same bytes"), 0 },
        { "ladders", OPTION_LADDERS, NULL, 0, N_("The ladder of each, before the table of all"), 0 },
        { "list", OPTION_LIST, NULL, 0, N_("The names that can be asked for, one a line"), 0 },
        { ">", ARROW, "STATE", OPTION_ARG_OPTIONAL | OPTION_HIDDEN, NULL, 0 },
        { 0 },
};

/* ---- The command line ---- */

static uint64_t
seed_of(const char *text, struct argp_state *state)
{
        char *end;
        unsigned long long n;

        errno = 0;
        n = strtoull(text, &end, 0);
        if (*text == '\0' || *text == '-' || *end != '\0' || errno)
                argp_error(state, _("a seed is a whole number, not '%s'"), text);
        return n;
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
        struct request *r = state->input;

        switch (key) {
        case 'j':
                r->json = true;
                return 0;
        case OPTION_PCAP:
                r->pcap = arg;
                return 0;
        case OPTION_SEED:
                r->seed = seed_of(arg, state);
                return 0;
        case OPTION_LADDERS:
                r->ladders = true;
                return 0;
        case OPTION_LIST:
                r->list = true;
                return 0;
        case ARROW:
                words_add(&r->words, "->");
                if (arg)
                        words_add(&r->words, arg);
                return 0;
        case ARGP_KEY_ARG:
                if (r->what)
                        words_add(&r->words, arg);
                else
                        r->what = arg;
                return 0;
        default:
                return ARGP_ERR_UNKNOWN;
        }
}

static const struct argp lab_argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = N_("reproduce STATE|TRANSITION|all\nstory [NAME...]\nplay FILE"),
        .doc = N_("Shows TCP as it happens: two ends with lastack's own stack, in a world with its own clock and paths "
                  "that "
                  "lose, delay and repeat what one wants them to. Nothing touches this host's network.\v"
                  "reproduce brings a connection into a STATE, or through a TRANSITION, and draws what was said "
                  "between the "
                  "ends. Both are spelled as for lastack explain: time-wait, \"FIN_WAIT_1 -> CLOSING\", "
                  "ESTABLISHED_RCV_FIN; "
                  "several may be asked for, states means all states, transitions all transitions, all both: a table, "
                  "and with --ladders the ladder of each before it.\n"
                  "story tells one of the stories that --list names, or all of them; without a NAME it names them.\n"
                  "play runs a script of one's own (- for standard input), see lastack-lab(1).\n\n"
                  "The exit status is 0 if everything asked for was reproduced, 3 if not."),
};

/* ---- Scripts of one's own ---- */

/* Returns 0 and *ret_text, to be freed; or a negative errno. */
static int
read_script(FILE *file, char **ret_text)
{
        char *text = malloc(SCRIPT_MAX + 1);
        size_t n = text ? fread(text, 1, SCRIPT_MAX + 1, file) : 0;
        int status = !text ? -ENOMEM : ferror(file) ? -errno : n > SCRIPT_MAX ? -EFBIG : 0;

        if (status == 0 && memchr(text, '\0', n))
                status = -EILSEQ;
        if (status < 0) {
                free(text);
                return status;
        }
        text[n] = '\0';
        *ret_text = text;
        return 0;
}

static int
open_script(const char *name, char **ret_text)
{
        bool standard = strcmp(name, "-") == 0;
        FILE *file = standard ? stdin : fopen(name, "re");
        int status = file ? read_script(file, ret_text) : -errno;

        if (file && !standard)
                fclose(file);
        return status;
}

static int
choose_script(const struct request *r, struct lab_runs *runs, struct la_lab_scenario *ret_scenario)
{
        const struct lab_run run = { .kind = LAB_RUN_SCRIPT, .scenario = ret_scenario };
        char *text = NULL;
        int status;

        if (!r->words) {
                say_error(_("play which file? (- is standard input)\n"));
                return EXIT_USAGE;
        }
        status = open_script(r->words, &text);
        if (status < 0) {
                say_error(_("cannot read %s: %s\n"), r->words, strerror(-status));
                return EXIT_NOT_TOLD;
        }
        *ret_scenario = (struct la_lab_scenario){ .name = r->words, .script = text };
        return lab_runs_add(runs, &run) ? EXIT_OK : say_no_memory();
}

/* ---- Answers ---- */

static void
list(bool stories)
{
        const struct la_lab_scenario *s;

        for (size_t i = 0; stories && (s = la_lab_story(i)); i++)
                puts(s->name);
        if (stories)
                return;
        puts("all\nstates\ntransitions");
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++)
                puts(la_state_name((enum la_state)i));
        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++)
                puts(la_transition_info((enum la_transition)i)->id);
}

static void
name_stories(void)
{
        struct terminal terminal = terminal_of(stdout);
        const struct la_lab_scenario *s;
        struct prose p;

        prose_init(&p, &terminal);
        for (size_t i = 0; (s = la_lab_story(i)); i++)
                prose_item(&p, 0, 22, s->name, _(s->title));
}

static void
put_summary_line(struct prose *p, const struct lab_run *run)
{
        bool utf8 = p->terminal.utf8;
        const char *mark = run->reproduced ? (utf8 ? "✓" : "+") : (utf8 ? "✗" : "-");
        char label[64];

        snprintf(label, sizeof(label), "%s %s", mark, run->scenario->name);
        if (!run->reproduced)
                prose_item(p, 0, 38, label, lab_run_why_not(run));
        else if (run->kind == LAB_RUN_STATE)
                prose_item(p, 0, 38, label, _(la_state_info(run->mark.state)->brief));
        else
                prose_item(p, 0, 38, label, la_transition_info(run->mark.row)->trigger);
}

static void
put_summary(const struct lab_runs *runs)
{
        struct terminal terminal = terminal_of(stdout);
        size_t done[2] = { 0, 0 }, total[2] = { 0, 0 };
        struct prose p;

        prose_init(&p, &terminal);
        for (size_t i = 0; i < runs->count; i++) {
                const struct lab_run *run = &runs->run[i];
                int which = run->kind == LAB_RUN_STATE ? 0 : 1;

                if (total[which] == 0)
                        prose_heading(&p, which == 0 ? _("States") : _("Transitions"));
                total[which]++;
                done[which] += run->reproduced ? 1 : 0;
                put_summary_line(&p, run);
        }
        putchar('\n');
        if (total[0] > 0)
                printf(_("%zu of %zu states reproduced\n"), done[0], total[0]);
        if (total[1] > 0)
                printf(_("%zu of %zu transitions reproduced\n"), done[1], total[1]);
}

static void
put_ladders(const struct lab_runs *runs)
{
        struct terminal terminal = terminal_of(stdout);

        for (size_t i = 0; i < runs->count; i++)
                lab_run_text(&terminal, &runs->run[i], i == 0);
}

static void
show(const struct request *r, const struct lab_runs *runs)
{
        if (r->json) {
                if (!lab_runs_json(stdout, runs->run, runs->count, r->seed))
                        exit(say_no_memory());
                return;
        }
        if (!runs->all || r->ladders)
                put_ladders(runs);
        if (runs->all && r->ladders)
                putchar('\n');
        if (runs->all)
                put_summary(runs);
}

/* A script that is wrong has no ladder. */
static int
refuse_script(const struct lab_run *run)
{
        say_error(_("%s, line %u: %s\n"), run->scenario->name, run->trouble.line, run->trouble.text);
        return EXIT_USAGE;
}

static int
run_all(const struct request *r, const struct lab_runs *runs)
{
        int status = EXIT_OK, written;

        for (size_t i = 0; i < runs->count; i++) {
                if (lab_run_play(&runs->run[i], r->seed) < 0)
                        return say_no_memory();
                if (!runs->run[i].lab && runs->run[i].kind == LAB_RUN_SCRIPT)
                        return refuse_script(&runs->run[i]);
                if (!runs->run[i].reproduced)
                        status = EXIT_NOT_TOLD;
        }
        show(r, runs);
        written = r->pcap ? lab_runs_pcap(r->pcap, runs->run, runs->count) : 0;
        if (written < 0) {
                say_error(_("cannot write %s: %s\n"), r->pcap, strerror(-written));
                return EXIT_OUTPUT;
        }
        return status;
}

static int
answer(const struct request *r)
{
        struct lab_runs runs = { 0 };
        struct la_lab_scenario own = { 0 };
        bool stories = r->what && strcmp(r->what, "story") == 0;
        int status = EXIT_USAGE;

        if (r->list || (stories && !r->words)) {
                if (r->list)
                        list(stories);
                else
                        name_stories();
                return EXIT_OK;
        }
        if (!r->what)
                say_error(_("reproduce, story or play? See lastack lab --help\n"));
        else if (strcmp(r->what, "reproduce") == 0)
                status = lab_choose(r->words, &runs);
        else if (stories)
                status = lab_choose_stories(r->words, &runs);
        else if (strcmp(r->what, "play") == 0)
                status = choose_script(r, &runs, &own);
        else
                say_error(_("'%s' is none of reproduce, story, play\n"), r->what);
        if (status == EXIT_OK)
                status = run_all(r, &runs);
        for (size_t i = 0; i < runs.count; i++)
                lab_run_fini(&runs.run[i]);
        free(runs.run);
        free((char *)(uintptr_t)own.script);
        return status;
}

int
command_lab(int argc, char **argv)
{
        struct request r = { .seed = SEED_USUAL };
        int status;

        argp_err_exit_status = EXIT_USAGE;
        argp_parse(&lab_argp, argc, argv, ARGP_IN_ORDER, NULL, &r);
        status = answer(&r);
        free(r.words);
        return status;
}
