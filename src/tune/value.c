/* SPDX-License-Identifier: BSD-2-Clause */
#include "tune/value.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux/sysctl.h"
#include "tune/gettext.h"

int
tune_value_numbers(enum la_knob_kind kind)
{
        switch (kind) {
        case LA_KNOB_NUMBER:
                return 1;
        case LA_KNOB_RANGE:
                return 2;
        case LA_KNOB_TRIPLE:
                return TUNE_NUMBERS;
        case LA_KNOB_PORT_LIST:
        case LA_KNOB_WORD:
                return 0;
        }
        return 0;
}

/* One number as the kernel reads it (proc_get_long(): a '-', then the base is told by 0 or 0x); NULL if it is none. */
static const char *
number(const char *p, int64_t *ret, uint32_t *odd)
{
        const char *digits = p + (*p == '-');
        char *end;

        if (!isdigit((unsigned char)*digits))
                return NULL;
        errno = 0;
        *ret = (int64_t)strtoll(p, &end, 0);
        if (errno != 0)
                return NULL;
        if (*digits == '0' && (digits[1] == 'x' || digits[1] == 'X'))
                *odd |= TUNE_VALUE_HEX;
        else if (*digits == '0' && isdigit((unsigned char)digits[1]))
                *odd |= TUNE_VALUE_OCTAL;
        return end;
}

/* Behind a number only a blank lets the kernel go on. */
static const char *
separator(const char *p, bool range, uint32_t *odd)
{
        if (*p == ',' || (range && *p == '-')) {
                *odd |= TUNE_VALUE_COMMAS;
                p++;
        } else if (*p != '\0' && !isspace((unsigned char)*p)) {
                *odd |= TUNE_VALUE_UNIT;
                p += strcspn(p, " \t");
        }
        return p + strspn(p, " \t");
}

static struct tune_value
read_numbers(enum la_knob_kind kind, const char *p)
{
        struct tune_value v = { 0 };
        int wanted = tune_value_numbers(kind);

        p += strspn(p, " \t");
        if (*p == '\0')
                v.odd |= TUNE_VALUE_EMPTY;
        while (*p != '\0' && v.count < wanted) {
                const char *end = number(p, &v.number[v.count], &v.odd);
                if (!end) {
                        v.odd |= TUNE_VALUE_NO_NUMBER;
                        return v;
                }
                v.count++;
                p = separator(end, kind == LA_KNOB_RANGE, &v.odd);
        }
        if (*p != '\0')
                v.odd |= TUNE_VALUE_MORE;
        if (v.count > 0 && v.count < wanted)
                v.odd |= TUNE_VALUE_FEWER;
        return v;
}

struct tune_value
tune_value_read(enum la_knob_kind kind, const char *text)
{
        struct sysctl_ports ports;
        struct tune_value v = { 0 };

        if (tune_value_numbers(kind) > 0)
                return read_numbers(kind, text);
        if (kind == LA_KNOB_PORT_LIST && sysctl_parse_ports(text, &ports) < 0)
                v.odd |= TUNE_VALUE_NO_NUMBER;
        if (kind == LA_KNOB_WORD && *text == '\0')
                v.odd |= TUNE_VALUE_EMPTY;
        return v;
}

static char *
squeezed(const char *text)
{
        char *copy = malloc(strlen(text) + 1), *to = copy;

        if (!copy)
                return NULL;
        for (text += strspn(text, " \t\n"); *text; text++) {
                if (!isspace((unsigned char)*text))
                        *to++ = *text;
                else if (text[strspn(text, " \t\n")] != '\0' && to[-1] != ' ')
                        *to++ = ' ';
        }
        *to = '\0';
        return copy;
}

char *
tune_value_canonical(enum la_knob_kind kind, const char *text)
{
        struct tune_value v = tune_value_read(kind, text);
        char *canonical;
        size_t used = 0;

        if (v.count == 0)
                return squeezed(text);
        canonical = malloc(TUNE_NUMBERS * 24);
        for (int i = 0; canonical && i < v.count; i++)
                used += (size_t)sprintf(canonical + used, "%s%" PRId64, i > 0 ? " " : "", v.number[i]);
        return canonical;
}

#define SHOWN_MOST 80

const char *
tune_value_shown(const char *text)
{
        static char texts[4][TUNE_VALUE_SHOWN_SIZE];
        static unsigned int next;
        char *shown = texts[next++ % 4];

        if (*text == '\0')
                return _("(empty)");
        if (strlen(text) <= SHOWN_MOST)
                return strcpy(shown, text);
        snprintf(shown, TUNE_VALUE_SHOWN_SIZE, _("%.*s... (%zu characters)"), SHOWN_MOST / 2, text, strlen(text));
        return shown;
}

static bool
same_ports(const char *a, const char *b)
{
        struct sysctl_ports first, second;

        return sysctl_parse_ports(a, &first) == 0 && sysctl_parse_ports(b, &second) == 0 &&
               memcmp(&first, &second, sizeof(first)) == 0;
}

static bool
same_words(const char *a, const char *b)
{
        for (;;) {
                a += strspn(a, " \t\n");
                b += strspn(b, " \t\n");
                size_t length = strcspn(a, " \t\n");
                if (length != strcspn(b, " \t\n") || strncmp(a, b, length) != 0)
                        return false;
                if (length == 0)
                        return true;
                a += length;
                b += length;
        }
}

bool
tune_value_same(enum la_knob_kind kind, const char *a, const char *b)
{
        struct tune_value first = tune_value_read(kind, a), second = tune_value_read(kind, b);

        if (kind == LA_KNOB_PORT_LIST && same_ports(a, b))
                return true;
        if (first.count == 0 || first.count != second.count || (first.odd | second.odd) & TUNE_VALUE_NO_NUMBER)
                return same_words(a, b);
        for (int i = 0; i < first.count; i++)
                if (first.number[i] != second.number[i])
                        return false;
        return true;
}
