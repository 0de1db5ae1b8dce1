/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/ladder_draw.h"

#include <stdlib.h>
#include <string.h>

#include "cli/gettext.h"
#include "cli/text.h"

#define PAUSE_US 1000000u

bool
ladder_marks(const struct ladder_mark *mark, const struct la_lab_event *event)
{
        const struct la_transition_info *t;

        if (!mark || event->kind != LA_LAB_EVENT_TRANSITION)
                return false;
        t = la_transition_info(event->transition);
        return (mark->row_wanted && event->transition == mark->row) ||
               (mark->state_wanted && event->host == mark->host && t->to == mark->state);
}

/* ---- Lines ---- */

bool
ladder_is_left(const struct ladder *d, int host)
{
        return host != d->right;
}

static void
put_pause(const struct ladder *d)
{
        struct ladder_line l;

        ladder_line_init(&l, d->terminal);
        l.left_bar = l.right_bar = GLYPH_PAUSE;
        ladder_line_put(&l);
}

const char *
ladder_time(struct ladder *d, tcp_time at)
{
        if (d->begun && at == d->last)
                return "";
        if (d->begun && at - d->last >= PAUSE_US)
                put_pause(d);
        d->begun = true;
        d->last = at;
        snprintf(d->time, sizeof(d->time), "%llu.%03u", (unsigned long long)(at / 1000000),
                 (unsigned int)(at / 1000 % 1000));
        return d->time;
}

static void
put_text(const struct ladder *d, struct ladder_line *l, int host, const char *text)
{
        int columns = ladder_columns(text);

        ladder_line_text(l, ladder_is_left(d, host) ? 2 : LADDER_MIDDLE - 2 - columns, text);
}

/* Where to break a text that is too long for one line. */
static size_t
break_of(const char *text, int columns)
{
        size_t last = 0;

        if (ladder_columns(text) <= columns)
                return strlen(text);
        for (size_t i = 0; text[i] != '\0' && (int)i <= columns; i++)
                if (text[i] == ' ')
                        last = i;
        return last > 0 ? last : (size_t)columns;
}

static void
put_paragraph(const struct ladder *d, int host, const char *text, bool dim)
{
        while (*text != '\0') {
                struct ladder_line l;
                char part[LADDER_TEXT_SIZE];
                size_t n = break_of(text, LADDER_TEXT);

                ladder_line_init(&l, d->terminal);
                l.dim = dim;
                if (n >= sizeof(part))
                        n = sizeof(part) - 1;
                memcpy(part, text, n);
                part[n] = '\0';
                put_text(d, &l, host, part);
                ladder_line_put(&l);
                text += n;
                text += strspn(text, " ");
        }
}

/* ---- Who ---- */

void
ladder_who(const struct ladder *d, int host, uint16_t port, char *text, size_t room)
{
        const char *name = d->several_hosts && ladder_is_left(d, host) ? la_lab_host_name(d->lab, host) : "";

        text[0] = '\0';
        if (d->several_ports && port != 0)
                snprintf(text, room, "%s:%u ", name, port);
        else if (name[0] != '\0')
                snprintf(text, room, "%s: ", name);
}

/* The port that tells one connection from the others: the left end's. */
static uint16_t
telling_port(const struct ladder *d, const struct la_lab_event *e)
{
        return ladder_is_left(d, e->host) ? e->local.port : e->remote.port;
}

/* ---- Calls, transitions, verdicts ---- */

static const char *
separator(const struct ladder *d)
{
        return d->terminal->utf8 ? " · " : " - ";
}

static const char *
document(const char *section)
{
        return section[0] >= '0' && section[0] <= '9' ? "RFC 9293 " : "";
}

