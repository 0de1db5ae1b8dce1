/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Local ports: short towards one destination (connect), or of one address (bind).
 *
 * A port is taken for a path: source address, destination address, destination port.  So neither the number of TIME_WAIT
 * nor the number of connections of the host says anything; the tally of each path does.  From half of the range on
 * connect() searches long, since the kernel goes through the ports of one parity first.
 */
#include <string.h>

#include "doctor/rules.h"

enum {
        FULL_PERCENT = 90,
        SOON_S = 60,        /* until the ports are gone: too soon for anybody to come */
        EARLY_S = 600,      /* soon enough to say so although less than half are used, */
        EARLY_PERCENT = 20, /* if as many are */
        TIME_WAIT_S = 60,   /* TCP_TIMEWAIT_LEN, fixed in the kernel */
};

static bool
is_loopback(const struct path *p)
{
        static const uint8_t loopback6[16] = { [15] = 1 };

        if (p->family == LA_IPV4)
                return p->local[0] == 127 || p->remote[0] == 127;
        return memcmp(p->local, loopback6, 16) == 0 || memcmp(p->remote, loopback6, 16) == 0;
}

/* tcp_twsk_unique(): 1 acts everywhere, 2 over loopback alone; both ends must use timestamps. */
enum reuse
path_reuse(const struct evidence *e, const struct path *p)
{
        int64_t reuse = evidence_number_or(e, LA_K_tcp_tw_reuse, 0);

        if (!(reuse == 1 || (reuse == 2 && is_loopback(p))))
                return REUSE_NO;
        if (evidence_number_or(e, LA_K_tcp_timestamps, 1) == 0 || (p->no_timestamps && !p->timestamps))
                return REUSE_NO;
        return p->timestamps || is_loopback(p) || evidence_growth(e, "TWRecycled") > 0 ? REUSE_YES : REUSE_MAYBE;
}

uint32_t
path_blocked(const struct evidence *e, const struct path *p)
{
        uint32_t free_again = p->time_wait - p->fresh;

        if (path_reuse(e, p) == REUSE_NO)
                return p->ephemeral;
        return p->ephemeral > free_again ? p->ephemeral - free_again : 0;
}

/* ---- How long until they are gone --------------------------------------------------------------------------------- */

struct course {
        double closes_s; /* connections closed here in a second, which then hold their port for a minute */
        double growth_s; /* ports more in a second, all in all */
        bool levels_off; /* before they are all used, if it goes on like this */
        double level;    /* where */
        double seconds;  /* until there is none left; negative: never */
};

static uint32_t
used_before(const struct evidence *e, const struct path *p)
{
        const struct path *before = paths_same(&e->before.survey.paths, p);

        return before ? before->ephemeral : 0;
}

/* With two looks the growth is counted; with one it is what TIME_WAIT tells: those that began in the last ten seconds
 * less those that will end in the next. */
static struct course
course_of(const struct evidence *e, const struct path *p, uint32_t ports)
{
        struct course c = { .closes_s = (double)p->closed_now * 1000 / PATHS_NOW_MS, .seconds = -1 };
        uint32_t open = p->ephemeral > p->time_wait ? p->ephemeral - p->time_wait : 0;
        bool closing = p->time_wait * 10 >= p->ephemeral * 9;

        if (evidence_span_ms(e) > 0)
                c.growth_s = evidence_rate(e, (int64_t)p->ephemeral - (int64_t)used_before(e, p));
        else
                c.growth_s = ((double)p->closed_now - (double)p->ending) * 1000 / PATHS_NOW_MS;
        c.level = c.closes_s * TIME_WAIT_S + open;
        c.levels_off = closing && c.level < ports;
        if (p->ephemeral >= ports)
                c.seconds = 0;
        else if (c.growth_s > 0 && !c.levels_off)
                c.seconds = (ports - p->ephemeral) / c.growth_s;
        return c;
}

/* ---- The finding -------------------------------------------------------------------------------------------------- */

