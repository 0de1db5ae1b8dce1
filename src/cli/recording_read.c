/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a recording.  It may come from anywhere, so nothing in it is believed: each line is an object of a known kind,
 * each number fits its place, and what comes before the first line or after the last is an error.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/gettext.h"
#include "cli/recording.h"
#include "cli/witness.h"

struct reader {
        FILE *file;
        struct witness *witness;
        struct recording_read *told;
        unsigned int looks;
        uint64_t sockets;
        bool ended;
};

__attribute__((format(printf, 2, 3))) static int
complain(struct reader *r, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(r->told->problem, sizeof(r->told->problem), format, arguments);
        va_end(arguments);
        return -EBADMSG;
}

/* ---- Members ------------------------------------------------------------------------------------------------------- */

static const char *
text_of(const json_t *line, const char *key)
{
        const char *text = json_string_value(json_object_get(line, key));

        return text ? text : "";
}

/* False for a member that is no number, or out of these bounds. */
static bool
number_of(const json_t *line, const char *key, int64_t least, int64_t most, int64_t *ret)
{
        const json_t *member = json_object_get(line, key);

        if (!json_is_integer(member) || json_integer_value(member) < least || json_integer_value(member) > most)
                return false;
        *ret = json_integer_value(member);
        return true;
}

/* "10.0.0.5:40000", "[2001:db8::1]:443" */
static bool
endpoint_of(const json_t *line, const char *key, enum la_family *ret_family, struct la_endpoint *ret)
{
        const char *text = text_of(line, key), *colon = strrchr(text, ':');
        struct la_endpoint e = { .port = 0 };
        char address[INET6_ADDRSTRLEN] = "", *end;
        bool six = text[0] == '[';
        size_t length = colon ? (size_t)(colon - text) : 0, brackets = six ? 2 : 0;

        if (length <= brackets || length - brackets >= sizeof(address) || (six && colon[-1] != ']'))
                return false;
        memcpy(address, text + six, length - brackets);
        errno = 0;
        unsigned long port = strtoul(colon + 1, &end, 10);
        if (end == colon + 1 || *end != '\0' || errno != 0 || port > UINT16_MAX ||
            inet_pton(six ? AF_INET6 : AF_INET, address, e.address) != 1)
                return false;
        e.port = (uint16_t)port;
        *ret = e;
        *ret_family = six ? LA_IPV6 : LA_IPV4;
        return true;
}

/* ---- Lines --------------------------------------------------------------------------------------------------------- */

static int
read_head(struct reader *r, const json_t *line)
{
        int64_t version, idle_ms = 0;

        if (!number_of(line, "lastack_recording", 0, INT64_MAX, &version))
                return complain(r, "%s", _("it is no recording of lastack (lastack record FILE makes one)"));
        if (version != RECORDING_VERSION)
                return complain(r, _("it has version %lld of the format, and this lastack reads version %d"),
                                (long long)version, RECORDING_VERSION);
        snprintf(r->told->kernel, sizeof(r->told->kernel), "%s", text_of(line, "kernel"));
        snprintf(r->told->created, sizeof(r->told->created), "%s", text_of(line, "created"));
        if (json_object_get(line, "stack") && evidence_stack(r->witness->evidence, text_of(line, "stack")) < 0)
                return complain(r, "%s", _("the name of its stack is none"));
        if (number_of(line, "idle_ms", 0, UINT32_MAX, &idle_ms))
                r->witness->evidence->idle_ms = (uint32_t)idle_ms;
        return 0;
}

static int
read_knob(struct reader *r, const json_t *line, bool outer)
{
        const struct la_knob_info *knob = la_knob_find(text_of(line, outer ? "outer_knob" : "knob"));

        return knob ? witness_knob(r->witness, knob, text_of(line, "value"), outer) : 0;
}

static int
read_look(struct reader *r, const json_t *line)
{
        int64_t at_ms;

        if (!number_of(line, "at_ms", 0, INT64_MAX, &at_ms))
                return complain(r, "%s", _("the look has no time"));
        r->looks++;
        r->sockets = 0;
        return witness_look(r->witness, (uint64_t)at_ms);
}

static int
read_amount(struct reader *r, const json_t *line, const char *kind)
{
        int64_t value;

        if (r->looks == 0 || !number_of(line, "value", INT64_MIN, INT64_MAX, &value))
                return complain(r, _("'%s' is no number"), kind);
        return strcmp(kind, "fact") == 0 ? witness_fact(r->witness, text_of(line, kind), value)
                                         : witness_counter(r->witness, text_of(line, kind), value);
}

static bool
fill_fields(struct la_snapshot *s, const json_t *line)
{
        for (size_t i = 0; i < recording_field_count; i++) {
                int64_t value = 0;
                if (json_object_get(line, recording_fields[i].name) &&
                    (!number_of(line, recording_fields[i].name, 0, INT64_MAX, &value) ||
                     !recording_set(s, &recording_fields[i], (uint64_t)value)))
                        return false;
        }
        return true;
}

