/* SPDX-License-Identifier: BSD-2-Clause */
#include "tune/judge.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tune/gettext.h"
#include "tune/rules.h"

static const struct {
        const char *id;
        int severity;
} verdicts[] = {
        [TUNE_FINE] = { "fine", 0 },
        [TUNE_DEFAULT] = { "default", 0 },
        [TUNE_NOT_JUDGED] = { "not-judged", 0 },
        [TUNE_MISREAD] = { "misread", 1 },
        [TUNE_USELESS] = { "useless", 1 },
        [TUNE_HARMFUL] = { "harmful", 1 },
        [TUNE_ABSENT] = { "absent", 1 },
        [TUNE_REFUSED] = { "refused", 1 },
        [TUNE_MALFORMED] = { "malformed", 1 },
        [TUNE_DANGEROUS] = { "dangerous", 2 },
};

int
tune_severity(enum tune_verdict verdict)
{
        return verdicts[verdict].severity;
}

const char *
tune_verdict_id(enum tune_verdict verdict)
{
        return verdicts[verdict].id;
}

static bool
is_said(const struct tune_judgement *j, const char *text)
{
        for (size_t i = 0; i < j->said_count; i++)
                if (strcmp(j->said[i], text) == 0)
                        return true;
        return false;
}

void
tune_say(struct tune_case *c, enum tune_verdict verdict, const char *format, ...)
{
        struct tune_judgement *j = c->j;
        va_list arguments;
        char *text;
        int r;

        if (verdict > j->verdict)
                j->verdict = verdict;
        if (j->said_count == sizeof(j->said) / sizeof(j->said[0]))
                return;
        va_start(arguments, format);
        r = vasprintf(&text, format, arguments);
        va_end(arguments);
        if (r < 0)
                return;
        if (is_said(j, text))
                free(text);
        else
                j->said[j->said_count++] = text;
}

/* ---- Other tunables ---- */

static const struct tune_setting *
last_word(const struct tune_case *c, const char *name)
{
        for (size_t i = c->conf->count; i-- > 0;)
                if (strcmp(c->conf->setting[i].name, name) == 0 && *c->conf->setting[i].value != '\0')
                        return &c->conf->setting[i];
        return NULL;
}

const char *
tune_will_be(const struct tune_case *c, const char *name)
{
        const struct tune_setting *s = last_word(c, name);
        struct tune_law law;

        if (s)
                return s->value;
        if (tune_live_text(c->e, name))
                return tune_live_text(c->e, name);
        return tune_law_of(name, &law) ? law.standard : "";
}

int64_t
tune_will_be_number(const struct tune_case *c, const char *name, int64_t otherwise)
{
        struct tune_value v = tune_value_read(LA_KNOB_NUMBER, tune_will_be(c, name));

        return v.count == 1 ? v.number[0] : otherwise;
}

/* A new namespace has the compiled-in default, but for the buffers' sizes, which it takes from the first one. */
const char *
tune_default(const struct tune_case *c)
{
        if (*c->law.standard != '\0')
                return c->law.standard;
        if (c->law.kind == LA_KNOB_NUMBER && c->law.knob && c->rehearsal && c->rehearsal->before)
                return c->rehearsal->before;
        return "";
}

/* ---- The line itself ---- */

/* A part of a name alone, as "tcp_sack = 1". */
static bool
is_leaf_alone(const struct tune_case *c)
{
        return !strchr(c->setting->name, '.');
}

#define FORM       (TUNE_ODD_SEVERAL | TUNE_ODD_QUOTES | TUNE_ODD_COMMAND | TUNE_ODD_COMMENT | TUNE_ODD_BLANKS | TUNE_ODD_BOM)
#define VALUE_FORM (TUNE_VALUE_COMMAS | TUNE_VALUE_UNIT | TUNE_VALUE_OCTAL | TUNE_VALUE_MORE)

static bool
in_range(const struct tune_case *c)
{
        for (int i = 0; i < c->value.count; i++)
                if (c->value.number[i] < c->law.min || c->value.number[i] > c->law.max)
                        return false;
        return !(c->value.odd & TUNE_VALUE_NO_NUMBER);
}

/* "8080, 9000" without its blanks. */
static char *
ports_meant(const char *value)
{
        char *ports = strdup(value), *to = ports;

        for (char *p = ports; p && *p != '\0'; p++)
                if (*p != ' ')
                        *to++ = *p;
        if (to)
                *to = '\0';
        return ports;
}

