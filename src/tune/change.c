/* SPDX-License-Identifier: BSD-2-Clause */
#include "tune/change.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "linux/tunable.h"
#include "tune/shell.h"

static const char magic[] = "lastack-change 1";

const char *
tune_boot_id(void)
{
        static char id[64];
        char *text;

        if (*id == '\0' && tunable_read(0, "kernel/random/boot_id", &text) == 0) {
                snprintf(id, sizeof(id), "%s", text);
                free(text);
        }
        return id;
}

static bool
something_left(const struct tune_change *c)
{
        for (size_t i = 0; i < c->step_count; i++)
                if (c->step[i].left)
                        return true;
        return c->persist_left;
}

enum tune_change_state
tune_change_state(const struct tune_change *c, const char *boot)
{
        if (c->undone)
                return something_left(c) ? TUNE_CHANGE_UNDONE_PARTLY : TUNE_CHANGE_UNDONE;
        if (strcmp(c->boot, boot) != 0)
                return c->persisted ? TUNE_CHANGE_IN_FORCE : TUNE_CHANGE_REBOOTED;
        if (!c->applied)
                return TUNE_CHANGE_INTERRUPTED;
        return c->confirm_within_s > 0 && !c->confirmed ? TUNE_CHANGE_WAITS : TUNE_CHANGE_IN_FORCE;
}

const char *
tune_change_state_id(enum tune_change_state state)
{
        static const char *const ids[] = {
                [TUNE_CHANGE_IN_FORCE] = "in-force",           [TUNE_CHANGE_WAITS] = "waiting",
                [TUNE_CHANGE_INTERRUPTED] = "interrupted",     [TUNE_CHANGE_UNDONE] = "undone",
                [TUNE_CHANGE_UNDONE_PARTLY] = "undone-partly", [TUNE_CHANGE_REBOOTED] = "rebooted",
        };

        return ids[state];
}

bool
tune_change_add(struct tune_change *c, const char *name, const char *before, const char *after, const char *rehearsed)
{
        struct tune_step *grown = realloc(c->step, (c->step_count + 1) * sizeof(*grown));
        struct tune_step *s;

        if (!grown)
                return false;
        c->step = grown;
        s = &grown[c->step_count++];
        *s = (struct tune_step){ .name = strdup(name), .before = strdup(before), .after = strdup(after) };
        s->rehearsed = rehearsed ? strdup(rehearsed) : NULL;
        return s->name && s->before && s->after && (s->rehearsed || !rehearsed);
}

/* ---- Writing ---- */

