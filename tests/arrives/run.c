/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run DIRECTORY                        every page below it, over IPv4 and IPv6; TAP, a line for each page
 * run PAGE                             one page
 * run PAGE:LINE SEQ ACK TSVAL FAMILY   one case of it, as a failure names it
 *
 * A stack is brought into a section's state once and copied for each case: it lives in one block and may be copied.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"

#define FAILURES_SHOWN 5

static const char *program;

/* One case that alone is wanted. */
struct wish {
        unsigned int line; /* 0: all */
        const char *seq, *ack, *stamp;
        int family;
};

static const struct wish all;

struct tally {
        unsigned int cases, failures;
};

/* ---- States, made once ---- */

struct kept {
        char state[24], how[24];
        enum la_family family;
        struct world world;
        uint8_t *block;
};

static const struct kept *
world_for(const struct section *s, enum la_family family, const char **ret_wrong)
{
        static struct kept kept[64];
        static size_t count;
        struct kept *k;

        for (size_t i = 0; i < count; i++)
                if (kept[i].family == family && strcmp(kept[i].state, s->state) == 0 &&
                    strcmp(kept[i].how, s->how) == 0)
                        return &kept[i];
        if (count == sizeof kept / sizeof kept[0]) {
                *ret_wrong = "more states than run.c has room for";
                return NULL;
        }
        k = &kept[count];
        *ret_wrong = world_make(&k->world, family, s->state, s->how);
        if (*ret_wrong)
                return NULL;
        memcpy(k->state, s->state, sizeof k->state);
        memcpy(k->how, s->how, sizeof k->how);
        k->family = family;
        k->block = malloc(k->world.stack_bytes);
        if (!k->block)
                abort();
        memcpy(k->block, k->world.stack, k->world.stack_bytes);
        count++;
        return k;
}

static struct world
again(const struct kept *k)
{
        memcpy(k->world.stack, k->block, k->world.stack_bytes);
        return k->world;
}

/* ---- Cases ---- */

static bool
wanted(const struct wish *w, const struct trial *t, enum la_family family)
{
        if (w->line == 0)
                return true;
        return w->line == t->row->line && (!w->seq || strcmp(w->seq, t->seq) == 0) &&
               (!w->ack || strcmp(w->ack, t->ack) == 0) && (!w->stamp || strcmp(w->stamp, t->stamp) == 0) &&
               (w->family == 0 || w->family == (int)family);
}

static void
try(const char *path, const struct segment *flags, const struct section *section, const struct trial *t,
    const struct kept *k, struct tally *tally)
{
        struct world w = again(k);
        char why[512];

        tally->cases++;
        if (judge(&w, flags, section, t, why))
                return;
        if (++tally->failures <= FAILURES_SHOWN)
                printf("# %s %s:%u %s %s %s %d\n# %s %s: %s\n", program, path, t->row->line, t->seq, t->ack, t->stamp,
                       (int)k->family, section->state, section->how, why);
}

static void
try_row(const char *path, const struct page *page, const struct section *section, const struct row *row,
        const struct kept *k, const struct wish *wish, struct tally *tally)
{
        for (size_t i = 0; i < row->seq.count; i++)
                for (size_t j = 0; j < row->ack.count; j++)
                        for (size_t l = 0; l < row->stamp.count; l++) {
                                struct trial t = { row, row->seq.name[i], row->ack.name[j], row->stamp.name[l] };

                                if (wanted(wish, &t, k->family))
                                        try(path, &page->segment, section, &t, k, tally);
                        }
}

static bool
run_page(const char *path, const struct wish *wish, unsigned int number)
{
        static const enum la_family families[] = { LA_IPV4, LA_IPV6 };
        static struct page page;
        struct tally tally = { 0, 0 };
        unsigned int line;
        const char *wrong = page_read(path, &page, &line);

        for (size_t i = 0; !wrong && i < page.count; i++)
                for (size_t f = 0; !wrong && f < 2; f++) {
                        const struct kept *k = world_for(&page.section[i], families[f], &wrong);

                        for (size_t r = 0; k && r < page.section[i].count; r++)
                                try_row(path, &page, &page.section[i], &page.section[i].row[r], k, wish, &tally);
                }
        if (wrong)
                printf("# %s %s\n# line %u: %s\n", program, path, line, wrong);
        if (tally.failures > FAILURES_SHOWN)
                printf("# and %u more\n", tally.failures - FAILURES_SHOWN);
        bool good = !wrong && tally.failures == 0 && tally.cases > 0;
        printf("%s %u - %s: %u cases\n", good ? "ok" : "not ok", number, path, tally.cases);
        return good;
}

/* ---- Pages ---- */

struct paths {
        char path[512][256];
        size_t count;
};

static int
no_dot(const struct dirent *d)
{
        return d->d_name[0] != '.';
}

static void
find_pages(const char *directory, int depth, struct paths *ret_paths)
{
        struct dirent **names;
        int n = scandir(directory, &names, no_dot, alphasort);

        for (int i = 0; i < n; i++) {
                char path[256];
                size_t length = (size_t)snprintf(path, sizeof path, "%s/%s", directory, names[i]->d_name);

                if (length < sizeof path && length > 2 && strcmp(path + length - 2, ".t") == 0 &&
                    ret_paths->count < sizeof ret_paths->path / sizeof ret_paths->path[0])
                        strcpy(ret_paths->path[ret_paths->count++], path);
                else if (length < sizeof path && depth > 0)
                        find_pages(path, depth - 1, ret_paths);
                free(names[i]);
        }
        if (n >= 0)
                free(names);
}

static int
run_pages(const char *directory)
{
        static struct paths paths;
        bool good = true;

        find_pages(directory, 1, &paths);
        if (paths.count == 0) {
                printf("1..1\nnot ok 1 - there are no pages in %s\n", directory);
                return 1;
        }
        printf("1..%zu\n", paths.count);
        for (size_t i = 0; i < paths.count; i++)
                good = run_page(paths.path[i], &all, (unsigned int)i + 1) && good;
        return good ? 0 : 1;
}

int
main(int argc, char **argv)
{
        struct wish wish = { 0, argc > 2 ? argv[2] : NULL, argc > 3 ? argv[3] : NULL, argc > 4 ? argv[4] : NULL,
                             argc > 5 ? atoi(argv[5]) : 0 };
        char path[256], *colon;

        program = argv[0];
        if (argc < 2 || strlen(argv[1]) >= sizeof path) {
                fprintf(stderr, "usage: %s DIRECTORY | PAGE | PAGE:LINE [SEQ [ACK [TSVAL [FAMILY]]]]\n", program);
                return 2;
        }
        strcpy(path, argv[1]);
        colon = strrchr(path, ':');
        if (colon) {
                *colon = '\0';
                wish.line = (unsigned int)strtoul(colon + 1, NULL, 10);
        }
        if (strlen(path) < 2 || strcmp(path + strlen(path) - 2, ".t") != 0)
                return run_pages(path);
        printf("1..1\n");
        return run_page(path, &wish, 1) ? 0 : 1;
}
