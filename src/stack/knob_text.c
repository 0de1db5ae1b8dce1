/* SPDX-License-Identifier: BSD-2-Clause */
#include "stack/knob_text.h"

/* ---- Reading ---- */

/* The kernel's TMPBUFLEN, without the NUL. */
#define DIGITS_MAX 21

static bool
is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\n';
}

static void
skip_blanks(const char **at)
{
        while (is_blank(**at))
                (*at)++;
}

static bool
at_end(const char *at)
{
        skip_blanks(&at);
        return *at == '\0';
}

static int
digit_of(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

static int
take_base(const char **at)
{
        if ((*at)[0] != '0')
                return 10;
        if (((*at)[1] != 'x' && (*at)[1] != 'X') || digit_of((*at)[2]) >= 16)
                return 8;
        *at += 2;
        return 16;
}

static bool
read_number(const char **at, int64_t least, int64_t most, int64_t *ret_value)
{
        int64_t value = 0;
        size_t digits = 0;
        int base;

        skip_blanks(at);
        if (**at < '0' || **at > '9')
                return false;
        base = take_base(at);
        for (; digit_of(**at) < base; (*at)++) {
                value = value * base + digit_of(**at);
                if (value > most || ++digits > DIGITS_MAX)
                        return false;
        }
        *ret_value = value;
        return value >= least;
}

bool
knob_read_numbers(const char *text, int64_t least, int64_t most, size_t n, int64_t *ret_values)
{
        for (size_t i = 0; i < n; i++) {
                if (i > 0 && !is_blank(*text))
                        return false;
                if (!read_number(&text, least, most, &ret_values[i]))
                        return false;
                if (i > 0 && ret_values[i] < ret_values[i - 1])
                        return false;
        }
        return at_end(text);
}

bool
knob_read_ports(const char *text, struct port_set *ret_ports)
{
        struct port_set ports = { 0 };
        int64_t low, high;

        while (!at_end(text)) {
                if (!read_number(&text, 1, 65535, &low))
                        return false;
                high = low;
                if (*text == '-') {
                        text++;
                        if (!read_number(&text, low, 65535, &high))
                                return false;
                }
                for (int64_t p = low; p <= high; p++)
                        ports.bits[p / 64] |= (uint64_t)1 << (p % 64);
                skip_blanks(&text);
                if (*text == ',')
                        text++;
                else if (!at_end(text))
                        return false;
        }
        *ret_ports = ports;
        return true;
}

bool
knob_read_word(const char *text, const char **ret_word, size_t *ret_length)
{
        size_t n = 0;

        skip_blanks(&text);
        while (text[n] && !is_blank(text[n]))
                n++;
        *ret_word = text;
        *ret_length = n;
        return n > 0 && at_end(text + n);
}

/* ---- Writing ---- */

void
knob_put(struct knob_writer *w, char c)
{
        if (w->at < w->room)
                w->text[w->at] = c;
        w->at++;
}

void
knob_put_text(struct knob_writer *w, const char *text)
{
        while (*text)
                knob_put(w, *text++);
}

void
knob_put_number(struct knob_writer *w, uint64_t value)
{
        char digits[20];
        size_t n = 0;

        do
                digits[n++] = (char)('0' + value % 10);
        while ((value /= 10) > 0);
        while (n > 0)
                knob_put(w, digits[--n]);
}

static bool
has_port(const struct port_set *ports, uint32_t port)
{
        return ports->bits[port / 64] >> (port % 64) & 1;
}

void
knob_put_ports(struct knob_writer *w, const struct port_set *ports)
{
        bool first = true;

        for (uint32_t low = 1, high; low <= 65535; low = high + 1) {
                high = low;
                if (!has_port(ports, low))
                        continue;
                while (high < 65535 && has_port(ports, high + 1))
                        high++;
                if (!first)
                        knob_put(w, ',');
                first = false;
                knob_put_number(w, low);
                if (high > low) {
                        knob_put(w, '-');
                        knob_put_number(w, high);
                }
        }
}