/* False where there is nothing to say of the path. */
static bool
grade(const struct evidence *e, const struct path *p, uint32_t ports, const struct course *c, enum severity *ret)
{
        uint64_t blocked = path_blocked(e, p), percent = blocked * 100 / ports;
        bool will_end = c->seconds >= 0 && path_reuse(e, p) != REUSE_YES;

        if (percent >= FULL_PERCENT || (will_end && c->seconds <= SOON_S && percent >= EARLY_PERCENT))
                *ret = SEVERITY_CRITICAL;
        else if (percent >= PATHS_ALARM_PERCENT || (will_end && c->seconds <= EARLY_S && percent >= EARLY_PERCENT))
                *ret = SEVERITY_WARNING;
        else
                return false;
        return true;
}

bool
path_is_short(const struct evidence *e, const struct path *p)
{
        uint32_t ports = survey_ports(&e->now.survey);
        enum severity severity;

        if (ports == 0 || p->role != PATH_CLIENT || p->ephemeral == 0)
                return false;
        struct course c = course_of(e, p, ports);
        return grade(e, p, ports, &c, &severity);
}

/* The ports were chosen by bind() and not by connect(), as their parity tells. */
static bool
bind_chose(const struct ports_used *u)
{
        return u && u->as_bind > u->as_connect && u->as_bind >= 16;
}

/* The same of an address whose connections go to many places: connect() would have used some port for two of them. */
static bool
bind_chose_for_many(const struct ports_used *u)
{
        return bind_chose(u) || (u->sockets == u->distinct && u->as_bind >= u->as_connect && u->as_bind >= 16);
}

static void
add_numbers(struct finding *x, const struct evidence *e, const struct path *p, uint32_t ports, const struct course *c)
{
        struct findings *f = x->all;

        finding_text(x, "source", word_address(f, (enum la_family)p->family, p->local));
        finding_text(x, "destination", word_address(f, (enum la_family)p->family, p->remote));
        finding_number(x, "port", p->service);
        finding_number(x, "used", p->ephemeral);
        finding_number(x, "ports", ports);
        finding_real(x, "share", (double)p->ephemeral / ports);
        if (!f->stack) /* a stack prefers no half of the range */
                finding_number(x, "slow_from", ports / 2);
        finding_number(x, "time_wait", p->time_wait);
        finding_number(x, "open", p->ephemeral > p->time_wait ? p->ephemeral - p->time_wait : 0);
        finding_real(x, "closes_per_second", c->closes_s);
        finding_real(x, evidence_span_ms(e) > 0 ? "growth_per_second" : "time_wait_growth_per_second", c->growth_s);
        if (c->seconds >= 0)
                finding_number(x, "seconds_to_exhaustion", (int64_t)c->seconds);
        else if (c->levels_off && c->growth_s > 0)
                finding_number(x, "levels_off_at", (int64_t)c->level);
        finding_number(x, "tcp_tw_reuse", evidence_number_or(e, LA_K_tcp_tw_reuse, -1));
        finding_text(x, "timestamps",
                     p->timestamps      ? "both ends"
                     : p->no_timestamps ? "not used"
                                        : "no live connection tells");
        finding_process(x, e, p->pid);
}

static void
add_why(struct finding *x, const struct path *p, bool bind)
{
        const char *mostly = p->time_wait * 2 > p->ephemeral
                                     ? _("Most of these ports belong to connections that this end closed and that wait "
                                         "in TIME_WAIT for 60 seconds, a time that no tunable changes.")
                                     : _("Most of these ports belong to connections that are open.");

        x->why = findings_say(
                x->all,
                x->all->stack
                        ? _("Each connection from one local address to one destination address and port needs a local "
                            "port of its own, and ip_local_port_range is all there are; when all are used connect() "
                            "fails. %s%s")
                        : _("Each connection from one local address to one destination address and port needs a local "
                            "port of its own, and net.ipv4.ip_local_port_range is all there are. Beyond half of them "
                            "connect() searches the other half one by one and takes milliseconds instead of "
                            "microseconds; when all are used it fails with EADDRNOTAVAIL, \"Cannot assign requested "
                            "address\". %s%s"),
                mostly,
                bind ? _(" The ports have the parity that bind() begins with, so a program binds before it connects.")
                     : "");
}

/* The kernel forgets whose a TIME_WAIT was. */
static const char *
opener(struct findings *f, const struct evidence *e, const struct path *p)
{
        return p->pid ? word_process(f, e, p->pid)
                      : _("the program that connects there (TIME_WAIT does not tell which)");
}

