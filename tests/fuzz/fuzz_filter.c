/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_filter.c - the input is a filter's text.
 *
 * A refusal must mark a part of the text and say something a terminal can show; a filter must walk forward only, take
 * no socket outside the states it asks for, and never take a socket together with its own opposite: of sockets of which
 * all is known, exactly one of the two takes each.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit/filter_world.h"
#include "filter/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ALL_KNOWN (LA_KNOWN_INODE | LA_KNOWN_AGE | LA_KNOWN_MARK | LA_KNOWN_CGROUP | LA_KNOWN_OWNERS | LA_KNOWN_NETNS)

static void
require(bool holds, const char *what)
{
        if (holds)
                return;
        fprintf(stderr, "fuzz_filter: %s\n", what);
        abort();
}
#define REQUIRE(condition) require(condition, #condition)

static void
check_lines(const char *text, const struct filter_error *error, unsigned int columns)
{
        size_t needed = filter_error_show(text, error, columns, NULL, 0), newlines = 0;
        char *lines = malloc(needed + 1);

        REQUIRE(lines != NULL);
        REQUIRE(filter_error_show(text, error, columns, lines, needed + 1) == needed);
        REQUIRE(strlen(lines) == needed);
        for (size_t i = 0; i < needed; i++) {
                newlines += lines[i] == '\n';
                REQUIRE(lines[i] == '\n' || (unsigned char)lines[i] >= ' ');
        }
        REQUIRE(newlines == 2 && lines[needed - 1] == '\n');
        REQUIRE(filter_error_show(text, error, columns, lines, needed / 2) == needed);
        free(lines);
}

static void
check_error(const char *text, const struct filter_error *error)
{
        size_t length = strlen(text);

        REQUIRE(error->word <= length && error->length <= length - error->word);
        REQUIRE(*error->message && strlen(error->message) < sizeof error->message);
        for (const char *c = error->message; *c; c++)
                REQUIRE((unsigned char)*c >= ' ' && *c != 0x7f);
        check_lines(text, error, 0);
        check_lines(text, error, 20);
        check_lines(text, error, 80);
}

/* A socket for each state, with a little of everything; of the odd ones all is known. */
static struct la_snapshot
socket_of(unsigned int i)
{
        static const struct la_owner owner = { 100, 3, "nginx" };
        struct la_snapshot s = { .state = (enum la_state)(i % LA_STATE_COUNT), .interface = i % 3 };

        s.family = i % 4 < 2 ? LA_IPV4 : LA_IPV6;
        s.local.port = (uint16_t)(i % 5 == 0 ? 443 : i * 2001);
        s.remote.port = (uint16_t)(i % 3 == 0 ? 80 : i * 40);
        memcpy(s.local.address, i % 8 < 4 ? "\x7f\0\0\1" : "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1",
               i % 8 < 4 ? 4 : 16);
        memcpy(s.remote.address, "\x20\1\x0d\xb8", 4);
        s.uid = i * 33;
        s.inode = i + 1;
        s.mark = i;
        s.cgroup = UINT64_C(0x100000000) + i;
        s.netns = 4026531840u + i;
        s.age_min_ms = i * 1000;
        s.age_max_ms = i % 2 ? s.age_min_ms : UINT32_MAX;
        s.known = i % 2 ? ALL_KNOWN : i % 3 ? LA_KNOWN_AGE | LA_KNOWN_INODE : 0;
        if (i % 2 && i % 3) {
                s.owners = &owner;
                s.owner_count = 1;
        }
        return s;
}

#define SOCKETS 44u

static void
check_program(const struct filter *f)
{
        bool named;
        uint32_t states = filter_states(f, &named);

        REQUIRE(states != 0 && !(states & ~FILTER_ALL_STATES));
        REQUIRE(named || states == FILTER_ALL_STATES);
        for (uint32_t i = 0; i < f->count; i++) {
                REQUIRE(f->tests[i].yes > i && (f->tests[i].yes < f->count || f->tests[i].yes >= EXIT_LEAVE));
                REQUIRE(f->tests[i].no > i && (f->tests[i].no < f->count || f->tests[i].no >= EXIT_LEAVE));
        }
        for (unsigned int i = 0; i < SOCKETS; i++) {
                struct la_snapshot s = socket_of(i);

                REQUIRE(!filter_takes(f, &s) || (states >> s.state & 1));
        }
}

/* The opposite may be refused, where nothing is left or it is nested one deeper than may be. */
static void
check_opposite(const char *text, const struct filter *f)
{
        size_t length = strlen(text);
        char *opposite = malloc(length + sizeof "not ( )");
        struct filter *other;
        struct filter_error error;

        REQUIRE(opposite != NULL);
        sprintf(opposite, "not (%s)", text);
        if (f->count > 0 && text[length - 1] != '\\' && filter_parse(opposite, &other, &error) == 0) {
                for (unsigned int i = 0; i < SOCKETS; i++) {
                        struct la_snapshot s = socket_of(i);
                        bool one = filter_takes(f, &s), two = filter_takes(other, &s);

                        REQUIRE(!(one && two));
                        REQUIRE(one || two || s.known != ALL_KNOWN);
                }
                filter_free(other);
        }
        free(opposite);
}

/* Where a name means the same in every namespace, a filter for many takes what one for our own takes; `f` is NULL if that
 * was refused. */
static void
check_for_many(const char *text, const struct filter *f)
{
        struct filter *many;
        struct filter_error error;
        int r = filter_parse_for_many(text, &many, &error);

        REQUIRE(r == 0 || (r == -EINVAL && !f));
        if (r < 0)
                return;
        for (unsigned int i = 0; i < SOCKETS; i++)
                REQUIRE(filter_look_up(many, socket_of(i).netns) == 0);
        REQUIRE(filter_unknown(many, &error) == !f);
        for (unsigned int i = 0; i < SOCKETS && f; i++) {
                struct la_snapshot s = socket_of(i);

                s.known |= LA_KNOWN_NETNS;
                REQUIRE(filter_takes(f, &s) == filter_takes(many, &s));
        }
        filter_free(many);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = malloc(size + 1);
        struct filter *filter = NULL;
        struct filter_error error = { .word = SIZE_MAX };
        int r;

        REQUIRE(text != NULL);
        setlocale(LC_CTYPE, "C.UTF-8");
        memcpy(text, data, size);
        text[size] = '\0';
        r = filter_parse(text, &filter, &error);
        REQUIRE(r == 0 || r == -EINVAL);
        if (r == 0) {
                REQUIRE(error.word == SIZE_MAX);
                check_program(filter);
                check_opposite(text, filter);
                if (filter_note(filter, &error))
                        check_error(text, &error);
        } else {
                check_error(text, &error);
        }
        check_for_many(text, r == 0 ? filter : NULL);
        filter_free(filter);
        free(text);
        return 0;
}