/* One line, whatever somebody had to say. */
static void
put_line(FILE *file, const char *key, const char *text)
{
        fprintf(file, "%s ", key);
        for (; *text != '\0'; text++)
                fputc((unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text, file);
        fputc('\n', file);
}

static void
put_step(FILE *file, const struct tune_step *s)
{
        fprintf(file, "set %s\t%s\t%s", s->name, s->before, s->after);
        if (s->rehearsed)
                fprintf(file, "\t%s", s->rehearsed);
        fputc('\n', file);
}

static char *
finished(FILE *file, char **text)
{
        bool whole = !ferror(file);

        if (fclose(file) == 0 && whole)
                return *text;
        free(*text);
        return NULL;
}

char *
tune_change_text(const struct tune_change *c)
{
        char *text = NULL;
        size_t size;
        FILE *file = open_memstream(&text, &size);

        if (!file)
                return NULL;
        fprintf(file, "%s\ntime %" PRId64 "\n", magic, c->time);
        put_line(file, "boot", c->boot);
        put_line(file, "user", c->user);
        fprintf(file, "netns %" PRIu32 " %d ", c->netns, c->first_netns);
        put_line(file, "named", c->netns_name);
        put_line(file, "why", c->why);
        if (c->confirm_within_s > 0)
                fprintf(file, "confirm-within %" PRIu32 "\n", c->confirm_within_s);
        if (c->persist)
                put_line(file, "persist", c->persist);
        if (c->journals)
                put_line(file, "journals", c->journals);
        for (size_t i = 0; i < c->step_count; i++)
                put_step(file, &c->step[i]);
        return finished(file, &text);
}

void
tune_change_conf_name(const struct tune_change *c, char ret[TUNE_CONF_NAME_SIZE])
{
        snprintf(ret, TUNE_CONF_NAME_SIZE, "99-lastack-%04u.conf", c->id);
}

/* Whoever reads the file is told by a command that works as it stands: a comment is one line. */
static void
put_way_back(FILE *file, const struct tune_change *c)
{
        bool one_line = c->journals && !strpbrk(c->journals, "\r\n");

        fprintf(file, "# Written by lastack tune apply, change %u; taken away by: lastack tune rollback %u", c->id,
                c->id);
        shell_put_option(file, "--state-dir", one_line ? c->journals : NULL);
        fputc('\n', file);
}

char *
tune_change_conf(const struct tune_change *c)
{
        char *text = NULL, when[40] = "";
        size_t size;
        FILE *file = open_memstream(&text, &size);
        time_t time = (time_t)c->time;
        struct tm parts;

        if (!file)
                return NULL;
        if (gmtime_r(&time, &parts))
                strftime(when, sizeof(when), "%FT%TZ", &parts);
        put_way_back(file, c);
        put_line(file, "# When:", when);
        put_line(file, "# Who: ", c->user);
        put_line(file, "# Why: ", c->why);
        for (size_t i = 0; i < c->step_count; i++)
                fprintf(file, "\n# It was: %s\n%s = %s\n", *c->step[i].before != '\0' ? c->step[i].before : "(empty)",
                        c->step[i].name, c->step[i].after);
        return finished(file, &text);
}

/* ---- Reading ---- */

static bool
set_text(char **field, const char *text)
{
        free(*field);
        *field = strdup(text);
        return *field != NULL;
}

/* Cuts off and returns the next of the texts between tabs; NULL behind the last. */
static char *
next_field(char **rest)
{
        return *rest ? strsep(rest, "\t") : NULL;
}

static bool
parse_set(struct tune_change *c, char *rest)
{
        char *name = next_field(&rest), *before = next_field(&rest), *after = next_field(&rest),
             *rehearsed = next_field(&rest);

        return !after || tune_change_add(c, name, before, after, rehearsed);
}

static bool
parse_netns(struct tune_change *c, const char *rest)
{
        uint32_t inode;
        int first, name = 0;

        if (sscanf(rest, "%" SCNu32 " %d named %n", &inode, &first, &name) != 2 || name == 0)
                return true;
        c->netns = inode;
        c->first_netns = first != 0;
        return set_text(&c->netns_name, rest + name);
}

/* "wrote 0<TAB>1" and its like: which step, and the text behind it. */
static struct tune_step *
step_of(struct tune_change *c, char *rest, char **ret_text)
{
        char *number = next_field(&rest), *end;
        unsigned long i = number ? strtoul(number, &end, 10) : 0;

        if (!number || end == number || i >= c->step_count)
                return NULL;
        *ret_text = rest;
        return &c->step[i];
}

static bool
parse_step(struct tune_change *c, const char *key, char *rest)
{
        char *text = NULL;
        struct tune_step *s = step_of(c, rest, &text);

        if (!s)
                return true;
        if (strcmp(key, "writing") == 0)
                s->begun = true;
        else if (strcmp(key, "wrote") == 0)
                return set_text(&s->wrote, text ? text : "");
        else if (strcmp(key, "restored") == 0) {
                s->restored = true;
                free(s->left);
                s->left = NULL;
        } else
                return set_text(&s->left, text ? text : "");
        return true;
}

static bool
parse_line(struct tune_change *c, char *line)
{
        char *rest = strchr(line, ' ');
        const char *key = line;

        if (rest)
                *rest++ = '\0';
        else
                rest = line + strlen(line);
        if (strcmp(key, "time") == 0)
                c->time = strtoll(rest, NULL, 10);
        else if (strcmp(key, "boot") == 0)
                return set_text(&c->boot, rest);
        else if (strcmp(key, "user") == 0)
                return set_text(&c->user, rest);
        else if (strcmp(key, "why") == 0)
                return set_text(&c->why, rest);
        else if (strcmp(key, "netns") == 0)
                return parse_netns(c, rest);
        else if (strcmp(key, "confirm-within") == 0)
                c->confirm_within_s = (uint32_t)strtoul(rest, NULL, 10);
        else if (strcmp(key, "persist") == 0)
                return set_text(&c->persist, rest);
        else if (strcmp(key, "journals") == 0)
                return set_text(&c->journals, rest);
        else if (strcmp(key, "set") == 0)
                return parse_set(c, rest);
        else if (strcmp(key, "writing") == 0 || strcmp(key, "wrote") == 0 || strcmp(key, "restored") == 0 ||
                 strcmp(key, "left") == 0)
                return parse_step(c, key, rest);
        else if (strcmp(key, "applied") == 0)
                c->applied = true;
        else if (strcmp(key, "confirmed") == 0)
                c->confirmed = true;
        else if (strcmp(key, "persisted") == 0)
                c->persisted = true;
        else if (strcmp(key, "persist-left") == 0)
                c->persist_left = true;
        else if (strcmp(key, "persist-removed") == 0)
                c->persisted = c->persist_left = false;
        else if (strcmp(key, "undone") == 0) {
                c->undone = true;
                return set_text(&c->undone_why, rest);
        }
        return true;
}

int
tune_change_parse(const char *text, size_t size, struct tune_change *ret)
{
        struct tune_change c = { 0 };
        char *copy = strndup(text, size), *rest = copy, *line;
        bool done = copy && set_text(&c.boot, "") && set_text(&c.user, "?") && set_text(&c.why, "") &&
                    set_text(&c.netns_name, "-");

        if (done && strncmp(text, magic, strlen(magic)) != 0) {
                free(copy);
                tune_change_fini(&c);
                return -EBADMSG;
        }
        while (done && strchr(rest, '\n') && (line = strsep(&rest, "\n"))) /* the last one may be cut short */
                done = parse_line(&c, line);
        free(copy);
        if (!done) {
                tune_change_fini(&c);
                return -ENOMEM;
        }
        *ret = c;
        return 0;
}

void
tune_change_fini(struct tune_change *c)
{
        for (size_t i = 0; i < c->step_count; i++) {
                struct tune_step *s = &c->step[i];
                free(s->name);
                free(s->before);
                free(s->after);
                free(s->rehearsed);
                free(s->wrote);
                free(s->left);
        }
        free(c->step);
        free(c->boot);
        free(c->user);
        free(c->why);
        free(c->netns_name);
        free(c->persist);
        free(c->journals);
        free(c->undone_why);
        *c = (struct tune_change){ 0 };
}
