/* SPDX-License-Identifier: BSD-2-Clause */
#include "linux/counters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "linux/file.h"

/* ---- Words and lines ---- */

/* Part of a text; not ended by a NUL. */
struct span {
        const char *at, *end;
};

static bool
is(struct span s, const char *word)
{
        size_t length = strlen(word);

        return (size_t)(s.end - s.at) == length && memcmp(s.at, word, length) == 0;
}

/* Cuts off the part of *text before the next `separator`; false if there is nothing left. */
static bool
cut(struct span *text, char separator, struct span *ret_part)
{
        const char *found;

        if (text->at == text->end)
                return false;
        found = memchr(text->at, separator, (size_t)(text->end - text->at));
        ret_part->at = text->at;
        ret_part->end = found ? found : text->end;
        text->at = found ? found + 1 : text->end;
        return true;
}

/* Cuts off the next word of a line; false at its end. */
static bool
cut_word(struct span *line, struct span *ret_word)
{
        while (cut(line, ' ', ret_word))
                if (ret_word->at < ret_word->end)
                        return true;
        return false;
}

/* False for what is no count: MaxConn's -1 says that there is no such limit. */
static bool
read_number(struct span word, uint64_t *ret)
{
        uint64_t value = 0;

        if (word.at == word.end)
                return false;
        for (const char *p = word.at; p < word.end; p++) {
                uint64_t digit = (uint64_t)(*p - '0');

                if (digit > 9 || value > (UINT64_MAX - digit) / 10)
                        return false;
                value = value * 10 + digit;
        }
        *ret = value;
        return true;
}

/* ---- Events ---- */

static void
add(struct counters *c, struct span name, uint64_t value)
{
        size_t length = (size_t)(name.end - name.at);
        struct counter *counter;

        if (c->count == COUNTERS_MAX || length >= COUNTERS_NAME_SIZE)
                return;
        counter = &c->counter[c->count++];
        memcpy(counter->name, name.at, length);
        counter->name[length] = '\0';
        counter->value = value;
}

/* Of IP's only what makes TCP's connect() fail; the other names are not IP's alone. */
static bool
is_wanted(struct span title, struct span name)
{
        return !is(title, "Ip:") || is(name, "OutNoRoutes");
}

/* "TcpExt: SyncookiesSent SyncookiesRecv ..." and below it "TcpExt: 0 3 ...": the names and their values. */
static void
add_lines(struct counters *c, struct span names, struct span values)
{
        struct span title, name, value;
        uint64_t number;

        if (!cut_word(&names, &title) || !(is(title, "Tcp:") || is(title, "TcpExt:") || is(title, "Ip:")))
                return;
        if (!cut_word(&values, &value) || (value.end - value.at) != (title.end - title.at) ||
            memcmp(value.at, title.at, (size_t)(title.end - title.at)) != 0)
                return;
        while (cut_word(&names, &name) && cut_word(&values, &value))
                if (is_wanted(title, name) && read_number(value, &number))
                        add(c, name, number);
}

void
counters_parse(struct counters *c, const char *text, size_t size)
{
        struct span rest = { text, text + size }, names, values;

        while (cut(&rest, '\n', &names) && cut(&rest, '\n', &values))
                add_lines(c, names, values);
}

static int
read_events(int netns_fd, const char *file, struct counters *c)
{
        size_t size;
        char *text;
        int r = file_read_proc_net(netns_fd, file, &text, &size);

        if (r < 0)
                return r;
        counters_parse(c, text, size);
        free(text);
        return 0;
}

int
counters_read(int netns_fd, struct counters *ret)
{
        struct counters c = { .count = 0 };
        int r = read_events(netns_fd, "snmp", &c);

        if (r == 0)
                r = read_events(netns_fd, "netstat", &c);
        if (r == 0)
                *ret = c;
        return r;
}

int
counters_read_snmp(int netns_fd, struct counters *ret)
{
        struct counters c = { .count = 0 };
        int r = read_events(netns_fd, "snmp", &c);

        if (r == 0)
                *ret = c;
        return r;
}

bool
counters_get(const struct counters *c, const char *name, uint64_t *ret_value)
{
        for (size_t i = 0; i < c->count; i++)
                if (strcmp(c->counter[i].name, name) == 0) {
                        *ret_value = c->counter[i].value;
                        return true;
                }
        return false;
}

/* ---- Amounts ---- */

/* The place of an amount, by the words before it: "TCP: inuse 5 orphan 0 ..."; NULL for another's. */
static int64_t *
amount(struct sockstat *s, struct span protocol, struct span name)
{
        if (is(protocol, "TCP6:"))
                return is(name, "inuse") ? &s->in_use6 : NULL;
        if (!is(protocol, "TCP:"))
                return NULL;
        if (is(name, "inuse"))
                return &s->in_use;
        if (is(name, "orphan"))
                return &s->orphans;
        if (is(name, "tw"))
                return &s->time_wait;
        if (is(name, "alloc"))
                return &s->allocated;
        return is(name, "mem") ? &s->memory_pages : NULL;
}

void
sockstat_parse(struct sockstat *s, const char *text, size_t size)
{
        struct span rest = { text, text + size }, line, protocol, name, value;

        while (cut(&rest, '\n', &line)) {
                if (!cut_word(&line, &protocol))
                        continue;
                while (cut_word(&line, &name) && cut_word(&line, &value)) {
                        int64_t *place = amount(s, protocol, name);
                        uint64_t number;

                        if (place && read_number(value, &number) && number <= INT64_MAX)
                                *place = (int64_t)number;
                }
        }
}

static int
read_amounts(int netns_fd, const char *file, struct sockstat *s)
{
        size_t size;
        char *text;
        int r = file_read_proc_net(netns_fd, file, &text, &size);

        if (r < 0)
                return r;
        sockstat_parse(s, text, size);
        free(text);
        return 0;
}

int
sockstat_read(int netns_fd, struct sockstat *ret)
{
        struct sockstat s = { -1, -1, -1, -1, -1, -1 };
        int r = read_amounts(netns_fd, "sockstat", &s);

        if (r < 0)
                return r;
        r = read_amounts(netns_fd, "sockstat6", &s);
        if (r < 0 && r != -ENOENT) /* not there without IPv6 */
                return r;
        *ret = s;
        return 0;
}
