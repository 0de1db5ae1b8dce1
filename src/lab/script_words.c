/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/script.h"

#define YEAR_US (UINT64_C(365) * 24 * 3600 * 1000000)

static int
trouble(struct script *s, const char *what, const char *word, int status)
{
        s->trouble->line = s->line;
        snprintf(s->trouble->text, sizeof s->trouble->text, word ? "%s: '%s'" : "%s", what, word);
        return status;
}

int
script_wrong(struct script *s, const char *what, const char *word)
{
        return trouble(s, what, word, -EINVAL);
}

int
script_failed(struct script *s, const char *what, const char *word)
{
        return trouble(s, what, word, -ECANCELED);
}

const char *
script_word(struct script *s)
{
        return s->next < s->words ? s->word[s->next++] : NULL;
}

bool
script_take(struct script *s, const char *word)
{
        if (s->next == s->words || strcmp(s->word[s->next], word) != 0)
                return false;
        s->next++;
        return true;
}

int
script_end(struct script *s)
{
        return s->next == s->words ? 0 : script_wrong(s, "one word too many", s->word[s->next]);
}

static bool
read_number(const char *word, uint32_t most, uint32_t *ret_number, const char **ret_end)
{
        char *end;
        unsigned long n;

        if (!word || !isdigit((unsigned char)word[0]))
                return false;
        errno = 0;
        n = strtoul(word, &end, 10);
        if (errno || n > most)
                return false;
        *ret_number = (uint32_t)n;
        *ret_end = end;
        return true;
}

int
script_number(struct script *s, uint32_t most, uint32_t *ret_number)
{
        const char *word = script_word(s), *end;
        uint32_t n;

        if (!read_number(word, most, &n, &end) || *end != '\0')
                return script_wrong(s, "a number is expected here", word);
        *ret_number = n;
        return 0;
}

int
script_time(struct script *s, uint64_t *ret_us)
{
        static const struct {
                const char *unit;
                uint64_t us;
        } units[] = { { "us", 1 }, { "ms", 1000 }, { "s", 1000000 }, { "m", 60000000 }, { "h", 3600000000 } };
        const char *word = script_word(s), *end;
        uint32_t n;

        if (read_number(word, UINT32_MAX, &n, &end))
                for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
                        if (strcmp(end, units[i].unit) == 0 && n <= YEAR_US / units[i].us) {
                                *ret_us = n * units[i].us;
                                return 0;
                        }
        return script_wrong(s, "a time is expected here, like 50ms, a year at most", word);
}

int
script_percent(struct script *s, uint32_t *ret_millionths)
{
        const char *word = script_word(s), *end;
        uint32_t n;

        if (!read_number(word, 100, &n, &end) || strcmp(end, "%") != 0)
                return script_wrong(s, "a share is expected here, like 30%", word);
        *ret_millionths = n * 10000;
        return 0;
}

int
script_host(struct script *s, int *ret_host)
{
        const char *word = script_word(s);
        int host = word ? la_lab_host_named(s->lab, word) : LA_LAB_NOBODY;

        if (host == LA_LAB_NOBODY)
                return script_wrong(s, "there is no such host", word);
        *ret_host = host;
        return 0;
}

int
script_state(struct script *s, enum la_state *ret_state)
{
        const char *word = script_word(s);

        return word && la_state_parse(word, ret_state) ? 0 : script_wrong(s, "there is no such state", word);
}

static bool
read_ipv4(const char *word, uint8_t address[16])
{
        memset(address, 0, 16);
        for (int i = 0; i < 4; i++) {
                uint32_t n;
                const char *end;

                if (!read_number(word, 255, &n, &end) || *end != (i < 3 ? '.' : '\0'))
                        return false;
                address[i] = (uint8_t)n;
                word = end + 1;
        }
        return true;
}

/* Groups of hexadecimal digits, one run of zero groups left out: RFC 4291 2.2, without its IPv4 endings. */
static bool
read_ipv6(const char *word, uint8_t address[16])
{
        uint8_t group[16] = { 0 };
        size_t n = 0, gap = SIZE_MAX;

        while (*word != '\0') {
                char *end;
                unsigned long value;

                if (word[0] == ':' && word[1] == ':' && gap == SIZE_MAX) {
                        gap = n;
                        word += 2;
                        continue;
                }
                if (n == 16 || !isxdigit((unsigned char)*word))
                        return false;
                value = strtoul(word, &end, 16);
                if (value > 0xffff || (*end != ':' && *end != '\0') || (*end == ':' && end[1] == '\0'))
                        return false;
                group[n++] = (uint8_t)(value >> 8);
                group[n++] = (uint8_t)value;
                word = *end == ':' && end[1] != ':' ? end + 1 : end;
        }
        if (gap == SIZE_MAX ? n != 16 : n == 16)
                return false;
        memset(address, 0, 16);
        if (gap == SIZE_MAX)
                gap = n;
        memcpy(address, group, gap);
        memcpy(address + 16 - (n - gap), group + gap, n - gap);
        return true;
}

int
script_address(struct script *s, enum la_family *ret_family, uint8_t ret_address[16])
{
        const char *word = script_word(s);
        uint8_t address[16];

        if (!word || (!read_ipv4(word, address) && !read_ipv6(word, address)))
                return script_wrong(s, "an address is expected here", word);
        *ret_family = strchr(word, ':') ? LA_IPV6 : LA_IPV4;
        memcpy(ret_address, address, 16);
        return 0;
}