static void
put_transition(struct ladder *d, const struct la_lab_event *e)
{
        const struct la_transition_info *t = la_transition_info(e->transition);
        bool marked = ladder_marks(d->mark, e);
        struct ladder_line l;
        char who[64], text[LADDER_TEXT_SIZE];

        ladder_line_init(&l, d->terminal);
        l.time = ladder_time(d, e->at);
        ladder_who(d, e->host, telling_port(d, e), who, sizeof(who));
        snprintf(text, sizeof(text), "%s%s", who, t->id);
        put_text(d, &l, e->host, text);
        l.bold = marked;
        if (ladder_is_left(d, e->host)) {
                l.left_bar = marked ? GLYPH_MARK : GLYPH_EVENT;
                l.left_state = la_state_name(t->to);
                l.bold_left = true;
        } else {
                l.right_bar = marked ? GLYPH_MARK : GLYPH_EVENT;
                l.right_state = la_state_name(t->to);
                l.bold_right = true;
        }
        ladder_line_put(&l);
        snprintf(text, sizeof(text), "%s%s%s%s", t->trigger, separator(d), document(t->section), t->section);
        if (ladder_columns(text) <= LADDER_TEXT) {
                put_paragraph(d, e->host, text, true);
                return;
        }
        put_paragraph(d, e->host, t->trigger, true);
        snprintf(text, sizeof(text), "%s%s", document(t->section), t->section);
        put_paragraph(d, e->host, text, true);
}

static void
put_call(struct ladder *d, const struct la_lab_event *e)
{
        struct ladder_line l;
        char text[LADDER_TEXT_SIZE], who[64];

        ladder_line_init(&l, d->terminal);
        l.time = ladder_time(d, e->at);
        ladder_who(d, e->host, e->local.port ? telling_port(d, e) : 0, who, sizeof(who));
        snprintf(text, sizeof(text), "%s%s", who, e->text ? e->text : "");
        if (ladder_is_left(d, e->host))
                l.left_bar = GLYPH_CALL;
        else
                l.right_bar = GLYPH_CALL;
        put_text(d, &l, e->host, text);
        ladder_line_put(&l);
        if (e->error != LA_OK) {
                snprintf(text, sizeof(text), "%s %s", ladder_glyph(d->terminal, GLYPH_LOST),
                         _(la_error_text(e->error)));
                put_paragraph(d, e->host, text, true);
        }
}

/* What a packet did to a connection says more than its verdict. */
static bool
caused_transition(const struct ladder *d, const struct la_lab_event *verdict)
{
        for (size_t i = verdict->cause + 1; i < la_lab_event_count(d->lab); i++) {
                const struct la_lab_event *e = la_lab_event(d->lab, i);

                if (e->cause != verdict->cause)
                        return false;
                if (e->kind == LA_LAB_EVENT_TRANSITION)
                        return true;
        }
        return false;
}

static void
put_verdict(struct ladder *d, const struct la_lab_event *e)
{
        const struct la_verdict_info *v = la_verdict_info(e->verdict);
        struct ladder_line l;
        char text[LADDER_TEXT_SIZE], who[64];

        if (e->cause == LA_LAB_NO_CAUSE || caused_transition(d, e))
                return;
        ladder_line_init(&l, d->terminal);
        l.time = ladder_time(d, e->at);
        ladder_who(d, e->host, telling_port(d, e), who, sizeof(who));
        snprintf(text, sizeof(text), "%s%s%s%s%s", who, v->id, separator(d), document(v->section), v->section);
        if (ladder_columns(text) > LADDER_TEXT)
                snprintf(text, sizeof(text), "%s%s", who, v->id);
        put_text(d, &l, e->host, text);
        ladder_line_put(&l);
        if (!d->told[e->verdict])
                put_paragraph(d, e->host, _(v->sentence), true);
        d->told[e->verdict] = true;
}

static void
put_note(struct ladder *d, const char *text, tcp_time at)
{
        struct ladder_line l;
        int columns = ladder_columns(text);

        ladder_line_init(&l, d->terminal);
        l.time = ladder_time(d, at);
        l.bold = true;
        ladder_line_text(&l, (LADDER_MIDDLE - columns) / 2, text);
        ladder_line_put(&l);
}

/* ---- All of it ---- */

