/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments as arrows. */
#include <string.h>

#include "cli/gettext.h"
#include "cli/ladder_draw.h"

enum fragment {
        WHOLE,
        SETTING_OUT,
        ARRIVING,
};

/* ---- Whole or in halves ---- */

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

/* ---- Its words ---- */

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
        char what[LADDER_TEXT_SIZE];

        snprintf(label, room, "%s%s%s%s%s", who, la_lab_describe(d->lab, p->id, what, sizeof(what)), nature_of(p),
                 p->marked ? _(" marked") : "", p->corrupted ? _(" damaged") : "");
}

/* Of a name that leaves no room for what is said the port must do. */
static void
label_of(const struct ladder *d, const struct la_lab_packet *p, bool left_to_right, char *label, size_t room)
{
        struct la_endpoint from = { 0 }, to = { 0 };
        enum la_family family;
        char who[64] = "";

        if (la_lab_packet_ends(d->lab, p->id, false, &family, &from, &to))
                ladder_who(d, left_to_right ? p->from : p->to, left_to_right ? from.port : to.port, who, sizeof(who));
        write_label(d, p, who, label, room);
        if (ladder_columns(label) > LADDER_TEXT)
                write_label(d, p, strchr(who, ':') ? strchr(who, ':') : "", label, room);
}

/* ---- The arrow ---- */

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
        bool from_left = p->from >= 0 ? ladder_is_left(d, p->from) : !ladder_is_left(d, p->to);
        struct ladder_line l;
        struct arrow a = { &l, from_left };
        char label[LADDER_TEXT_SIZE];
        const char *sender, *receiver;

        ladder_line_init(&l, d->terminal);
        l.time = ladder_time(d, la_lab_event(d->lab, event)->at);
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

/* A duplicate, and what a router says, are seen when they arrive. */
void
ladder_put_sent(struct ladder *d, size_t event)
{
        const struct la_lab_packet *p = la_lab_packet(d->lab, la_lab_event(d->lab, event)->packet);
        bool lost = p->fate != LA_LAB_DELIVERED && p->fate != LA_LAB_UNDER_WAY;

        if (p->duplicate || p->from < 0)
                return;
        d->whole[p->id] = !lost && may_be_whole(d, event, p);
        put_packet(d, event, p, d->whole[p->id] || lost ? WHOLE : SETTING_OUT);
}

void
ladder_put_arrived(struct ladder *d, size_t event)
{
        size_t packet = la_lab_event(d->lab, event)->packet;

        if (!d->whole[packet])
                put_packet(d, event, la_lab_packet(d->lab, packet), ARRIVING);
}