/* What will stand there instead, where only its form was wrong. */
static void
offer_form(struct tune_case *c)
{
        bool ports = c->law.kind == LA_KNOB_PORT_LIST && strchr(c->setting->value, ' ');
        char *value;

        if (c->j->better || c->j->leave_out || c->j->verdict == TUNE_ABSENT)
                return;
        if (!ports && (!in_range(c) || !(is_leaf_alone(c) || c->setting->oddities & FORM || c->value.odd & VALUE_FORM)))
                return;
        value = ports ? ports_meant(c->setting->value) : tune_value_canonical(c->law.kind, c->setting->value);
        if (value && *value != '\0' &&
            asprintf(&c->j->better, "%s = %s", is_leaf_alone(c) ? c->law.name : c->setting->name, value) < 0)
                c->j->better = NULL;
        free(value);
}

/* Such a line leaves what an earlier one has set. */
static bool
is_refused(const struct tune_case *c, size_t i)
{
        return c->rehearsals && c->rehearsals[i].tried && c->rehearsals[i].error < 0;
}

static bool
judge_overridden(struct tune_case *c)
{
        for (size_t i = c->conf->count; i-- > c->index + 1;) {
                const struct tune_setting *later = &c->conf->setting[i];
                if (strcmp(later->name, c->setting->name) != 0 || later->exclusion || *later->value == '\0' ||
                    is_refused(c, i))
                        continue;
                if (later->file == c->setting->file)
                        tune_say(c, TUNE_USELESS, _("Line %u sets it again, to %s: the last one wins."), later->line,
                                 tune_value_shown(later->value));
                else
                        tune_say(c, TUNE_USELESS, _("A later file sets it again, line %u, to %s: the last one wins."),
                                 later->line, tune_value_shown(later->value));
                c->j->leave_out = true;
                return true;
        }
        return false;
}

/* ---- Is it there? ---- */

/* Does it belong to the host's first network namespace, and this is another?  What is none of the network's can be set in
 * any. */
static bool
is_of_the_first(const struct tune_case *c)
{
        return c->law.scope == LA_SCOPE_HOST && !c->e->first_netns && strncmp(c->law.name, "net.", 4) == 0;
}

static bool
module_missing(const struct tune_case *c)
{
        return c->law.advice && *c->law.advice->module != '\0';
}

static void
say_absent(struct tune_case *c)
{
        const struct tune_law *law = &c->law;

        c->j->leave_out = true;
        if (*law->removed != '\0' && tune_kernel_has(c->e, law->removed))
                tune_say(c, TUNE_ABSENT,
                         _("Linux %s removed it (this is %s): sysctl -p says \"No such file or "
                           "directory\" and ends with an error."),
                         law->removed, c->e->release);
        else if (*law->since != '\0' && !tune_kernel_has(c->e, law->since))
                tune_say(c, TUNE_ABSENT, _("It came with Linux %s, and this is %s."), law->since, c->e->release);
        else if (module_missing(c) && is_of_the_first(c))
                tune_say(c, TUNE_ABSENT,
                         _("Only the host's own network namespace has it, while the module %s is loaded, and this is "
                           "another, a container's: it has to be set on the host, for all."),
                         law->advice->module);
        else if (module_missing(c))
                tune_say(c, TUNE_ABSENT,
                         _("It is there only while the module %s is loaded, and that is not so here: sysctl -p fails, "
                           "and nothing needs the line."),
                         law->advice->module);
        else if (is_of_the_first(c))
                tune_say(c, TUNE_ABSENT,
                         _("Only the host's own network namespace has it, and this is another, a container's: it has "
                           "to be set on the host, for all."));
        else if (strchr(law->name, '*'))
                tune_say(c, TUNE_ABSENT, "%s", _("There is no such interface here now."));
        else
                tune_say(c, TUNE_ABSENT, _("This kernel (%s) does not have it."), c->e->release);
        if (law->knob)
                tune_say(c, TUNE_ABSENT, "%s", translated(law->mistaken));
        else
                tune_say(c, TUNE_ABSENT, "%s", translated(law->effect));
        if (law->knob && *law->removed != '\0' && tune_will_be_number(c, c->setting->name, 0) != 0)
                tune_say(c, TUNE_ABSENT, _("On kernels that have it: %s"), translated(law->risk));
}

/* What the pattern means here, as whoever gathered found. */
static void
judge_pattern(struct tune_case *c, const struct tune_live *live)
{
        if (!live || live->error < 0 || !live->text)
                tune_say(c, TUNE_ABSENT, "%s", _("Nothing here has a name like that."));
        else
                tune_say(c, TUNE_NOT_JUDGED, _("It sets %s. What that does is told of a line with the whole name."),
                         live->text);
}

