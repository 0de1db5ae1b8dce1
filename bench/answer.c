/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "answer.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Its first word, as that of ss, netstat and lastack: ESTAB and ESTABLISHED, TIME-WAIT and TIME_WAIT. */
static bool
begins_with(const char *line, const char *word)
{
        size_t length = strlen(word);
        return strncmp(line, word, length) == 0 && isspace((unsigned char)line[length]);
}

static bool
is_established(const char *line)
{
        return begins_with(line, "ESTAB") || begins_with(line, "ESTABLISHED");
}

static bool
is_time_wait(const char *line)
{
        return begins_with(line, "TIME-WAIT") || begins_with(line, "TIME_WAIT");
}

/* Digits may stand in groups of three: 200,000. */
static uint64_t
first_number(const char *text)
{
        uint64_t number = 0;
        for (text += strcspn(text, "0123456789"); isdigit((unsigned char)*text) || *text == ','; text++)
                if (*text != ',')
                        number = number * 10 + (uint64_t)(*text - '0');
        return number;
}

static void
set_once(uint64_t *count, const char *line)
{
        if (*count == 0)
                *count = first_number(line);
}

static void
read_line(const char *line, const char *owner, struct answer *a)
{
        if (is_established(line)) {
                set_once(&a->established, line);
                a->owned += strstr(line, owner) != NULL;
        } else if (is_time_wait(line)) {
                set_once(&a->time_wait, line);
        }
}

int
answer_read(int fd, const char *owner, struct answer *ret)
{
        struct answer a = { 0 };
        int copy = dup(fd);
        FILE *file = copy < 0 || lseek(copy, 0, SEEK_SET) < 0 ? NULL : fdopen(copy, "r");
        if (!file) {
                int r = -errno;
                if (copy >= 0)
                        close(copy);
                return r;
        }
        char *line = NULL;
        size_t size = 0;
        while (getline(&line, &size, file) > 0)
                read_line(line, owner, &a);
        free(line);
        fclose(file);
        *ret = a;
        return 0;
}
