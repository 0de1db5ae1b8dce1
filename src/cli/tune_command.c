/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/tune_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/tune_change.h"
#include "tune/shell.h"

/* A command as it grows; what is given away lives for a while. */
struct writing {
        FILE *file;
        char *text;
        size_t size;
};

static bool
begin(struct writing *w, enum tune_hand hand, const char *words)
{
        *w = (struct writing){ 0 };
        w->file = open_memstream(&w->text, &w->size);
        if (w->file)
                fprintf(w->file, "%s%s", hand == TUNE_HAND_ROOT ? "sudo " : "", words);
        return w->file;
}

static const char *
end(struct writing *w)
{
        static char *texts[8];
        static unsigned int next;
        char **place = &texts[next++ % 8];

        if (fclose(w->file) != 0)
                return "lastack tune --help";
        free(*place);
        *place = w->text;
        return *place ? *place : "lastack tune --help";
}

/* Where the journals are, unless the command finds them by itself. */
static const char *
journals(const struct tune_request *r, enum tune_hand hand, bool have_journal)
{
        if (hand == TUNE_HAND_ROOT && have_journal && !tune_is_state_of_root(tune_state_directory(r)))
                return tune_absolute(tune_state_directory(r));
        if (hand == TUNE_HAND_HOST)
                return r->state_directory ? tune_absolute(r->state_directory) : NULL;
        return tune_state_named(r);
}

const char *
tune_command_change(const struct tune_request *r, const char *word, unsigned int id, enum tune_hand hand)
{
        struct writing w;
        bool again = hand == TUNE_HAND_ROOT || hand == TUNE_HAND_HOST; /* the same that could not be done */

        if (!begin(&w, hand, "lastack tune "))
                return "lastack tune --help";
        fprintf(w.file, "%s %u%s%s", word, id, hand == TUNE_HAND_FORCE || (again && r->force) ? " --force" : "",
                again && r->json ? " --json" : "");
        shell_put_option(w.file, "--state-dir", journals(r, hand, true));
        return end(&w);
}

const char *
tune_command_history(const struct tune_request *r)
{
        struct writing w;

        if (!begin(&w, TUNE_HAND_SAME, "lastack tune history"))
                return "lastack tune history";
        shell_put_option(w.file, "--state-dir", journals(r, TUNE_HAND_SAME, true));
        return end(&w);
}

/* Files under sysctl.d are not written for another namespace, and from the host this is one. */
static void
put_persist(FILE *file, const struct tune_request *r, enum tune_hand hand)
{
        if (!r->persist || hand == TUNE_HAND_HOST)
                return;
        fputs(" --persist", file);
        shell_put_option(file, "--sysctl-dir", tune_sysctl_named(r));
}

static void
put_assignment(FILE *file, const struct tune_step *s)
{
        char *text;

        if (asprintf(&text, "%s=%s", s->name, s->after) < 0)
                return;
        fputc(' ', file);
        shell_put(file, text);
        free(text);
}

const char *
tune_command_apply(const struct tune_request *r, const struct tune_change *c, enum tune_hand hand)
{
        struct writing w;

        if (!begin(&w, hand, "lastack tune apply"))
                return "lastack tune --help";
        if (hand == TUNE_HAND_HOST)
                fputs(" --netns=PID", w.file);
        else
                shell_put_option(w.file, "--netns", r->netns);
        for (size_t i = 0; i < c->step_count; i++)
                put_assignment(w.file, &c->step[i]);
        if (r->confirm_within_s > 0)
                fprintf(w.file, " --confirm-within=%us", r->confirm_within_s);
        put_persist(w.file, r, hand);
        shell_put_option(w.file, "--why", r->why);
        fprintf(w.file, "%s%s", r->force ? " --force" : "", r->json ? " --json" : "");
        shell_put_option(w.file, "--state-dir", journals(r, hand, false));
        return end(&w);
}

/* Into the namespace that was asked for, by what there is on every host. */
static void
put_entering(FILE *file, const char *netns, enum tune_hand hand)
{
        if (hand == TUNE_HAND_HOST) {
                fputs("nsenter --target PID --net ", file);
        } else if (netns && strchr(netns, '/')) {
                fputs("nsenter", file);
                shell_put_option(file, "--net", netns);
                fputc(' ', file);
        } else if (netns && netns[strspn(netns, "0123456789")] != '\0' && !strchr(netns, ':')) {
                fputs("ip netns exec ", file);
                shell_put(file, netns);
                fputc(' ', file);
        } else if (netns) {
                fprintf(file, "nsenter --target %.*s --net ", (int)strspn(netns, "0123456789"), netns);
        }
}

const char *
tune_command_sysctl(const struct tune_request *r, const struct tune_step *s, enum tune_hand hand)
{
        struct writing w;

        if (!begin(&w, hand, ""))
                return "sysctl --help";
        put_entering(w.file, r->netns, hand);
        fputs("sysctl -w", w.file);
        put_assignment(w.file, s);
        return end(&w);
}
