/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/topics.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STATE_WORDS_MAX 3 /* "fin wait 1" */
#define NAME_SIZE       128

const struct topic_list topic_lists[TOPIC_LISTS] = {
        { "states", TOPIC_STATES },
        { "transitions", TOPIC_TRANSITIONS },
        { "knobs", TOPIC_KNOBS },
        { "diagram", TOPIC_DIAGRAM },
};

static const char unicode_arrow[] = "→";

/* A word of the text, or an arrow. */
struct word {
        const char *at;
        size_t length;
        bool arrow;
};

struct words {
        struct word *word;
        size_t count, next;
};

/* ---- Words ---- */

/* The length of the arrow that stands here; 0 if none does. */
static size_t
arrow_length(const char *at)
{
        size_t shaft = strspn(at, "-=");

        if (at[shaft] == '>')
                return shaft + 1;
        return strncmp(at, unicode_arrow, strlen(unicode_arrow)) == 0 ? strlen(unicode_arrow) : 0;
}

static bool
is_blank(char c)
{
        return isspace((unsigned char)c);
}

static struct word
word_at(const char *at)
{
        struct word w = { .at = at, .length = arrow_length(at) };

        if (w.length > 0) {
                w.arrow = true;
                return w;
        }
        while (at[w.length] != '\0' && !is_blank(at[w.length]) && arrow_length(at + w.length) == 0) {
                size_t dashes = strspn(at + w.length, "-=");
                w.length += dashes > 0 ? dashes : 1;
        }
        w.arrow = w.length == 2 && strncasecmp(at, "to", 2) == 0;
        return w;
}

static int
split(const char *text, struct words *ret_words)
{
        struct words w = { .word = calloc(strlen(text) + 1, sizeof(*w.word)) };

        if (!w.word)
                return -ENOMEM;
        while (*text != '\0') {
                if (is_blank(*text)) {
                        text++;
                        continue;
                }
                w.word[w.count] = word_at(text);
                text += w.word[w.count++].length;
        }
        *ret_words = w;
        return 0;
}

/* Puts so many words, with blanks between them, into a string.  False if there are not that many, if one is an arrow, or
 * if they are longer than any name. */
static bool
join(const struct words *w, size_t count, char ret_name[NAME_SIZE])
{
        size_t length = 0;

        if (w->next + count > w->count)
                return false;
        for (size_t i = 0; i < count; i++) {
                const struct word *word = &w->word[w->next + i];

                if (word->arrow || length + word->length + 2 > NAME_SIZE)
                        return false;
                if (i > 0)
                        ret_name[length++] = ' ';
                memcpy(ret_name + length, word->at, word->length);
                length += word->length;
        }
        ret_name[length] = '\0';
        return true;
}

/* ---- Topics ---- */

static bool
take_state(struct words *w, enum la_state *ret_state)
{
        char name[NAME_SIZE];

        for (size_t count = STATE_WORDS_MAX; count > 0; count--)
                if (join(w, count, name) && la_state_parse(name, ret_state)) {
                        w->next += count;
                        return true;
                }
        return false;
}

static bool
take_list(struct words *w, enum topic_kind *ret_kind)
{
        char name[NAME_SIZE];

        if (!join(w, 1, name))
                return false;
        for (size_t i = 0; i < TOPIC_LISTS; i++)
                if (strcasecmp(name, topic_lists[i].name) == 0) {
                        *ret_kind = topic_lists[i].kind;
                        w->next++;
                        return true;
                }
        return false;
}

static bool
take_row(struct words *w, enum la_transition *ret_row)
{
        char name[NAME_SIZE];

        if (!join(w, 1, name))
                return false;
        for (char *p = name; *p != '\0'; p++)
                if (*p == '-')
                        *p = '_';
        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++)
                if (strcasecmp(name, la_transition_info((enum la_transition)i)->id) == 0) {
                        *ret_row = (enum la_transition)i;
                        w->next++;
                        return true;
                }
        return false;
}

static bool
take_knob(struct words *w, const struct la_knob_info **ret_knob)
{
        char name[NAME_SIZE];

        if (!join(w, 1, name))
                return false;
        for (char *p = name; *p != '\0'; p++)
                if (*p == '-')
                        *p = '_';
        *ret_knob = la_knob_find(name);
        if (*ret_knob)
                w->next++;
        return *ret_knob != NULL;
}

static bool
arrow_follows(const struct words *w)
{
        return w->next < w->count && w->word[w->next].arrow;
}

/* The next word is at fault; or a state is missing, if there is none or it is an arrow. */
static int
refuse(const struct words *w, bool state_expected, struct topic_error *ret_error)
{
        *ret_error = (struct topic_error){ .state_expected = state_expected };
        if (w->next < w->count && !w->word[w->next].arrow) {
                const struct word *word = &w->word[w->next];
                size_t length = word->length < TOPIC_WORD_SIZE ? word->length : TOPIC_WORD_SIZE - 1;

                for (size_t i = 0; i < length; i++) /* nothing that would control a terminal */
                        ret_error->word[i] = iscntrl((unsigned char)word->at[i]) ? '?' : word->at[i];
        }
        return -EINVAL;
}

static int
take_topic(struct words *w, struct topic *ret_topic, struct topic_error *ret_error)
{
        struct topic t = { 0 };

        if (take_state(w, &t.from)) {
                t.kind = TOPIC_STATE;
                if (arrow_follows(w)) {
                        t.kind = TOPIC_STEP;
                        w->next++;
                        if (!take_state(w, &t.to))
                                return refuse(w, true, ret_error);
                }
        } else if (take_knob(w, &t.knob)) {
                t.kind = TOPIC_KNOB;
        } else if (take_row(w, &t.row)) {
                t.kind = TOPIC_ROW;
        } else if (!take_list(w, &t.kind)) {
                bool before_arrow = w->next + 1 < w->count && w->word[w->next + 1].arrow;
                return refuse(w, before_arrow || arrow_follows(w), ret_error);
        }
        *ret_topic = t;
        return 0;
}

int
topics_parse(const char *text, struct topic **ret_topics, size_t *ret_count, struct topic_error *ret_error)
{
        struct words words;
        struct topic *topics;
        size_t count = 0;
        int r = split(text, &words);

        if (r < 0)
                return r;
        topics = calloc(words.count + 1, sizeof(*topics));
        r = topics ? 0 : -ENOMEM;
        while (r == 0 && words.next < words.count)
                r = take_topic(&words, &topics[count++], ret_error);
        free(words.word);
        if (r < 0) {
                free(topics);
                return r;
        }
        *ret_topics = topics;
        *ret_count = count;
        return 0;
}
