/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "cli/recording.h"
#include "cli/text.h"

/* A string of JSON; '?' for bytes that are no ASCII, which names of processes and tunables hardly have. */
static char *
quoted(char *p, const char *text)
{
        *p++ = '"';
        for (; *text; text++) {
                if (*text == '"' || *text == '\\')
                        *p++ = '\\';
                *p++ = *text >= ' ' && *text <= '~' ? *text : '?';
        }
        *p++ = '"';
        return p;
}

static char *
number(char *p, int64_t n)
{
        if (n < 0)
                *p++ = '-';
        return text_number(p, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

static int
put(struct recording *r, const char *line, const char *end)
{
        size_t length = (size_t)(end - line);

        errno = EIO;
        return fwrite(line, 1, length, r->file) == length && putc('\n', r->file) != EOF ? 0 : -errno;
}

int
recording_head(struct recording *r, const struct recording_head *head)
{
        char line[1024], *p = text_string(line, "{\"lastack_recording\":");

        p = text_number(p, RECORDING_VERSION);
        p = quoted(text_string(p, ",\"lastack\":"), LASTACK_VERSION);
        p = quoted(text_string(p, ",\"created\":"), head->created);
        p = quoted(text_string(p, ",\"kernel\":"), head->kernel);
        p = text_number(text_string(p, ",\"idle_ms\":"), head->idle_ms);
        if (r->anonymous)
                p = text_string(p, ",\"anonymous\":true");
        return put(r, line, text_string(p, "}"));
}

int
recording_knob(struct recording *r, const char *name, const char *text, bool outer)
{
        char line[RECORDING_LINE_SIZE], *p = line;

        if (strlen(text) * 2 + 256 > sizeof(line)) /* no list of ports that anybody wrote */
                return -EFBIG;
        p = quoted(text_string(p, outer ? "{\"outer_knob\":" : "{\"knob\":"), name);
        p = quoted(text_string(p, ",\"value\":"), text);
        return put(r, line, text_string(p, "}"));
}

int
recording_look(struct recording *r, uint64_t at_ms)
{
        char line[128], *p = text_string(line, "{\"look\":");

        r->sockets = 0;
        p = text_number(p, ++r->looks);
        p = text_number(text_string(p, ",\"at_ms\":"), at_ms);
        return put(r, line, text_string(p, "}"));
}

int
recording_amount(struct recording *r, const char *kind, const char *name, int64_t value)
{
        char line[512], *p = quoted(text_string(line, "{"), kind);

        p = quoted(text_string(p, ":"), name);
        p = number(text_string(p, ",\"value\":"), value);
        return put(r, line, text_string(p, "}"));
}

static char *
endpoint(char *p, const struct recording *r, enum la_family family, const struct la_endpoint *e)
{
        uint8_t address[16];

        memcpy(address, e->address, sizeof(address));
        if (r->anonymous)
                recording_disguise(r->key, family, address);
        p = text_string(p, family == LA_IPV6 ? "\"[" : "\"");
        p = text_address(p, family, address);
        p = text_string(p, family == LA_IPV6 ? "]:" : ":");
        p = text_number(p, e->port);
        return text_string(p, "\"");
}

int
recording_socket(struct recording *r, const struct la_snapshot *s)
{
        char line[4096], *p = quoted(text_string(line, "{\"socket\":"), la_state_name(s->state));

        p = endpoint(text_string(p, ",\"local\":"), r, s->family, &s->local);
        p = endpoint(text_string(p, ",\"remote\":"), r, s->family, &s->remote);
        for (size_t i = 0; i < recording_field_count; i++) {
                const struct recording_field *field = &recording_fields[i];
                uint64_t value = recording_get(s, field);
                if (value == 0)
                        continue;
                p = text_string(text_string(p, ",\""), field->name);
                p = text_number(text_string(p, "\":"), value);
        }
        if (s->owner_count > 0) {
                p = number(text_string(p, ",\"pid\":"), s->owners[0].pid);
                p = quoted(text_string(p, ",\"comm\":"), s->owners[0].comm);
        }
        r->sockets++;
        return put(r, line, text_string(p, "}"));
}

int
recording_restart(struct recording *r)
{
        static const char line[] = "{\"restart\":true}";

        r->sockets = 0;
        return put(r, line, line + sizeof(line) - 1);
}

int
recording_end(struct recording *r, const struct recording_end *end)
{
        char line[512], *p = text_number(text_string(line, "{\"end\":"), r->looks);

        p = text_number(text_string(p, ",\"sockets\":"), r->sockets);
        p = quoted(text_string(p, ",\"source\":"), end->source);
        p = text_number(text_string(p, ",\"missing\":"), end->missing);
        p = text_number(text_string(p, ",\"owners_hidden\":"), end->owners_hidden);
        p = text_string(p, end->inconsistent ? ",\"inconsistent\":true}" : "}");
        return put(r, line, p);
}
