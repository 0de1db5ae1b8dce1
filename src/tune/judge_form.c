/* SPDX-License-Identifier: BSD-2-Clause */
/* judge_form.c - what there is to say of a line before anybody asks what it sets. */
#include "tune/gettext.h"
#include "tune/judge.h"

void
tune_judge_form(struct tune_case *c)
{
        static const struct {
                uint32_t bit;
                enum tune_verdict verdict;
                const char *sentence;
        } oddities[] = {
                { TUNE_ODD_BOM, TUNE_MALFORMED,
                  N_("A byte order mark stands before it, which sysctl takes for a part of the name: save the file "
                     "without.") },
                { TUNE_ODD_SEVERAL, TUNE_MALFORMED,
                  N_("Several settings stand on this line. sysctl takes all behind the first '=' for one value, which "
                     "the kernel refuses: write each on a line of its own.") },
                { TUNE_ODD_COMMAND, TUNE_MALFORMED,
                  N_("This is a command for a shell. In a file only NAME = VALUE stands.") },
                { TUNE_ODD_QUOTES, TUNE_MALFORMED,
                  N_("The quotes belong to no setting: sysctl hands them to the kernel, which refuses them.") },
                { TUNE_ODD_BLANKS, TUNE_MALFORMED,
                  N_("There is a blank in it that is not an ordinary one (from a web page?): type it anew.") },
                { TUNE_ODD_COMMENT, TUNE_MISREAD,
                  N_("sysctl knows comments on lines of their own only: what follows the value goes to the kernel, "
                     "which passes it over behind a number and refuses it behind anything else.") },
                { TUNE_ODD_LONG, TUNE_MALFORMED, N_("The line is longer than sysctl reads.") },
                { TUNE_ODD_SETTING, TUNE_MALFORMED, N_("This is no setting: there is no '=' in it.") },
                { TUNE_ODD_NO_NAME, TUNE_MALFORMED, N_("This is no setting: nothing stands before the '='.") },
                { TUNE_ODD_MARK, TUNE_MALFORMED,
                  N_("A byte order mark stands at the beginning of the file, so sysctl takes this line for a setting "
                     "without '=', and complains: save the file without.") },
        };

        for (size_t i = 0; i < sizeof(oddities) / sizeof(oddities[0]); i++)
                if (c->setting->oddities & oddities[i].bit)
                        tune_say(c, oddities[i].verdict, "%s", _(oddities[i].sentence));
}
