/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rehearse.c - what the kernel says of settings, asked where nothing can be harmed.
 *
 * A child goes into a namespace of its own, writes each setting there and reports over a pipe, a record each: the
 * error, then the texts before and after, each with its NUL.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/throwaway.h"
#include "linux/tunable.h"
#include "tune/gather.h"

/* Only what each namespace has for itself, and what is known: nothing here may reach beyond. */
static bool
may_be_tried(const struct tune_setting *s)
{
        struct tune_law law;

        return !s->pattern && !s->exclusion && tune_law_of(s->name, &law) && law.scope == LA_SCOPE_NETNS &&
               strcmp(law.name, s->name) == 0;
}

static void
try_one(const struct tune_setting *s, FILE *pipe)
{
        char *path = tune_name_path(s->name), *before = NULL, *after = NULL;
        int error = -ENOENT;

        if (path && may_be_tried(s) && tunable_read(0, path, &before) == 0) {
                error = tunable_write(0, path, s->value);
                (void)tunable_read(0, path, &after);
                (void)tunable_write(0, path, before); /* the next one begins anew, too */
        }
        if (error == -EROFS || error == -EACCES || error == -EPERM) /* that is no word about the value */
                fprintf(pipe, "0 0");
        else
                fprintf(pipe, "%d %d", before != NULL, error);
        fputc('\0', pipe);
        fprintf(pipe, "%s", before ? before : "");
        fputc('\0', pipe);
        fprintf(pipe, "%s", after ? after : "");
        fputc('\0', pipe);
        free(path);
        free(before);
        free(after);
}

static void __attribute__((noreturn)) try_all(const struct tune_conf *conf, int fd, pid_t parent)
{
        FILE *pipe = fdopen(fd, "w");

        if (!pipe || !throwaway_end_with(parent) || throwaway_enter() < 0)
                _exit(1);
        for (size_t i = 0; i < conf->count; i++)
                try_one(&conf->setting[i], pipe);
        fflush(pipe);
        _exit(ferror(pipe) ? 1 : 0);
}

/* Up to the next NUL; NULL at the end. */
static char *
next_text(FILE *pipe)
{
        char *text = NULL;
        size_t room = 0;

        if (getdelim(&text, &room, '\0', pipe) < 0) {
                free(text);
                return NULL;
        }
        return text;
}

static bool
read_one(FILE *pipe, struct tune_rehearsal *r)
{
        char *said = next_text(pipe), *before = next_text(pipe), *after = next_text(pipe);
        int tried = 0;
        bool whole = said && before && after && sscanf(said, "%d %d", &tried, &r->error) == 2;

        free(said);
        r->tried = whole && tried != 0;
        r->before = before;
        r->after = after;
        return whole;
}

static struct tune_rehearsal *
read_all(int fd, size_t count)
{
        struct tune_rehearsal *all = calloc(count ? count : 1, sizeof(*all));
        FILE *pipe = fdopen(fd, "r");

        for (size_t i = 0; all && pipe && i < count; i++)
                if (!read_one(pipe, &all[i]))
                        break;
        if (pipe)
                fclose(pipe);
        else
                close(fd);
        return all;
}

struct tune_rehearsal *
tune_rehearse(const struct tune_conf *conf)
{
        struct tune_rehearsal *all;
        int ends[2], status;
        pid_t parent = getpid(), child;

        fflush(NULL);
        if (pipe(ends) < 0)
                return NULL;
        child = fork();
        if (child == 0) {
                close(ends[0]);
                try_all(conf, ends[1], parent);
        }
        close(ends[1]);
        if (child < 0) {
                close(ends[0]);
                return NULL;
        }
        all = read_all(ends[0], conf->count);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
                ;
        return all;
}

void
tune_rehearsals_free(struct tune_rehearsal *r, size_t count)
{
        for (size_t i = 0; r && i < count; i++) {
                free(r[i].before);
                free(r[i].after);
        }
        free(r);
}