static int
read_socket(struct reader *r, const json_t *line)
{
        struct la_snapshot s = { 0 };
        struct la_owner owner = { 0 };
        enum la_family other;
        int64_t pid;

        if (r->looks == 0 || !la_state_parse(text_of(line, "socket"), &s.state) ||
            !endpoint_of(line, "local", &s.family, &s.local) || !endpoint_of(line, "remote", &other, &s.remote) ||
            other != s.family || !fill_fields(&s, line))
                return complain(r, "%s", _("the socket makes no sense"));
        if (number_of(line, "pid", 1, INT32_MAX, &pid)) {
                owner.pid = (int32_t)pid;
                snprintf(owner.comm, sizeof(owner.comm), "%s", text_of(line, "comm"));
                s.owners = &owner;
                s.owner_count = 1;
        }
        r->sockets++;
        return witness_socket(r->witness, &s);
}

static int
read_end(struct reader *r, const json_t *line)
{
        struct evidence *e = r->witness->evidence;
        int64_t looks, sockets, missing = 0, hidden = 0;

        if (r->looks == 0 || !number_of(line, "end", 1, INT64_MAX, &looks) ||
            !number_of(line, "sockets", 0, INT64_MAX, &sockets) || looks != r->looks || (uint64_t)sockets != r->sockets)
                return complain(r, _("lines are missing: %llu sockets in look %u are not what its end says"),
                                (unsigned long long)r->sockets, r->looks);
        number_of(line, "missing", 0, UINT32_MAX, &missing);
        number_of(line, "owners_hidden", 0, UINT32_MAX, &hidden);
        e->missing = (uint32_t)missing;
        e->owners_hidden = (uint32_t)hidden;
        e->inconsistent = json_is_true(json_object_get(line, "inconsistent"));
        snprintf(r->told->source, sizeof(r->told->source), "%s", text_of(line, "source"));
        snprintf(e->source, sizeof(e->source), "%s", r->told->source);
        r->ended = true;
        return 0;
}

static int
read_object(struct reader *r, const json_t *line)
{
        if (r->ended)
                return complain(r, "%s", _("there are lines behind its end"));
        if (r->told->line == 1)
                return read_head(r, line);
        if (json_object_get(line, "socket"))
                return read_socket(r, line);
        if (json_object_get(line, "counter"))
                return read_amount(r, line, "counter");
        if (json_object_get(line, "fact"))
                return read_amount(r, line, "fact");
        if (json_object_get(line, "knob"))
                return read_knob(r, line, false);
        if (json_object_get(line, "outer_knob"))
                return read_knob(r, line, true);
        if (json_object_get(line, "look"))
                return read_look(r, line);
        if (json_object_get(line, "restart")) {
                r->sockets = 0;
                return witness_restart(r->witness);
        }
        return json_object_get(line, "end") ? read_end(r, line) : 0;
}

static int
read_line(struct reader *r, const char *text, size_t length)
{
        json_t *line = json_loadb(text, length, 0, NULL);
        int result;

        r->told->line++;
        if (json_is_object(line))
                result = read_object(r, line);
        else if (r->told->line == 1)
                result = complain(r, "%s", _("it is no recording of lastack (lastack record FILE makes one)"));
        else
                result = complain(r, "%s", _("it is cut off or damaged: the line is no JSON object"));
        json_decref(line);
        return result;
}

enum { NO_LINE, A_LINE, TOO_LONG };

/* The next line, without its end. */
static int
get_line(FILE *file, char line[RECORDING_LINE_SIZE], size_t *ret_length)
{
        size_t length = 0;
        int c;

        while ((c = getc_unlocked(file)) != EOF && c != '\n') {
                if (length == RECORDING_LINE_SIZE)
                        return TOO_LONG;
                line[length++] = (char)c;
        }
        *ret_length = length;
        return c == '\n' || length > 0 ? A_LINE : NO_LINE;
}

int
recording_read(FILE *file, struct witness *w, struct recording_read *ret)
{
        static char line[RECORDING_LINE_SIZE];
        struct reader r = { .file = file, .witness = w, .told = ret };
        size_t length = 0;
        int result = 0, got;

        errno = 0;
        *ret = (struct recording_read){ .line = 0 };
        while (result == 0 && (got = get_line(file, line, &length)) != NO_LINE)
                result = got == TOO_LONG
                                 ? complain(&r, "%s", _("it is no recording of lastack: no line of one is as long"))
                                 : read_line(&r, line, length);
        if (result == 0 && ferror(file))
                return errno ? -errno : -EIO; /* EISDIR, for one */
        if (result == 0 && ret->line == 0)
                return complain(&r, "%s", _("it is empty"));
        if (result == 0 && !r.ended)
                return complain(&r, "%s", _("it is cut short: its end is missing"));
        return result;
}
