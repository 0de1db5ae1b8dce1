/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "cli/gettext.h"
#include "cli/say_error.h"
#include "lastack/model.h"

static int command_help(int argc, char **argv);

static const struct command {
        const char *name;
        const char *operand;
        const char *brief;
        int (*run)(int argc, char **argv);
} commands[] = {
        { "states", N_("[FILTER]"), N_("count the sockets in each state"), command_states },
        { "ls", N_("[FILTER]"), N_("list sockets, their owners, timers and details"), command_ls },
        { "doctor", "", N_("what is wrong, by what evidence, and what to do"), command_doctor },
        { "record", N_("FILE"), N_("write down what the doctor looks at"), command_record },
        { "explain", N_("[TOPIC...]"), N_("what a state, a transition or a tunable means"), command_explain },
        { "knob", N_("[NAME]"), N_("tunables as they are set; of a stack, to be set"), command_knob },
        { "events", N_("[FILTER]"), N_("what happens in a running stack, as it happens"), command_events },
        { "stacks", "", N_("list the stacks of lastack that run"), command_stacks },
        { "lab", N_("WHAT..."), N_("any state and any transition as it happens"), command_lab },
        { "tune", N_("WHAT..."), N_("judge tunables, change them, and put them back"), command_tune },
        { "up", N_("[OPTION...]"), N_("bring up lastack's own TCP, with services"), command_up },
        { "help", N_("[COMMAND]"), N_("say more of a command"), command_help },
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static const struct command *
command_named(const char *name)
{
        for (size_t i = 0; i < COMMAND_COUNT; i++)
                if (strcmp(commands[i].name, name) == 0)
                        return &commands[i];
        return NULL;
}

bool
commands_have(const char *name)
{
        return command_named(name) != NULL;
}

void
commands_list(FILE *file)
{
        fputs(_("Commands:\n"), file);
        for (size_t i = 0; i < COMMAND_COUNT; i++)
                fprintf(file, "  lastack %-8s%-12s%s\n", commands[i].name,
                        *commands[i].operand ? _(commands[i].operand) : "", _(commands[i].brief));
        fputs(_("Without a command: the whole host on one screen.\n"
                "Each has --help and a man page: lastack-states(1), lastack-ls(1), ...\n"),
              file);
}

static int
unknown_command(const char *name)
{
        say_error(_("there is no command '%s'\n"), name);
        if (la_state_parse(name, &(enum la_state){ LA_CLOSED }) || la_knob_find(name))
                fprintf(stderr, _("to have it explained: lastack explain %s\n"), name);
        commands_list(stderr);
        return EXIT_USAGE;
}

/* Runs a command under the name that its usage text is to show. */
static int
run_command(const struct command *command, int argc, char **argv)
{
        char *name;

        if (asprintf(&name, "lastack %s", command->name) < 0)
                return EXIT_NOT_TOLD;
        argv[0] = name;
        say_error_as(name);
        int status = command->run(argc, argv);
        say_error_as("lastack");
        free(name);
        return status;
}

static int
command_help(int argc, char **argv)
{
        static char help[] = "--help";
        char *arguments[] = { NULL, help, NULL };

        if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0) {
                commands_list(stdout);
                return EXIT_OK;
        }
        const struct command *command = command_named(argv[1]);
        if (!command)
                return unknown_command(argv[1]);
        return command->run == command_help ? command_help(1, argv) : run_command(command, 2, arguments);
}

int
commands_run(int argc, char **argv)
{
        const struct command *command = command_named(argv[0]);

        return command ? run_command(command, argc, argv) : unknown_command(argv[0]);
}
