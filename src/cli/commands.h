/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * commands.h - the commands, one file each, and how they end.
 *
 * A command gets its own arguments with argv[0] set to its full name ("lastack ls"), writes its answer to standard
 * output and its complaints to standard error (say_error.h), and returns an exit status.
 */
#ifndef LASTACK_CLI_COMMANDS_H
#define LASTACK_CLI_COMMANDS_H

#include <stdbool.h>
#include <stdio.h>

enum exit_status {
        EXIT_OK = 0,
        EXIT_WARNING = 1,  /* the doctor's: something is wrong, */
        EXIT_CRITICAL = 2, /* and connections fail by it, or are about to */
        EXIT_NOT_TOLD = 3, /* what was asked could not be found out */
        EXIT_USAGE = 64,   /* the command line or the filter is wrong (sysexits.h) */
        EXIT_OUTPUT = 74,  /* the answer could not be written (sysexits.h) */
};

/* Runs the command that argv[0] names, or says that there is none of that name. */
int commands_run(int argc, char **argv);

bool commands_have(const char *name);

/* What there is, a command a line. */
void commands_list(FILE *file);

int command_overview(int argc, char **argv);
int command_states(int argc, char **argv);
int command_ls(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_record(int argc, char **argv);
int command_lab(int argc, char **argv);
int command_knob(int argc, char **argv);
int command_events(int argc, char **argv);
int command_stacks(int argc, char **argv);
int command_tune(int argc, char **argv);
int command_up(int argc, char **argv);

#endif