static void
judge_unknown(struct tune_case *c)
{
        const struct tune_live *live = tune_live(c->e, c->setting->name);
        const char *nearest = c->setting->pattern ? NULL : tune_law_nearest(c->setting->name);

        if (c->setting->pattern) {
                judge_pattern(c, live);
                return;
        }
        if (live && live->error != -ENOENT) {
                tune_say(c, TUNE_NOT_JUDGED, "%s", _("Not TCP's: not judged."));
                return;
        }
        tune_say(c, TUNE_ABSENT, _("This kernel (%s) has no tunable of that name, and it is none of TCP's."),
                 c->e->release);
        if (!nearest)
                return;
        tune_say(c, TUNE_ABSENT, _("Is %s meant?"), nearest);
        if (asprintf(&c->j->better, "%s = %s", nearest, c->setting->value) < 0)
                c->j->better = NULL;
}

/* ---- All of it ---- */

static void
judge_known(struct tune_case *c)
{
        const struct tune_live *live = tune_live(c->e, is_leaf_alone(c) ? c->law.name : c->setting->name);
        bool there = c->setting->pattern || !live || live->error != -ENOENT;
        bool read_only = live && live->error == 0 && is_of_the_first(c);

        if (is_leaf_alone(c))
                tune_say(c, TUNE_MALFORMED, _("The name is %s; sysctl does not find it by its last part alone."),
                         c->law.name);
        if (!there) {
                say_absent(c);
                return;
        }
        if (c->law.advice && c->law.advice->sort == LA_ADVICE_REPORTS) {
                tune_say(c, TUNE_REFUSED, "%s", _("It can only be read: the kernel refuses to have it written."));
                tune_say(c, TUNE_REFUSED, "%s", translated(c->law.effect));
                c->j->leave_out = true;
                return;
        }
        if (read_only)
                tune_say(c, TUNE_FINE, "%s",
                         _("Here it can only be read: it belongs to the host's own network namespace, and this is "
                           "another, a container's. It has to be set on the host, for all."));
        tune_judge_value(c);
        if (read_only && c->j->verdict < TUNE_REFUSED)
                c->j->verdict = TUNE_REFUSED;
}

static void
judge_name_and_value(struct tune_case *c)
{
        if (tune_law_of(c->setting->name, &c->law))
                judge_known(c);
        else
                judge_unknown(c);
}

/* A line that a later one overrides ends sysctl with an error all the same, if the kernel does not take it. */
static void
judge_wrong_too(struct tune_case *c)
{
        struct tune_judgement alone = { 0 }, *whole = c->j;

        c->j = &alone;
        judge_name_and_value(c);
        c->j = whole;
        for (size_t i = 0; i < alone.said_count; i++)
                if (alone.verdict == TUNE_ABSENT || alone.verdict == TUNE_REFUSED || alone.verdict == TUNE_MALFORMED)
                        tune_say(c, alone.verdict, "%s", alone.said[i]);
        tune_judgement_fini(&alone);
}

void
tune_judge(const struct tune_conf *conf, size_t i, const struct tune_evidence *e,
           const struct tune_rehearsal *rehearsals, struct tune_judgement *ret)
{
        struct tune_case c = { .conf = conf,
                               .index = i,
                               .setting = &conf->setting[i],
                               .e = e,
                               .rehearsals = rehearsals,
                               .rehearsal = rehearsals ? &rehearsals[i] : NULL };

        *ret = (struct tune_judgement){ 0 };
        c.j = ret;
        tune_judge_form(&c);
        if (c.setting->oddities & (TUNE_ODD_SETTING | TUNE_ODD_NO_NAME | TUNE_ODD_MARK))
                return;
        if (c.setting->exclusion) {
                tune_say(&c, TUNE_FINE, "%s", _("No '*' in other lines reaches it."));
                return;
        }
        if (judge_overridden(&c)) {
                judge_wrong_too(&c);
                return;
        }
        judge_name_and_value(&c);
        offer_form(&c);
        if (c.setting->may_fail && ret->verdict == TUNE_ABSENT)
                tune_say(&c, TUNE_FINE, "%s", _("The '-' before it keeps sysctl from ending with an error for that."));
}

void
tune_judgement_fini(struct tune_judgement *j)
{
        for (size_t i = 0; i < j->said_count; i++)
                free(j->said[i]);
        free(j->better);
        *j = (struct tune_judgement){ 0 };
}
