/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether the population is as it should be, by the kernel's own word: /proc/net/tcp and tcp6. */
#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "population.h"

enum {
        PATIENCE_MS = 5000,
        LOOK_EVERY_MS = 20,
        LINE_SIZE = 96,
};

/* Lines as /proc writes them, "LOCAL REMOTE STATE" in hexadecimal, sorted. */
struct lines {
        size_t count;
        char line[POPULATION_SIZE][LINE_SIZE];
};

/* include/net/tcp_states.h; CLOSED is not listed there. */
static const struct {
        const char *name;
        unsigned int number;
} numbers[] = {
        { "ESTABLISHED", 1 }, { "SYN_SENT", 2 },   { "SYN_RECEIVED", 3 }, { "FIN_WAIT_1", 4 }, { "FIN_WAIT_2", 5 },
        { "TIME_WAIT", 6 },   { "CLOSE_WAIT", 8 }, { "LAST_ACK", 9 },     { "LISTEN", 10 },    { "CLOSING", 11 },
};

static int
compare_lines(const void *a, const void *b)
{
        return strcmp(a, b);
}

static void
sort(struct lines *lines)
{
        qsort(lines->line, lines->count, sizeof(*lines->line), compare_lines);
}

/* Each 32-bit word of an address as this machine reads it, and the port as people do. */
static void
write_end(char *text, size_t size, enum population_kind kind, const struct population_end *end)
{
        uint32_t words[4];
        int length = 0;
        memcpy(words, &end->address, sizeof(words));
        for (size_t i = kind == POPULATION_IPV4 ? 3 : 0; i < 4; i++)
                length += snprintf(text + length, size - (size_t)length, "%08" PRIX32, words[i]);
        snprintf(text + length, size - (size_t)length, ":%04X", end->port);
}

static void
expect_socket(struct lines *lines, const struct population_socket *s)
{
        char local[LINE_SIZE / 2 - 4], remote[LINE_SIZE / 2 - 4];
        for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
                if (strcmp(numbers[i].name, s->state) != 0)
                        continue;
                write_end(local, sizeof(local), s->kind, &s->local);
                write_end(remote, sizeof(remote), s->kind, &s->remote);
                snprintf(lines->line[lines->count++], LINE_SIZE, "%s %s %02X", local, remote, numbers[i].number);
        }
}

static void
read_lines(struct lines *lines, const char *path)
{
        char text[512], local[44], remote[44];
        unsigned int state;
        FILE *file = fopen(path, "re");
        if (!file)
                err(1, "cannot open %s", path);
        while (lines->count < POPULATION_SIZE && fgets(text, sizeof(text), file))
                if (sscanf(text, "%*d: %43s %43s %X", local, remote, &state) == 3)
                        snprintf(lines->line[lines->count++], LINE_SIZE, "%s %s %02X", local, remote, state);
        fclose(file);
}

/* The first line that one of them has and the other has not; NULL if they are the same. */
static const char *
first_difference(const struct lines *expected, const struct lines *found, const char **ret_verdict)
{
        size_t i = 0;
        while (i < expected->count && i < found->count && strcmp(expected->line[i], found->line[i]) == 0)
                i++;
        bool missing = i < expected->count && (i == found->count || strcmp(expected->line[i], found->line[i]) < 0);
        *ret_verdict = missing ? "missing" : "unexpected";
        if (missing)
                return expected->line[i];
        return i < found->count ? found->line[i] : NULL;
}

void
population_settle(const struct population *p)
{
        static struct lines expected, found;
        const char *line = NULL, *verdict;
        for (size_t i = 0; i < p->count; i++)
                expect_socket(&expected, &p->sockets[i]);
        sort(&expected);
        for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += LOOK_EVERY_MS) {
                found.count = 0;
                read_lines(&found, "/proc/net/tcp");
                read_lines(&found, "/proc/net/tcp6");
                sort(&found);
                line = first_difference(&expected, &found, &verdict);
                if (!line)
                        return;
                nanosleep(&(struct timespec){ .tv_nsec = LOOK_EVERY_MS * 1000000 }, NULL);
        }
        errx(1, "the population did not settle: %zu sockets expected, %zu found; the first that is %s: %s",
             expected.count, found.count, verdict, line);
}
