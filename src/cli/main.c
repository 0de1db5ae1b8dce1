/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * main.c - one command is run, and its answer really got out.
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/say_error.h"

const char *argp_program_version = "lastack " LASTACK_VERSION;
const char *argp_program_bug_address;

/* A standard stream that the caller closed would be the next file that is opened, and then be written to, or taken for
 * no file at all.  What stands in for it here can neither be read nor written, and is there in every file system. */
static void
occupy_standard_streams(void)
{
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
                if (fcntl(fd, F_GETFD) < 0)
                        open("/", O_PATH);
}

/* An answer that did not get out whole is no answer.  A reader that went away early got all it wanted. */
static void
check_output(void)
{
        if (fflush(stdout) == 0 && !ferror(stdout))
                return;
        if (errno != EPIPE)
                say_error(_("cannot write the answer: %s\n"), strerror(errno));
        _Exit(errno == EPIPE ? EXIT_OK : EXIT_OUTPUT);
}

int
main(int argc, char **argv)
{
        static char buffer[1 << 16];
        static char name[] = "lastack";

        occupy_standard_streams();
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
