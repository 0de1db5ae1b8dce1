/* SPDX-License-Identifier: BSD-2-Clause */
/* From words to the scenarios that are meant, and what is said of words that mean none. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/lab.h"
#include "cli/nearest.h"
#include "cli/say_error.h"
#include "cli/topics.h"
#include "model/spelling.h"

bool
lab_runs_add(struct lab_runs *runs, const struct lab_run *run)
{
        struct lab_run *grown = realloc(runs->run, (runs->count + 1) * sizeof(*grown));

        if (!grown)
                return false;
        runs->run = grown;
        runs->run[runs->count++] = *run;
        return true;
}

static bool
add_row(struct lab_runs *runs, enum la_transition row)
{
        const struct lab_run run = { .kind = LAB_RUN_ROW,
                                     .scenario = la_lab_scenario_of_row(row),
                                     .mark = { .row_wanted = true, .row = row } };

        return lab_runs_add(runs, &run);
}

static bool
add_state(struct lab_runs *runs, enum la_state state)
{
        const struct la_lab_scenario *s = la_lab_scenario_of_state(state);
        const struct lab_run run = { .kind = LAB_RUN_STATE,
                                     .scenario = s,
                                     .mark = { .state_wanted = true, .state = state, .host = s->host } };

        return lab_runs_add(runs, &run);
}

static bool
add_states(struct lab_runs *runs)
{
        bool done = true;

        runs->all = true;
        for (unsigned int i = 0; i < LA_STATE_COUNT && done; i++)
                done = add_state(runs, (enum la_state)i);
        return done;
}

/* All rows, or those from one state to another. */
static bool
add_rows(struct lab_runs *runs, const struct topic *step)
{
        bool done = true;

        runs->all = runs->all || !step;
        for (unsigned int i = 0; i < LA_TRANSITION_COUNT && done; i++) {
                const struct la_transition_info *t = la_transition_info((enum la_transition)i);

                if (!step || (t->from == step->from && t->to == step->to))
                        done = add_row(runs, t->transition);
        }
        return done;
}

static int
refuse_step(const struct topic *t)
{
        say_error(_("no transition leads from %s to %s\n"), la_state_name(t->from), la_state_name(t->to));
        fprintf(stderr, _("The way there: lastack explain \"%s -> %s\"\n"), la_state_name(t->from),
                la_state_name(t->to));
        return EXIT_USAGE;
}

static int
add_topic(struct lab_runs *runs, const struct topic *t)
{
        size_t before = runs->count;
        bool done = true;

        switch (t->kind) {
        case TOPIC_STATE:
                done = add_state(runs, t->from);
                break;
        case TOPIC_ROW:
                done = add_row(runs, t->row);
                break;
        case TOPIC_STEP:
                done = add_rows(runs, t);
                if (done && runs->count == before)
                        return refuse_step(t);
                break;
        case TOPIC_STATES:
                done = add_states(runs);
                break;
        case TOPIC_TRANSITIONS:
                done = add_rows(runs, NULL);
                break;
        case TOPIC_KNOB:
        case TOPIC_KNOBS:
        case TOPIC_DIAGRAM:
                say_error(_("only states and transitions can be reproduced; a tunable: lastack explain\n"));
                return EXIT_USAGE;
        }
        return done ? EXIT_OK : say_no_memory();
}

static int
refuse_word(const struct topic_error *error)
{
        const char *names[NEAREST_MAX];
        size_t count = error->word[0] ? nearest_names(error->word, error->state_expected, names) : 0;

        if (error->word[0] == '\0')
                say_error(_("a state must follow the arrow, as in \"FIN_WAIT_1 -> CLOSING\"\n"));
        else
                say_error(_("'%s' is neither a state nor a transition\n"), error->word);
        if (count == 0)
                fputs(_("What there is: lastack lab --list reproduce\n"), stderr);
        for (size_t i = 0; i < count; i++)
                fprintf(stderr, "%s %s%s", i > 0 ? "," : _("Nearest:"), names[i], i + 1 == count ? "\n" : "");
        return EXIT_USAGE;
}

int
lab_choose(const char *words, struct lab_runs *runs)
{
        struct topic *topics;
        struct topic_error error;
        size_t count;
        int status;

        if (!words || words[strspn(words, " \t")] == '\0') {
                say_error(_("reproduce what? A state, a transition, or all\n"));
                return EXIT_USAGE;
        }
        if (strcmp(words, "all") == 0)
                return add_states(runs) && add_rows(runs, NULL) ? EXIT_OK : say_no_memory();
        status = topics_parse(words, &topics, &count, &error);
        if (status == -EINVAL)
                return refuse_word(&error);
        if (status < 0)
                return say_no_memory();
        status = EXIT_OK;
        for (size_t i = 0; i < count && status == EXIT_OK; i++)
                status = add_topic(runs, &topics[i]);
        free(topics);
        return status;
}

static int
refuse_story(const char *name)
{
        const char *nearest = NULL;
        unsigned int least = 0;
        const struct la_lab_scenario *s;

        for (size_t i = 0; (s = la_lab_story(i)); i++) {
                unsigned int far = spelling_distance(name, s->name);

                if (!nearest || far < least) {
                        nearest = s->name;
                        least = far;
                }
        }
        say_error(_("there is no story '%s'\n"), name);
        if (nearest && least <= strlen(nearest) / 2)
                fprintf(stderr, _("Nearest: %s\n"), nearest);
        fputs(_("What there is: lastack lab story\n"), stderr);
        return EXIT_USAGE;
}

int
lab_choose_stories(char *words, struct lab_runs *runs)
{
        int status = EXIT_OK;

        for (char *name = strtok(words, " "); name && status == EXIT_OK; name = strtok(NULL, " ")) {
                const struct lab_run run = { .kind = LAB_RUN_STORY, .scenario = la_lab_story_named(name) };

                status = !run.scenario ? refuse_story(name) : lab_runs_add(runs, &run) ? EXIT_OK : say_no_memory();
        }
        return status;
}
