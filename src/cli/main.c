/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * main.c - which command is meant, and that its answer really got out.
 */
#include <argp.h>
#include <errno.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "lastack/model.h"

const char *argp_program_version = "lastack " LASTACK_VERSION;
const char *argp_program_bug_address;

static int command_help(int argc, char **argv);

static const struct command {
        const char *name;
        const char *brief;
        int (*run)(int argc, char **argv);
} commands[] = {
        { "states", N_("count the sockets in each state"), command_states },
        { "ls", N_("list sockets, their owners, timers and details"), command_ls },
        { "explain", N_("what a state, a transition or a tunable means, and what helps"), command_explain },
        { "lab", N_("TCP as it happens: any state, any transition, told as a ladder"), command_lab },
        { "help", N_("say more of a command"), command_help },
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

static void
list_commands(FILE *file)
{
        fputs(_("Commands:\n"), file);
        fprintf(file, "  %-10s %s\n", "", _("without a command: the whole host on one screen"));
        for (size_t i = 0; i < COMMAND_COUNT; i++)
                fprintf(file, "  %-10s %s\n", commands[i].name, _(commands[i].brief));
        fputs(_("Each has --help and a man page: lastack-states(1), lastack-ls(1), lastack-explain(1), "
                "lastack-lab(1).\n"),
              file);
}

static int
unknown_command(const char *name)
{
        fprintf(stderr, _("lastack: there is no command '%s'\n"), name);
        if (la_state_parse(name, &(enum la_state){ LA_CLOSED }) || la_knob_find(name))
                fprintf(stderr, _("to have it explained: lastack explain %s\n"), name);
        list_commands(stderr);
        return EXIT_USAGE;
}

/* Runs a command under the name that its usage text is to show. */
static int
run(const struct command *command, int argc, char **argv)
{
        char *name;

        if (asprintf(&name, "lastack %s", command->name) < 0)
                return EXIT_NOT_TOLD;
        argv[0] = name;
        int status = command->run(argc, argv);
        free(name);
        return status;
}

static int
command_help(int argc, char **argv)
{
        static char help[] = "--help";
        char *arguments[] = { NULL, help, NULL };

        if (argc < 2) {
                list_commands(stdout);
                return EXIT_OK;
        }
        const struct command *command = command_named(argv[1]);
        if (!command)
                return unknown_command(argv[1]);
        return command->run == command_help ? command_help(1, argv) : run(command, 2, arguments);
}

/* An answer that did not get out whole is no answer.  A reader that went away early got all it wanted. */
static void
check_output(void)
{
        if (fflush(stdout) == 0 && !ferror(stdout))
                return;
        if (errno != EPIPE)
                fprintf(stderr, _("lastack: cannot write the answer: %s\n"), strerror(errno));
        _Exit(errno == EPIPE ? EXIT_OK : EXIT_OUTPUT);
}

int
main(int argc, char **argv)
{
        static char buffer[1 << 16];
        static char name[] = "lastack";

        setlocale(LC_ALL, "");
        bindtextdomain("lastack", LASTACK_LOCALE_DIR);
        textdomain("lastack");
        setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
        atexit(check_output);

        if (argc > 1 && argv[1][0] != '-') {
                const struct command *command = command_named(argv[1]);
                return command ? run(command, argc - 1, argv + 1) : unknown_command(argv[1]);
        }
        if (argc > 0)
                argv[0] = name;
        return command_overview(argc, argv);
}
