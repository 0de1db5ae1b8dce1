/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "filter/names.h"
#include "filter/varying.h"

struct meaning {
        uint32_t netns;
        struct range range;
};

static bool
is_empty(struct range range)
{
        return range.low > range.high;
}

/* ---- Parsing ---- */

static bool
vary(struct parser *p, enum test_kind kind, const struct varying *v, struct test *ret_test)
{
        struct varying *grown = realloc(p->varying, (p->varying_count + 1) * sizeof *grown);

        if (!grown) {
                p->failure = -ENOMEM;
                return false;
        }
        p->varying = grown;
        p->varying[p->varying_count] = *v;
        *ret_test = (struct test){ .kind = (uint8_t)kind, .varying = (uint32_t)p->varying_count++ };
        return true;
}

bool
test_interface(struct parser *p, const struct token *token, const char *part, struct range otherwise,
               struct test *ret_test)
{
        size_t length = strlen(part);
        struct varying v = { .interface = part, .otherwise = otherwise, .found = !is_empty(otherwise) };
        uint32_t index;

        if (p->for_many) {
                complain(&v.unknown, PART_OFFSET(token, part), PART_LENGTH(token, part),
                         _("no network namespace has an interface called '%s'"), quote(part, length).text);
                return vary(p, TEST_VARYING_INTERFACE, &v, ret_test);
        }
        *ret_test = (struct test){ .kind = TEST_INTERFACE, .range = otherwise };
        if (names_interface(part, &index))
                ret_test->range = range_of(TOKEN_EQ, index);
        else if (is_empty(otherwise))
                return REFUSE_PART(p, token, part, _("no interface is called '%s'"), quote(part, length).text);
        return true;
}

static struct range
ephemeral_ports(void)
{
        uint16_t low, high;

        names_port_range(&low, &high);
        return (struct range){ low, high };
}

bool
test_autobound(struct parser *p, struct test *ret_test)
{
        if (p->for_many)
                return vary(p, TEST_VARYING_PORT, &(struct varying){ .found = true }, ret_test);
        *ret_test = (struct test){ .kind = TEST_PORT, .range = ephemeral_ports() };
        return true;
}

/* ---- Looking up ---- */

/* Where the namespace stands among the meanings, or would have to. */
static size_t
place_of(const struct varying *v, uint32_t netns)
{
        size_t low = 0, high = v->count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (v->meanings[middle].netns < netns)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

const struct range *
varying_in(const struct varying *v, uint32_t netns)
{
        size_t at = place_of(v, netns);

        return at < v->count && v->meanings[at].netns == netns ? &v->meanings[at].range : NULL;
}

static struct range
look_up(struct varying *v)
{
        uint32_t index;

        if (!v->interface)
                return ephemeral_ports();
        if (!names_interface(v->interface, &index))
                return v->otherwise;
        v->found = true;
        return range_of(TOKEN_EQ, index);
}

static int
keep(struct varying *v, uint32_t netns, struct range range)
{
        size_t at = place_of(v, netns);

        if (at == v->count || v->meanings[at].netns != netns) {
                struct meaning *grown = realloc(v->meanings, (v->count + 1) * sizeof *grown);

                if (!grown)
                        return -ENOMEM;
                v->meanings = grown;
                memmove(grown + at + 1, grown + at, (v->count - at) * sizeof *grown);
                v->count++;
        }
        v->meanings[at] = (struct meaning){ netns, range };
        return 0;
}

int
filter_look_up(struct filter *f, uint32_t netns)
{
        int r = 0;

        for (size_t i = 0; i < f->varying_count && r == 0; i++)
                r = keep(&f->varying[i], netns, look_up(&f->varying[i]));
        return r;
}

bool
filter_unknown(const struct filter *f, struct filter_error *ret_error)
{
        for (size_t i = 0; i < f->varying_count; i++)
                if (!f->varying[i].found) {
                        *ret_error = f->varying[i].unknown;
                        return true;
                }
        return false;
}

void
varying_free(struct varying *varying, size_t count)
{
        for (size_t i = 0; i < count; i++)
                free(varying[i].meanings);
        free(varying);
}
