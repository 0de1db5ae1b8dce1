/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/commands.h"
int
command_explain(int argc, char **argv)
{
        (void)argc;
        (void)argv;
        return 1;
}