static void
put_event(struct ladder *d, size_t number)
{
        const struct la_lab_event *e = la_lab_event(d->lab, number);
        char text[LADDER_TEXT_SIZE];

        switch (e->kind) {
        case LA_LAB_EVENT_CALL:
                put_call(d, e);
                return;
        case LA_LAB_EVENT_SENT:
                ladder_put_sent(d, number);
                return;
        case LA_LAB_EVENT_DELIVERED:
                ladder_put_arrived(d, number);
                return;
        case LA_LAB_EVENT_DROPPED:
                return;
        case LA_LAB_EVENT_TRANSITION:
                put_transition(d, e);
                return;
        case LA_LAB_EVENT_VERDICT:
                put_verdict(d, e);
                return;
        case LA_LAB_EVENT_REBOOT:
                snprintf(text, sizeof(text), _("%s starts anew"), la_lab_host_name(d->lab, e->host));
                put_note(d, text, e->at);
                return;
        case LA_LAB_EVENT_NOTE:
                put_note(d, e->text ? e->text : "", e->at);
                return;
        }
}

static void
add_address(const struct ladder *d, int host, char *text)
{
        uint8_t address[16];
        char *end = text + strlen(text);

        la_lab_host_address(d->lab, host, LA_IPV4, address);
        if (memcmp(address, (uint8_t[16]){ 0 }, 16) != 0) {
                *text_address(end, LA_IPV4, address) = '\0';
                return;
        }
        la_lab_host_address(d->lab, host, LA_IPV6, address);
        *text_address(end, LA_IPV6, address) = '\0';
}

/* Who is who, and where. */
static void
put_heads(const struct ladder *d)
{
        char names[LA_LAB_HOSTS_MAX * (LA_LAB_NAME_SIZE + 2)] = "", addresses[LA_LAB_HOSTS_MAX * TEXT_ROOM] = "";
        char right[TEXT_ROOM] = "";
        struct ladder_line l;

        for (int host = 0; host < la_lab_host_count(d->lab); host++)
                if (ladder_is_left(d, host)) {
                        strcat(names, names[0] ? ", " : "");
                        strcat(names, la_lab_host_name(d->lab, host));
                        strcat(addresses, addresses[0] ? ", " : "");
                        add_address(d, host, addresses);
                }
        add_address(d, d->right, right);
        ladder_line_init(&l, d->terminal);
        l.time = _("seconds");
        l.left_state = names;
        l.right_state = la_lab_host_name(d->lab, d->right);
        l.bold_left = l.bold_right = l.dim = true;
        ladder_line_text(&l, 2, addresses);
        ladder_line_text(&l, LADDER_MIDDLE - 2 - ladder_columns(right), right);
        ladder_line_put(&l);
}

/* The server is on the right, or whoever was named last. */
static int
right_host(const struct la_lab *lab)
{
        int server = la_lab_host_named(lab, "server");

        return server != LA_LAB_NOBODY ? server : la_lab_host_count(lab) - 1;
}

static bool
has_several_ports(const struct ladder *d)
{
        uint16_t port = 0;

        for (size_t i = 0; i < la_lab_event_count(d->lab); i++) {
                const struct la_lab_event *e = la_lab_event(d->lab, i);

                if (e->kind != LA_LAB_EVENT_TRANSITION || e->remote.port == 0)
                        continue;
                if (port != 0 && telling_port(d, e) != port)
                        return true;
                port = telling_port(d, e);
        }
        return false;
}

void
ladder_put(const struct terminal *terminal, const struct la_lab *lab, const struct ladder_mark *mark)
{
        struct ladder d = { .terminal = terminal, .lab = lab, .mark = mark, .right = right_host(lab) };

        d.several_hosts = la_lab_host_count(lab) > 2;
        d.several_ports = has_several_ports(&d);
        d.whole = calloc(la_lab_packet_count(lab) + 1, sizeof(*d.whole));
        d.told = calloc(LA_VERDICT_COUNT, sizeof(*d.told));
        if (d.whole && d.told) {
                put_heads(&d);
                for (size_t i = 0; i < la_lab_event_count(lab); i++)
                        put_event(&d, i);
        }
        free(d.whole);
        free(d.told);
}
