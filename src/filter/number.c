/* SPDX-License-Identifier: BSD-2-Clause */
/* number.c - numbers and times in a filter. */
#include <ctype.h>
#include <string.h>

#include "filter/parse.h"

struct range
range_of(enum token_kind comparison, uint64_t value)
{
        static const struct range none = { 1, 0 };

        if (comparison == TOKEN_LT)
                return value ? (struct range){ 0, value - 1 } : none;
        if (comparison == TOKEN_LE)
                return (struct range){ 0, value };
        if (comparison == TOKEN_GT)
                return value < UINT64_MAX ? (struct range){ value + 1, UINT64_MAX } : none;
        if (comparison == TOKEN_GE)
                return (struct range){ value, UINT64_MAX };
        return (struct range){ value, value };
}

static bool
is_hexadecimal(const char *text)
{
        return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

bool
is_number(const char *text)
{
        if (is_hexadecimal(text))
                return true;
        return *text && text[strspn(text, "0123456789")] == '\0';
}

/* False if it is more than `max`. */
static bool
value_of(const char *digits, unsigned int base, uint64_t max, uint64_t *ret_value)
{
        uint64_t value = 0;

        for (; *digits; digits++) {
                unsigned int digit = isdigit((unsigned char)*digits)
                                             ? (unsigned int)(*digits - '0')
                                             : (unsigned int)(tolower((unsigned char)*digits) - 'a' + 10);

                if (digit > max || value > (max - digit) / base)
                        return false;
                value = value * base + digit;
        }
        *ret_value = value;
        return true;
}

bool
parse_number(struct parser *p, const struct token *token, const char *part, uint64_t max, uint64_t *ret_value)
{
        bool hexadecimal = is_hexadecimal(part);
        const char *digits = hexadecimal ? part + 2 : part;
        struct quoted quoted = quote(part, strlen(part));

        if (!*digits || digits[strspn(digits, hexadecimal ? "0123456789abcdefABCDEF" : "0123456789")])
                return REFUSE_PART(p, token, part, _("'%s' is not a number"), quoted.text);
        /* What a leading zero means depends on who reads it: octal for ss and C, nothing for people. */
        if (!hexadecimal && digits[0] == '0' && digits[1])
                return REFUSE_PART(p, token, part, _("'%s' begins with 0, which some read as octal; write it without"),
                                   quoted.text);
        if (!value_of(digits, hexadecimal ? 16 : 10, max, ret_value))
                return REFUSE_PART(p, token, part, _("%s is out of range; the highest is %llu"), quoted.text,
                                   (unsigned long long)max);
        return true;
}

static const struct {
        const char *name;
        uint32_t ms;
} units[] = {
        { "ms", 1 }, { "s", 1000 }, { "m", 60 * 1000 }, { "h", 60 * 60 * 1000 }, { "d", 24 * 60 * 60 * 1000 },
};

static uint64_t
unit_ms(const char *name, size_t length)
{
        for (size_t i = 0; i < COUNT(units); i++)
                if (strlen(units[i].name) == length && !memcmp(units[i].name, name, length))
                        return units[i].ms;
        return 0;
}

/* "90s", "1h30m", or a number alone, which is seconds. */
bool
parse_time(struct parser *p, const struct token *token, uint64_t *ret_ms)
{
        const char *at = token->word;
        uint64_t total = 0;
        struct quoted quoted = quote_token(p, token);

        do {
                size_t digits = strspn(at, "0123456789"), letters = strcspn(at + digits, "0123456789");
                uint64_t count = 0, unit = unit_ms(at + digits, letters);

                if (letters == 0 && at == token->word)
                        unit = 1000;
                if (digits == 0 || unit == 0)
                        return REFUSE_TOKEN(p, token, _("'%s' is not a time; write it like 500ms, 30s, 5m, 2h or 1d"),
                                            quoted.text);
                for (size_t i = 0; i < digits && count <= UINT32_MAX; i++)
                        count = count * 10 + (uint64_t)(at[i] - '0');
                if (count * unit >= UINT32_MAX - total)
                        return REFUSE_TOKEN(p, token, _("'%s' is too long; ages are known up to 49 days"), quoted.text);
                total += count * unit;
                at += digits + letters;
        } while (*at);
        *ret_ms = total;
        return true;
}