/* Where nearly all ports are in use both parities are, whoever chose them: then it cannot be told. */
static bool
may_be_bind(const struct evidence *e, const struct path *p)
{
        const struct ports_used *u = ports_of(&e->now.survey.ports, (enum la_family)p->family, p->local);

        return *e->stack == '\0' && u && u->as_bind >= 16 && (uint64_t)u->as_bind * 10 >= (uint64_t)u->as_connect * 9;
}

static void
fix_application(struct finding *x, const struct evidence *e, const struct path *p, const struct course *c, bool bind)
{
        struct findings *f = x->all;
        uint32_t open = p->ephemeral > p->time_wait ? p->ephemeral - p->time_wait : 0;

        if (p->time_wait >= open)
                finding_fix(x, FIX_APPLICATION,
                            findings_say(f,
                                         _("Keep connections open and use them again (a pool, HTTP keep-alive) in %s."),
                                         opener(f, e, p)),
                            "",
                            findings_say(f,
                                         _("Instead of a port for a minute for each of %.0f connections a second it "
                                           "takes as many ports as connections are in use at once: now %u."),
                                         c->closes_s, open),
                            _("The peer may close idle connections first: a request that finds one closed has to be "
                              "repeated."));
        else
                finding_fix(x, FIX_APPLICATION,
                            findings_say(f,
                                         _("Find out whether %s needs %u connections to one place at once, and bound "
                                           "its pool."),
                                         word_process(f, e, p->pid), open),
                            word_ls(f, "-p state established dst %s",
                                    word_address(f, (enum la_family)p->family, p->remote)),
                            _("Each connection that is closed by the peer, or reused, is a port less."), "");
        if (bind || may_be_bind(e, p))
                finding_fix(x, FIX_APPLICATION,
                            bind ? _("Set IP_BIND_ADDRESS_NO_PORT (Linux 4.2) before bind() to an address with port 0, "
                                     "or do not bind at all.")
                                 : _("If the program binds to an address before it connects: set "
                                     "IP_BIND_ADDRESS_NO_PORT (Linux 4.2) before bind() with port 0."),
                            "", _("The port is then chosen by connect(), which can share it between destinations."),
                            "");
}

/* What the widest sane range would bring; "" where nothing. */
static void
fix_range(struct finding *x, const struct evidence *e, uint32_t ports)
{
        enum { LOW = 10240, HIGH = 65535 };
        const struct survey *s = &e->now.survey;
        int64_t least = 0;

        evidence_fact_is(e, FACT_UNPRIVILEGED, &least);
        if (s->port_low <= LOW || least > LOW)
                return;
        finding_fix(x, FIX_KNOB, _("Widen the range of local ports."),
                    word_knob(x->all, LA_K_ip_local_port_range, "10240 65535"),
                    x->all->stack ? findings_say(x->all, _("%u ports for each destination instead of %u."),
                                                 HIGH - LOW + 1, ports)
                                  : findings_say(x->all,
                                                 _("%u ports for each destination instead of %u; half of them, where "
                                                   "connect() becomes slow, is then %u."),
                                                 HIGH - LOW + 1, ports, (HIGH - LOW + 1) / 2),
                    _("A connection may take the port of a service that starts later: put the ports of services from "
                      "10240 up into net.ipv4.ip_local_reserved_ports first."));
}

static void
fix_reuse(struct finding *x, const struct evidence *e, const struct path *p)
{
        bool impossible = evidence_number_or(e, LA_K_tcp_timestamps, 1) == 0 || (p->no_timestamps && !p->timestamps);

        if (evidence_number_or(e, LA_K_tcp_tw_reuse, 1) == 1 || impossible || p->time_wait * 10 < p->ephemeral)
                return;
        finding_fix(
                x, FIX_KNOB,
                p->timestamps ? _("Let connect() take ports that wait in TIME_WAIT: both ends of this path use "
                                  "timestamps, which it needs.")
                              : _("Let connect() take ports that wait in TIME_WAIT, if the other end uses timestamps "
                                  "(lastack ls -i shows ts for a live connection)."),
                word_knob(x->all, LA_K_tcp_tw_reuse, "1"),
                findings_say(x->all,
                             _("A port is free again one second after the close instead of 60: %u of %u now. "
                               "TWRecycled counts each use."),
                             p->time_wait - p->fresh, p->ephemeral),
                _("Small: a firewall or NAT in between that still remembers the old connection may drop the new SYN. "
                  "It acts on outgoing connections only."));
}

