/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/ladder.h"

#include <stdlib.h>
#include <string.h>

#include "cli/gettext.h"
#include "cli/ladder_line.h"
#include "cli/text.h"

#define PAUSE_US  1000000u
#define TEXT_SIZE 256

enum fragment {
        WHOLE,
        SETTING_OUT,
        ARRIVING,
};

struct ladder {
        const struct terminal *terminal;
        const struct la_lab *lab;
        const struct ladder_mark *mark;
        int right; /* the host on the right; all others are on the left */
        bool several_hosts, several_ports;
        bool *whole; /* of each packet: it was drawn whole where it set out */
        bool *told;  /* of each verdict: its sentence was shown */
        bool begun;
        tcp_time last; /* the time shown last */
        char time[32];
};

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

static bool
is_left(const struct ladder *d, int host)
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

/* The time, where it has moved since the line before. */
static const char *
time_of(struct ladder *d, tcp_time at)
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

        ladder_line_text(l, is_left(d, host) ? 2 : LADDER_MIDDLE - 2 - columns, text);
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
                char part[TEXT_SIZE];
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

static void
put_who(const struct ladder *d, int host, uint16_t port, char *text, size_t room)
{
        const char *name = d->several_hosts && is_left(d, host) ? la_lab_host_name(d->lab, host) : "";

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
        return is_left(d, e->host) ? e->local.port : e->remote.port;
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
        char who[64], text[TEXT_SIZE];

        ladder_line_init(&l, d->terminal);
        l.time = time_of(d, e->at);
        put_who(d, e->host, telling_port(d, e), who, sizeof(who));
        snprintf(text, sizeof(text), "%s%s", who, t->id);
        put_text(d, &l, e->host, text);
        l.bold = marked;
        if (is_left(d, e->host)) {
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
        char text[TEXT_SIZE], who[64];

        ladder_line_init(&l, d->terminal);
        l.time = time_of(d, e->at);
        put_who(d, e->host, e->local.port ? telling_port(d, e) : 0, who, sizeof(who));
        snprintf(text, sizeof(text), "%s%s", who, e->text ? e->text : "");
        if (is_left(d, e->host))
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
        char text[TEXT_SIZE], who[64];

        if (e->cause == LA_LAB_NO_CAUSE || caused_transition(d, e))
                return;
        ladder_line_init(&l, d->terminal);
        l.time = time_of(d, e->at);
        put_who(d, e->host, telling_port(d, e), who, sizeof(who));
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
        l.time = time_of(d, at);
        l.bold = true;
        ladder_line_text(&l, (LADDER_MIDDLE - columns) / 2, text);
        ladder_line_put(&l);
}

/* ---- Segments ---- */

static bool
visible(const struct la_lab_event *e)
{
        return e->kind != LA_LAB_EVENT_VERDICT;
}

/* A segment is one arrow if nothing that has to do with its sender, or that the other end says, comes between. */
static bool
may_be_whole(const struct ladder *d, size_t sent_at, const struct la_lab_packet *p)
{
        for (size_t i = sent_at + 1; i < la_lab_event_count(d->lab); i++) {
                const struct la_lab_event *e = la_lab_event(d->lab, i);

                if (e->kind == LA_LAB_EVENT_DELIVERED && e->packet == p->id)
                        return true;
                if (!visible(e) || (e->kind == LA_LAB_EVENT_SENT && la_lab_packet(d->lab, e->packet)->duplicate))
                        continue;
                if (e->kind == LA_LAB_EVENT_SENT || e->kind == LA_LAB_EVENT_DROPPED) {
                        if (la_lab_packet(d->lab, e->packet)->from != p->from)
                                return false;
                } else if (e->host != p->to || e->kind == LA_LAB_EVENT_CALL || e->kind == LA_LAB_EVENT_REBOOT ||
                           e->kind == LA_LAB_EVENT_NOTE) {
                        return false;
                }
        }
        return false;
}

static const char *
fate_word(enum la_lab_fate fate)
{
        switch (fate) {
        case LA_LAB_LOST:
        case LA_LAB_LOST_BY_RULE:
                return _("lost");
        case LA_LAB_LOST_IN_QUEUE:
                return _("queue full");
        case LA_LAB_TOO_BIG:
                return _("too big");
        case LA_LAB_NOWHERE:
                return _("nobody there");
        case LA_LAB_NOT_MAPPED:
                return _("unknown to NAT");
        case LA_LAB_REFUSED:
                return _("refused");
        case LA_LAB_UNDER_WAY:
        case LA_LAB_DELIVERED:
                break;
        }
        return "";
}

static const char *
nature_of(const struct la_lab_packet *p)
{
        if (p->duplicate)
                return _(" duplicate");
        if (p->again)
                return _(" again");
        return p->probe ? _(" probe") : "";
}

static void
write_label(const struct ladder *d, const struct la_lab_packet *p, const char *who, char *label, size_t room)
{
        char what[TEXT_SIZE];

        snprintf(label, room, "%s%s%s%s", who, la_lab_describe(d->lab, p->id, what, sizeof(what)), nature_of(p),
                 p->corrupted ? _(" damaged") : "");
}

/* Of a name that leaves no room for what is said the port must do. */
static void
label_of(const struct ladder *d, const struct la_lab_packet *p, bool left_to_right, char *label, size_t room)
{
        struct la_endpoint from = { 0 }, to = { 0 };
        enum la_family family;
        char who[64] = "";

        if (la_lab_packet_ends(d->lab, p->id, false, &family, &from, &to))
                put_who(d, left_to_right ? p->from : p->to, left_to_right ? from.port : to.port, who, sizeof(who));
        write_label(d, p, who, label, room);
        if (ladder_columns(label) > LADDER_TEXT)
                write_label(d, p, strchr(who, ':') ? strchr(who, ':') : "", label, room);
}

/* From the left end: "├─ LABEL ───────▶│".  To the left the same in a mirror, but for the words. */
struct arrow {
        struct ladder_line *line;
        bool rightwards;
};

static int
column(const struct arrow *a, int distance)
{
        return a->rightwards ? distance : LADDER_MIDDLE - 1 - distance;
}

/* So many columns from the end it sets out from; a run is filled whatever its direction. */
static void
shaft(const struct arrow *a, int from, int to, enum ladder_glyph glyph)
{
        for (int i = from; i < to; i++)
                ladder_line_glyph(a->line, column(a, i), glyph);
}

static void
words(const struct arrow *a, int from, const char *text)
{
        int columns = ladder_columns(text);

        ladder_line_text(a->line, a->rightwards ? from : LADDER_MIDDLE - from - columns, text);
}

#define HALF_WAY 6 /* columns that the broken end of half an arrow takes */

static void
draw_arrow(const struct arrow *a, const char *label, enum fragment fragment, const char *fate)
{
        int columns = ladder_columns(label), end = LADDER_MIDDLE;
        int start = fragment == ARRIVING ? LADDER_MIDDLE - columns - 8 : 0;

        if (start < 0)
                start = 0;
        if (fragment == ARRIVING)
                shaft(a, start > HALF_WAY ? start - HALF_WAY : 0, start, GLYPH_BROKEN);
        shaft(a, start, start + 1, GLYPH_SHAFT);
        words(a, start + 2, label);
        if (fate[0] != '\0')
                end = LADDER_MIDDLE - ladder_columns(fate) - 5;
        else if (fragment == SETTING_OUT)
                end = columns + 8 < LADDER_MIDDLE ? columns + 8 : LADDER_MIDDLE;
        shaft(a, start + columns + 3, end, GLYPH_SHAFT);
        if (fate[0] != '\0') {
                shaft(a, end, end + 1, GLYPH_LOST);
                words(a, end + 2, fate);
        } else if (fragment == SETTING_OUT) {
                shaft(a, end, end + HALF_WAY, GLYPH_BROKEN);
        } else {
                shaft(a, LADDER_MIDDLE - 1, LADDER_MIDDLE, a->rightwards ? GLYPH_TO_RIGHT : GLYPH_TO_LEFT);
        }
}

static const char *
state_beside(const struct ladder *d, size_t event, const struct la_lab_packet *p, bool receiver)
{
        struct la_endpoint from, to;
        enum la_family family;
        int host = receiver ? p->to : p->from;

        if (host < 0 || !la_lab_packet_ends(d->lab, p->id, receiver, &family, &from, &to))
                return "";
        return la_state_name(la_lab_state_after(d->lab, event, host, receiver ? &to : &from, receiver ? &from : &to));
}

static void
put_packet(struct ladder *d, size_t event, const struct la_lab_packet *p, enum fragment fragment)
{
        bool lost = p->fate != LA_LAB_DELIVERED && p->fate != LA_LAB_UNDER_WAY && fragment != ARRIVING;
        bool from_left = p->from >= 0 ? is_left(d, p->from) : !is_left(d, p->to);
        struct ladder_line l;
        struct arrow a = { &l, from_left };
        char label[TEXT_SIZE];
        const char *sender, *receiver;

        ladder_line_init(&l, d->terminal);
        l.time = time_of(d, la_lab_event(d->lab, event)->at);
        label_of(d, p, from_left, label, sizeof(label));
        draw_arrow(&a, label, fragment, lost ? fate_word(p->fate) : "");
        sender = fragment == ARRIVING ? "" : state_beside(d, event, p, false);
        receiver = fragment == SETTING_OUT || lost ? "" : state_beside(d, event, p, true);
        l.left_state = from_left ? sender : receiver;
        l.right_state = from_left ? receiver : sender;
        if (fragment != ARRIVING && p->from >= 0) {
                l.left_bar = from_left ? GLYPH_FROM_LEFT : GLYPH_BAR;
                l.right_bar = from_left ? GLYPH_BAR : GLYPH_FROM_RIGHT;
        }
        ladder_line_put(&l);
}

static void
put_sent(struct ladder *d, size_t event, const struct la_lab_packet *p)
{
        bool lost = p->fate != LA_LAB_DELIVERED && p->fate != LA_LAB_UNDER_WAY;

        if (p->duplicate || p->from < 0) /* seen when it arrives */
                return;
        d->whole[p->id] = !lost && may_be_whole(d, event, p);
        put_packet(d, event, p, d->whole[p->id] || lost ? WHOLE : SETTING_OUT);
}

/* ---- All of it ---- */

static void
put_event(struct ladder *d, size_t number)
{
        const struct la_lab_event *e = la_lab_event(d->lab, number);
        char text[TEXT_SIZE];

        switch (e->kind) {
        case LA_LAB_EVENT_CALL:
                put_call(d, e);
                return;
        case LA_LAB_EVENT_SENT:
                put_sent(d, number, la_lab_packet(d->lab, e->packet));
                return;
        case LA_LAB_EVENT_DELIVERED:
                if (!d->whole[e->packet])
                        put_packet(d, number, la_lab_packet(d->lab, e->packet), ARRIVING);
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
                if (is_left(d, host)) {
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
