/* SPDX-License-Identifier: BSD-2-Clause */
#include "tune/remedy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool
tune_is_ill(const struct finding *x)
{
        return x->severity >= SEVERITY_WARNING || strcmp(x->id, "settings") == 0;
}

/* A fix's command is one for the shell, "sysctl -w NAME=VALUE ...", which conf.h reads as people paste it. */
static int
read_command(const struct finding *x, const char *command, struct tune_conf *conf)
{
        size_t first = conf->count;
        int r = tune_conf_read(conf, 0, command, strlen(command));

        for (size_t i = first; i < conf->count && r == 0; i++) {
                conf->setting[i].oddities &= ~(uint32_t)(TUNE_ODD_COMMAND | TUNE_ODD_SEVERAL | TUNE_ODD_QUOTES);
                if (asprintf(&conf->setting[i].reason, "%s: %s", x->id, x->summary) < 0) {
                        conf->setting[i].reason = NULL;
                        r = -ENOMEM;
                }
        }
        return r;
}

static bool
is_named_before(const struct tune_conf *conf, size_t i)
{
        for (size_t k = 0; k < i; k++)
                if (strcmp(conf->setting[k].name, conf->setting[i].name) == 0)
                        return true;
        return false;
}

/* Settings beyond `first` that an earlier one, of a worse finding, names too are dropped. */
static void
drop_repeated(struct tune_conf *conf, size_t first)
{
        for (size_t i = first; i < conf->count;)
                if (is_named_before(conf, i))
                        tune_conf_drop(conf, i);
                else
                        i++;
}

int
tune_remedies(const struct findings *f, struct tune_conf *ret)
{
        struct tune_conf conf = { 0 };
        int r = 0;

        for (size_t i = 0; i < f->count; i++)
                for (size_t k = 0; k < f->finding[i].fixes && r == 0; k++) {
                        const struct fix *fix = &f->finding[i].fix[k];
                        size_t first = conf.count;
                        if (!tune_is_ill(&f->finding[i]) || fix->kind != FIX_KNOB || *fix->command == '\0')
                                continue;
                        r = read_command(&f->finding[i], fix->command, &conf);
                        drop_repeated(&conf, first);
                }
        if (r < 0)
                tune_conf_fini(&conf);
        else
                *ret = conf;
        return r;
}