static void
add_fixes(struct finding *x, const struct evidence *e, const struct path *p, const struct course *c, bool bind)
{
        uint32_t ports = survey_ports(&e->now.survey);

        fix_application(x, e, p, c, bind);
        finding_fix(x, FIX_CAPACITY,
                    _("More addresses: a second local address for the client, or a second address or port of the "
                      "destination."),
                    "", findings_say(x->all, _("Each one more brings %u ports more."), ports),
                    _("Whoever permits or counts clients by address has to know the new one."));
        fix_reuse(x, e, p);
        fix_range(x, e, ports);
}

static const char *
course_words(const struct evidence *e, struct findings *f, const struct course *c)
{
        if (c->seconds == 0)
                return _(": none is left");
        if (c->seconds < 0)
                return "";
        return findings_say(f,
                            evidence_span_ms(e) > 0
                                    ? _(", all of them in %s at this rate")
                                    : _(", all of them in %s if TIME_WAIT grows as it has in ten seconds"),
                            word_time(f, (uint64_t)(c->seconds * 1000)));
}

static void
find_path(const struct evidence *e, struct findings *f, const struct path *p, size_t more)
{
        uint32_t ports = survey_ports(&e->now.survey);
        struct course c = course_of(e, p, ports);
        enum severity severity;

        if (!grade(e, p, ports, &c, &severity))
                return;
        bool bind = !f->stack && bind_chose(ports_of(&e->now.survey.ports, (enum la_family)p->family, p->local));
        struct finding *x = findings_add(f, "ephemeral-ports", severity, _("%s uses %u of %u local ports%s"),
                                         word_path(f, p), p->ephemeral, ports, course_words(e, f, &c));
        add_numbers(x, e, p, ports, &c);
        if (bind)
                finding_text(x, "chosen_by", "bind");
        finding_more(x, more);
        add_why(x, p, bind);
        add_fixes(x, e, p, &c, bind);
}

void
fix_reserved(struct finding *x, const struct evidence *e)
{
        uint32_t reserved = e->now.survey.ports_reserved;

        if (reserved > 0)
                finding_fix(x, FIX_KNOB, _("Reserve only the ports of services, one by one, and no whole range."),
                            word_knob(x->all, LA_K_ip_local_reserved_ports, "%s", ""),
                            findings_say(x->all, _("%u ports of the range are free again."), reserved),
                            _("connect() may take the port of a service before it starts: put those back that have "
                              "one."));
        if (e->now.survey.port_high - e->now.survey.port_low < 60999 - 32768)
                finding_fix(x, FIX_KNOB, _("Set ip_local_port_range to its usual value."),
                            word_knob(x->all, LA_K_ip_local_port_range, "32768 60999"),
                            _("28232 ports, less those reserved among them."), "");
}

/* A range that is all reserved, or a range that is none. */
static void
find_no_ports(const struct evidence *e, struct findings *f)
{
        const char *range = e->knob[LA_K_ip_local_port_range].text,
                   *reserved = e->knob[LA_K_ip_local_reserved_ports].text;
        struct finding *x = findings_add(f, "ephemeral-ports", SEVERITY_CRITICAL,
                                         _("There are no local ports at all: every connect() fails"));

        finding_text(x, "ip_local_port_range", range);
        finding_text(x, "ip_local_reserved_ports", reserved ? reserved : "");
        finding_number(x, "ports", 0);
        x->why = _("net.ipv4.ip_local_reserved_ports takes every port of net.ipv4.ip_local_port_range away.");
        fix_reserved(x, e);
}

