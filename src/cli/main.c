/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * main.c - one command is run, and its answer really got out.
 */
#include <argp.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/gettext.h"

const char *argp_program_version = "lastack " LASTACK_VERSION;
const char *argp_program_bug_address;

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

        argp_err_exit_status = EXIT_USAGE;
        if (argc > 1 && argv[1][0] != '-')
                return commands_run(argc - 1, argv + 1);
        if (argc > 0)
                argv[0] = name;
        return command_overview(argc, argv);
}
