/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/stack.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/gettext.h"

/* Of the last connection, or the last call that failed, for stack_complain(). */
static struct control_trouble trouble;

int
stack_connect(const char *name, struct control_client **ret_client)
{
        return control_connect(name, ret_client, &trouble);
}

/* ---- What went wrong ---- */

void
stack_say_none(void)
{
        char places[3 * PATH_MAX + 8];

        control_places(places, sizeof(places));
        fprintf(stderr, _("No stack of lastack runs here: none answers in %s\n"), places);
}

static void
say_which_there_are(void)
{
        struct control_names names;

        if (control_names(&names) < 0)
                return;
        if (names.count == 0) {
                stack_say_none();
        } else {
                fputs(_("Running:"), stderr);
                for (size_t i = 0; i < names.count; i++)
                        fprintf(stderr, "%s %s", i > 0 ? "," : "", names.name[i]);
                putc('\n', stderr);
        }
        control_names_free(&names);
}

static void
say_versions(const char *name)
{
        const char *ours = argp_program_version + strlen("lastack ");

        if (trouble.version[0] && strcmp(trouble.version, ours) != 0)
                fprintf(stderr,
                        _("lastack: stack '%s' is run by lastack %s, and this is %s: look at it with that one\n"), name,
                        trouble.version, ours);
        else
                fprintf(stderr,
                        _("lastack: stack '%s' is run by another build of lastack %s than this one: look at it with "
                          "that one\n"),
                        name, ours);
}

/* One sentence, "%s" in it for the name; NULL where there is more to say than that. */
static const char *
sentence(int error)
{
        switch (-error) {
        case ENOENT:
                return N_("no stack '%s' runs here");
        case EINVAL:
                return N_("'%s' cannot be the name of a stack: that is up to 31 letters, digits, '.', '-' and '_', no "
                          "'.' first");
        case EACCES:
                return N_("stack '%s' is another user's: only that user, or root, may look at it");
        case EUSERS:
                return N_("stack '%s' is being looked at by as many as it answers at a time");
        case ETIMEDOUT:
                return N_("stack '%s' does not answer: its program is stopped, or busy with something else");
        case ECONNRESET:
                return N_("stack '%s' has ended");
        case EBADMSG:
                return N_("what answers for stack '%s' makes no sense");
        case EOPNOTSUPP:
                return N_("stack '%s' keeps no trace, and so has no events to tell: its program made it without "
                          "(la_config.trace)");
        default:
                return NULL;
        }
}

static void
say_what(const char *name, int error)
{
        const char *text = sentence(error);

        if (error == -EPROTO) {
                say_versions(name);
        } else if (text) {
                fputs("lastack: ", stderr);
                fprintf(stderr, _(text), name);
                putc('\n', stderr);
        } else {
                fprintf(stderr, _("lastack: stack '%s': %s\n"), name, strerror(-error));
        }
}

/* Part of an answer would be taken for all of it. */
static void
say_all_or_none(const char *name)
{
        fprintf(stderr, _("Stack '%s' is told with all its queues, or not at all.\n"), name);
        if (!strchr(name, '/'))
                fprintf(stderr, _("One of the others alone: --stack %s.0, %s.1 and so on\n"), name, name);
}

int
stack_complain(const char *name, int error)
{
        bool queue = trouble.queue[0] != '\0';

        say_what(queue ? trouble.queue : name, error);
        if (queue)
                say_all_or_none(name);
        else if (error == -ENOENT)
                say_which_there_are();
        return error == -EINVAL ? EXIT_USAGE : EXIT_NOT_TOLD;
}

int
stack_plain_text(const char *value, char **ret_text)
{
        char *text = strdup(value);

        if (!text)
                return -ENOMEM;
        for (char *p = text; *p; p++)
                *p = *p == '\t' ? ' ' : *p;
        *ret_text = text;
        return 0;
}

int
stack_told_text(const struct control_client *client, const struct control_knob_view *knob, char **ret_text)
{
        char *joined = NULL;
        size_t size;
        int r;

        if (knob->agreed)
                return stack_plain_text(knob->value, ret_text);
        FILE *file = open_memstream(&joined, &size);
        if (!file)
                return -ENOMEM;
        for (unsigned int i = 0; i < control_queues(client); i++)
                fprintf(file, "%s%s", i > 0 ? ", " : "", control_knob_value(client, i));
        r = fclose(file) == 0 ? stack_plain_text(joined, ret_text) : -ENOMEM;
        free(joined);
        return r;
}

int
stack_knob_text(struct control_client *client, const char *name, char **ret_text)
{
        struct control_knob_view knob;
        int r = control_knob(client, name, &knob);

        if (r < 0)
                return r == -ENODEV ? -ENOENT : r;
        return stack_told_text(client, &knob, ret_text);
}