void
rule_ephemeral_ports(const struct evidence *e, struct findings *f)
{
        const struct path *top[RULES_EACH * 20];
        size_t count = paths_top(&e->now.survey.paths, path_ephemeral, sizeof(top) / sizeof(top[0]), top), shown = 0,
               is_short = 0;

        if (e->knob[LA_K_ip_local_port_range].numbers == 2 && survey_ports(&e->now.survey) == 0) {
                find_no_ports(e, f);
                return;
        }
        if (survey_ports(&e->now.survey) == 0) {
                findings_untold(
                        f, "ephemeral-ports", true,
                        _("net.ipv4.ip_local_port_range cannot be read, or leaves no port: how near a path is to "
                          "its end is not known"));
                return;
        }
        for (size_t i = 0; i < count; i++)
                is_short += path_is_short(e, top[i]);
        for (size_t i = 0; i < count && shown < RULES_EACH; i++)
                if (path_is_short(e, top[i]))
                        find_path(e, f, top[i], ++shown == RULES_EACH ? is_short - shown : 0);
        if (evidence_span_ms(e) == 0)
                findings_untold(f, "ephemeral-ports", false,
                                _("how fast open connections grow in number: that takes two looks (--for), and what is "
                                  "said of rates comes from TIME_WAIT"));
}

/* ---- bind() ------------------------------------------------------------------------------------------------------- */

/* The longest path that begins at an address: if that is what uses the ports, bind() is not what suffers. */
static uint32_t
longest_path(const struct evidence *e, const struct ports_used *u)
{
        const struct paths *p = &e->now.survey.paths;
        uint32_t longest = 0;

        for (size_t i = 0; i < p->count; i++)
                if (p->path[i].ephemeral > longest && p->path[i].family == u->family &&
                    memcmp(p->path[i].local, u->address, sizeof(u->address)) == 0)
                        longest = p->path[i].ephemeral;
        return longest;
}

static void
find_address(struct findings *f, const struct ports_used *u, uint32_t ports)
{
        const char *address = word_address(f, u->family, u->address);
        bool full = (uint64_t)u->distinct * 100 / ports >= FULL_PERCENT;
        struct finding *x = findings_add(
                f, "bind-ports",
                !bind_chose_for_many(u) ? SEVERITY_NOTICE
                : full                  ? SEVERITY_CRITICAL
                                        : SEVERITY_WARNING,
                _("bind() to %s with port 0 has %u of %u ports left, though no destination is short of them"), address,
                ports > u->distinct ? ports - u->distinct : 0, ports);

        finding_text(x, "source", address);
        finding_number(x, "used", u->distinct);
        finding_number(x, "ports", ports);
        finding_real(x, "share", (double)u->distinct / ports);
        finding_number(x, "connections", u->sockets);
        finding_number(x, "chosen_by_bind", u->as_bind);
        finding_number(x, "chosen_by_connect", u->as_connect);
        x->why = _("A program that binds to an address before it connects gets its port before the kernel knows the "
                   "destination, so no two connections share one, and connect() leaves out ports that were bound. When "
                   "all are taken bind() fails with EADDRINUSE, \"Address already in use\"; had connect() chosen them, "
                   "each destination would have had all ports to itself.");
        finding_fix(x, FIX_APPLICATION,
                    _("Set IP_BIND_ADDRESS_NO_PORT (Linux 4.2) on the socket before bind(): nginx's proxy_bind and "
                      "HAProxy's source do, if they are built for it."),
                    "",
                    findings_say(f, _("%u ports for each destination instead of %u for all together."), ports, ports),
                    "");
        finding_fix(x, FIX_CAPACITY, _("More local addresses to bind to."), "",
                    findings_say(f, _("Each brings %u ports more."), ports), "");
}

void
rule_bind_ports(const struct evidence *e, struct findings *f)
{
        const struct ports *p = &e->now.survey.ports;
        uint32_t ports = survey_ports(&e->now.survey);

        for (size_t i = 0; ports > 0 && i < p->count; i++) {
                const struct ports_used *u = p->used[i];
                bool chosen = bind_chose_for_many(u) && (uint64_t)u->distinct * 100 / ports >= PATHS_ALARM_PERCENT;
                bool full = (uint64_t)u->distinct * 100 / ports >= FULL_PERCENT;
                if ((chosen || full) && (uint64_t)longest_path(e, u) * 100 / ports < PATHS_ALARM_PERCENT)
                        find_address(f, u, ports);
        }
}
