/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/nearest.h"

#include <limits.h>
#include <string.h>

#include "cli/topics.h"
#include "model/spelling.h"

#define WORD_SIZE     (SPELLING_MAX + 1)
#define PART_AT_LEAST 4 /* letters that a part of a name must have to be recognized as one */

/* A word as spelling.h counts it, for a search within names; false if it is longer than any. */
static bool
simplify(const char *word, char ret_simple[WORD_SIZE])
{
        size_t length = 0;

        for (; *word != '\0'; word++) {
                if (spelling_is_filler(*word))
                        continue;
                if (length + 1 == WORD_SIZE)
                        return false;
                ret_simple[length++] = spelling_lower(*word);
        }
        ret_simple[length] = '\0';
        return true;
}

static unsigned int
least(unsigned int a, unsigned int b)
{
        return a < b ? a : b;
}

struct ranking {
        char word[WORD_SIZE];
        unsigned int limit; /* farther than this is not near */
        size_t count;
        struct {
                const char *name;
                unsigned int distance;
        } best[NEAREST_MAX];
};

/* How far the word is from a name; a word that is a part of it is nearly as good as the name. */
static unsigned int
distance_to(const struct ranking *r, const char *name)
{
        char simple[WORD_SIZE];

        if (!simplify(name, simple))
                return UINT_MAX;
        if (strlen(r->word) >= PART_AT_LEAST && strstr(simple, r->word))
                return 1;
        return spelling_distance(r->word, simple);
}

static void
consider(struct ranking *r, const char *name, unsigned int far)
{
        size_t i;

        if (far > r->limit)
                return;
        for (i = 0; i < r->count && r->best[i].distance <= far; i++)
                continue;
        if (i == NEAREST_MAX)
                return;
        if (r->count < NEAREST_MAX)
                r->count++;
        memmove(&r->best[i + 1], &r->best[i], (r->count - i - 1) * sizeof(r->best[0]));
        r->best[i].name = name;
        r->best[i].distance = far;
}

static void
consider_states(struct ranking *r)
{
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++) {
                const struct la_state_info *s = la_state_info((enum la_state)i);
                unsigned int far = least(distance_to(r, s->name), distance_to(r, s->linux_name));

                consider(r, s->name, least(far, distance_to(r, s->ss_name)));
        }
}

static void
consider_knobs(struct ranking *r)
{
        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++) {
                const struct la_knob_info *k = la_knob_info((enum la_knob)i);
                unsigned int far = distance_to(r, k->leaf);

                /* "fin_timeout" lacks a prefix that most of them have. */
                if (strncmp(k->leaf, "tcp_", 4) == 0)
                        far = least(far, distance_to(r, k->leaf + 4));
                consider(r, k->leaf, far);
        }
}

static void
consider_rows(struct ranking *r)
{
        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++) {
                const char *id = la_transition_info((enum la_transition)i)->id;

                consider(r, id, distance_to(r, id));
        }
}

static void
consider_lists(struct ranking *r)
{
        for (size_t i = 0; i < TOPIC_LISTS; i++)
                consider(r, topic_lists[i].name, distance_to(r, topic_lists[i].name));
}

/* "net.ipv4.tcp_fin_timout" is compared without its directory. */
static const char *
last_part(const char *word)
{
        const char *part = word;

        for (; *word != '\0'; word++)
                if ((*word == '.' || *word == '/') && word[1] != '\0')
                        part = word + 1;
        return part;
}

size_t
nearest_names(const char *word, bool states_only, const char *ret_names[NEAREST_MAX])
{
        struct ranking r = { 0 };

        if (!simplify(last_part(word), r.word) || r.word[0] == '\0')
                return 0;
        r.limit = strlen(r.word) < 6 ? 2 : (unsigned int)strlen(r.word) / 3;
        if (strlen(r.word) < 3)
                r.limit = 1;
        consider_states(&r);
        if (!states_only) {
                consider_knobs(&r);
                consider_rows(&r);
                consider_lists(&r);
        }
        while (r.count > 0 && r.best[r.count - 1].distance > r.best[0].distance + 1)
                r.count--; /* not as good a guess as the best by far */
        for (size_t i = 0; i < r.count; i++)
                ret_names[i] = r.best[i].name;
        return r.count;
}
