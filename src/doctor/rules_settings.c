/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Settings in force that are dangerous, or do nothing; and those that a container's network namespace has not got from
 * its host, since a new namespace begins with what was compiled in.
 */
#include <stdlib.h>
#include <string.h>

#include "doctor/rules.h"

/* Adds a finding about one tunable, with what the model knows of it. */
static struct finding *
add_setting(const struct evidence *e, struct findings *f, enum severity severity, enum la_knob knob,
            const char *summary)
{
        const struct la_knob_info *k = la_knob_info(knob);
        struct finding *x = findings_add(f, "settings", severity, "%s", summary);

        finding_text(x, "setting", k->name);
        finding_text(x, "value", e->knob[knob].text);
        if (k->standard[0])
                finding_text(x, "standard", k->standard);
        x->why = _(k->risk);
        return x;
}

/* Back to what is usual. */
static void
fix_setting(struct finding *x, enum la_knob knob, const char *value, const char *effect)
{
        const struct la_knob_info *k = la_knob_info(knob);

        finding_fix(x, FIX_KNOB,
                    x->all->stack ? findings_say(x->all, _("Set %s to %s, and say so where the stack is made."),
                                                 k->leaf, value)
                                  : findings_say(x->all, _("Set %s to %s, and take the line out of sysctl.conf."),
                                                 k->leaf, value),
                    word_knob(x->all, knob, "%s", value), effect, "");
}

/* ---- Values that no kernel should have taken ---------------------------------------------------------------------- */

static bool
has_negative(const struct knob_value *v)
{
        for (size_t i = 0; i < v->numbers; i++)
                if (v->number[i] < 0)
                        return true;
        return false;
}

/* lastack's own range is narrower than the kernel's: what is outside makes no sense. */
static bool
is_senseless(const struct la_knob_info *k, const struct knob_value *v)
{
        for (size_t i = 0; i < v->numbers; i++)
                if (v->number[i] < k->min || v->number[i] > k->max || (i > 0 && v->number[i] < v->number[i - 1]))
                        return true;
        return false;
}

static void
judge_ranges(const struct evidence *e, struct findings *f)
{
        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++) {
                const struct la_knob_info *k = la_knob_info((enum la_knob)i);
                const struct knob_value *v = &e->knob[i];
                bool negative = has_negative(v);
                if (i == LA_K_tcp_max_tw_buckets) /* judge_buckets() knows this machine's default, and what -1 means */
                        continue;
                if (!negative && (!is_senseless(k, v) || (k->standard[0] && strcmp(k->standard, v->text) == 0)))
                        continue;
                struct finding *x = add_setting(
                        e, f, negative ? SEVERITY_WARNING : SEVERITY_NOTICE, (enum la_knob)i,
                        findings_say(f,
                                     negative ? _("%s is %s: the kernel has taken a negative value that means nothing")
                                              : _("%s is %s, outside of what makes sense"),
                                     k->name, v->text));
                finding_number(x, "least", k->min);
                finding_number(x, "most", k->max);
                if (k->standard[0])
                        fix_setting(x, (enum la_knob)i, k->standard, _(k->brief));
                else
                        finding_fix(x, FIX_KNOB,
                                    _("Take the line out of sysctl.conf; the next start brings the default."), "",
                                    _(k->standard_note), "");
        }
}

/* ---- Values that are dangerous ------------------------------------------------------------------------------------- */

static void
judge_timestamps(const struct evidence *e, struct findings *f)
{
        int64_t reuse = evidence_number_or(e, LA_K_tcp_tw_reuse, 0);

        if (evidence_number_or(e, LA_K_tcp_timestamps, 1) != 0)
                return;
        struct finding *x =
                add_setting(e, f, reuse == 1 ? SEVERITY_WARNING : SEVERITY_NOTICE, LA_K_tcp_timestamps,
                            reuse == 1 ? _("tcp_timestamps is off, so tcp_tw_reuse=1 does nothing")
                                       : _("tcp_timestamps is off: no protection from old segments, no tcp_tw_reuse"));
        finding_number(x, "tcp_tw_reuse", reuse);
        fix_setting(x, LA_K_tcp_timestamps, "1", _("For connections made from then on; 12 bytes a segment."));
}

static void
judge_cookies(const struct evidence *e, struct findings *f)
{
        int64_t cookies = evidence_number_or(e, LA_K_tcp_syncookies, 1);

        if (cookies == 0)
                fix_setting(add_setting(e, f, SEVERITY_WARNING, LA_K_tcp_syncookies,
                                        _("tcp_syncookies is off: a small flood of SYNs closes any listener")),
                            LA_K_tcp_syncookies, "1", _("Acts only when a listener's limit is reached."));
        if (cookies == 2)
                fix_setting(
                        add_setting(e, f, SEVERITY_NOTICE, LA_K_tcp_syncookies,
                                    _("tcp_syncookies is 2: every handshake is made by cookie, which is for tests")),
                        LA_K_tcp_syncookies, "1",
                        _("Ordinary handshakes again, with all options, and repeated if lost."));
}

/* Only a stack still has it. */
static void
judge_recycle(const struct evidence *e, struct findings *f)
{
        if (evidence_number_or(e, LA_K_tcp_tw_recycle, 0) == 0)
                return;
        struct finding *x =
                add_setting(e, f, SEVERITY_WARNING, LA_K_tcp_tw_recycle,
                            _("tcp_tw_recycle is on: connections of hosts that share an address are dropped"));
        finding_number(x, "dropped_in_sample", evidence_growth(e, "PAWSPassive"));
        finding_number(x, "dropped", evidence_total(e, "PAWSPassive"));
        fix_setting(x, LA_K_tcp_tw_recycle, "0", _("SYNs of clients behind NAT are answered again."));
}

/* Switches that cost something and bring nothing. */
static void
judge_switches(const struct evidence *e, struct findings *f)
{
        static const struct wrong {
                enum la_knob knob;
                int64_t value;
                const char *summary;
        } wrong[] = {
                { LA_K_tcp_abort_on_overflow, 1,
                  N_("tcp_abort_on_overflow is on: every short burst becomes errors for clients") },
                { LA_K_tcp_window_scaling, 0, N_("tcp_window_scaling is off: no more than 64 KB are ever under way") },
                { LA_K_tcp_sack, 0, N_("tcp_sack is off: each loss is repaired by itself, one in a round trip") },
        };

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                if (evidence_number_or(e, wrong[i].knob, !wrong[i].value) == wrong[i].value)
                        fix_setting(add_setting(e, f, SEVERITY_NOTICE, wrong[i].knob, _(wrong[i].summary)),
                                    wrong[i].knob, la_knob_info(wrong[i].knob)->standard, "");
}

/* ---- Values that depend on the machine ----------------------------------------------------------------------------- */

enum { BUCKETS_USUAL = 262144 }; /* of a host with some memory: where the source does not tell */

/* inet_twsk_alloc() compares unsigned: what is below 0 is more than there will ever be. */
static void
find_no_limit(const struct evidence *e, struct findings *f, int64_t most, int64_t standard, int64_t records)
{
        struct finding *x =
                add_setting(e, f, SEVERITY_NOTICE, LA_K_tcp_max_tw_buckets,
                            findings_say(f, _("tcp_max_tw_buckets is %lld, which Linux takes for no limit at all"),
                                         (long long)most));

        finding_number(x, "default", standard);
        finding_number(x, "records", records);
        x->why = _(
                "Nothing ends a growing number of TIME_WAIT but memory that cannot be swapped, 256 to 425 bytes each: "
                "whoever opens and closes connections fast enough takes it. A limit far above what is ever needed "
                "costs nothing.");
        fix_setting(x, LA_K_tcp_max_tw_buckets, findings_say(f, "%lld", (long long)standard),
                    _("At most half a kilobyte each, if they are ever used."));
}

static void
judge_buckets(const struct evidence *e, struct findings *f)
{
        int64_t most, buckets = BUCKETS_USUAL, records = (int64_t)e->now.survey.in_state[LA_TIME_WAIT];
        bool known = evidence_fact_is(e, FACT_BUCKETS, &buckets);
        int64_t standard = llabs(buckets) / 2;

        if (!evidence_number(e, LA_K_tcp_max_tw_buckets, &most))
                return;
        evidence_fact_is(e, FACT_TIME_WAIT, &records);
        if (most < 0) {
                find_no_limit(e, f, most, standard, records);
                return;
        }
        if (!known || most >= standard)
                return;
        struct finding *x =
                add_setting(e, f, records * 2 >= most ? SEVERITY_WARNING : SEVERITY_NOTICE, LA_K_tcp_max_tw_buckets,
                            findings_say(f, _("tcp_max_tw_buckets was lowered to %lld; this kernel's default is %lld"),
                                         (long long)most, (long long)standard));
        finding_number(x, "default", standard);
        finding_number(x, "records", records);
        fix_setting(x, LA_K_tcp_max_tw_buckets, findings_say(f, "%lld", (long long)standard),
                    _("At most half a kilobyte each, if they are ever used."));
}

/* Raised by hand, and without effect while cookies are on. */
static void
judge_syn_backlog(const struct evidence *e, struct findings *f)
{
        int64_t backlog, buckets;

        if (!evidence_number(e, LA_K_tcp_max_syn_backlog, &backlog) || !evidence_fact_is(e, FACT_BUCKETS, &buckets) ||
            evidence_number_or(e, LA_K_tcp_syncookies, 0) == 0)
                return;
        int64_t standard = llabs(buckets) / 128 > 128 ? llabs(buckets) / 128 : 128;
        if (backlog <= standard)
                return;
        struct finding *x = add_setting(
                e, f, SEVERITY_NOTICE, LA_K_tcp_max_syn_backlog,
                findings_say(f, _("tcp_max_syn_backlog was raised to %lld and does nothing while SYN cookies are on"),
                             (long long)backlog));
        x->why = _(la_knob_info(LA_K_tcp_max_syn_backlog)->mistaken);
        finding_number(x, "tcp_syncookies", evidence_number_or(e, LA_K_tcp_syncookies, -1));
        fix_setting(x, LA_K_tcp_max_syn_backlog, findings_say(f, "%lld", (long long)standard),
                    _("None; one line less to wonder about."));
}

/* ---- The range of local ports -------------------------------------------------------------------------------------- */

enum {
        PORTS_NAMED = 12,
        PORTS_RESERVED = 1000, /* in a command; more of them are no services */
};

static bool
is_open_in_range(const struct evidence *e, uint32_t port)
{
        return e->now.survey.listeners.on_port[port] > 0 && !(e->reserved_ports[port / 64] >> port % 64 & 1);
}

enum { PORTS_FEW = 1000 };

static void
judge_few_ports(const struct evidence *e, struct findings *f)
{
        uint32_t ports = survey_ports(&e->now.survey);

        if (ports == 0 || ports >= PORTS_FEW)
                return;
        struct finding *x = add_setting(
                e, f, SEVERITY_NOTICE, LA_K_ip_local_port_range,
                findings_say(f, _("ip_local_port_range leaves only %u ports for connections to each destination"),
                             ports));
        x->why = _(
                "One local address can have no more connections to one address and port than that, those in TIME_WAIT "
                "counted; from half of them on connect() is slow.");
        finding_number(x, "ports", ports);
        finding_number(x, "ports_reserved", e->now.survey.ports_reserved);
        fix_reserved(x, e);
}

/* The ports of the range on which programs listen, as ip_local_reserved_ports takes them: "3306,8080-8083".  After `most`
 * items the rest is left out, and "..." says so. */
static const char *
listening_ports(const struct evidence *e, struct findings *f, size_t most)
{
        const struct survey *s = &e->now.survey;
        const char *ports = "";
        size_t items = 0;

        for (uint32_t port = s->port_low, last; s->port_high > 0 && port <= s->port_high; port = last + 1) {
                last = port;
                if (!is_open_in_range(e, port))
                        continue;
                while (last < s->port_high && is_open_in_range(e, last + 1))
                        last++;
                if (items++ == most)
                        return findings_say(f, "%s,...", ports);
                ports = findings_say(f, last > port ? "%s%s%u-%u" : "%s%s%u", ports, *ports ? "," : "", port, last);
        }
        return ports;
}

static void
judge_port_range(const struct evidence *e, struct findings *f)
{
        const struct knob_value *range = &e->knob[LA_K_ip_local_port_range];
        const struct survey *s = &e->now.survey;
        size_t count = 0;

        for (uint32_t port = s->port_low; s->port_high > 0 && port <= s->port_high; port++)
                count += is_open_in_range(e, port);
        if (count == 0)
                return;
        const char *ports = listening_ports(e, f, PORTS_NAMED);
        bool widened = range->number[0] < 32768;
        struct finding *x = add_setting(
                e, f, widened ? SEVERITY_WARNING : SEVERITY_NOTICE, LA_K_ip_local_port_range,
                findings_say(f, _("ip_local_port_range covers %zu ports on which programs listen: %s"), count, ports));
        finding_text(x, "listening_ports", ports);
        finding_number(x, "listening", (int64_t)count);
        finding_text(x, "reserved",
                     e->knob[LA_K_ip_local_reserved_ports].text ? e->knob[LA_K_ip_local_reserved_ports].text : "");
        const char *old = e->knob[LA_K_ip_local_reserved_ports].text;
        const char *all = listening_ports(e, f, PORTS_RESERVED);
        finding_fix(x, FIX_KNOB, _("Reserve the ports of services, those that are always the same."),
                    strchr(all, '.') ? ""
                                     : word_knob(f, LA_K_ip_local_reserved_ports, "%s%s%s", old ? old : "",
                                                 old && *old ? "," : "", all),
                    _("connect() leaves them out; programs that bind them by number get them as before."), "");
}

void
rule_settings(const struct evidence *e, struct findings *f)
{
        bool any = false;

        for (size_t i = 0; i < LA_KNOB_COUNT; i++)
                any |= e->knob[i].text != NULL;
        if (!any)
                findings_untold(f, "settings", true, _("settings: none of them can be read"));
        judge_timestamps(e, f);
        judge_cookies(e, f);
        judge_recycle(e, f);
        judge_ranges(e, f);
        judge_buckets(e, f);
        judge_port_range(e, f);
        judge_few_ports(e, f);
        judge_switches(e, f);
        judge_syn_backlog(e, f);
}

/* ---- Not inherited ------------------------------------------------------------------------------------------------- */

/* Changed on the host, and here as compiled in. */
static bool
not_inherited(const struct evidence *e, enum la_knob knob)
{
        const struct la_knob_info *k = la_knob_info(knob);
        const char *here = e->knob[knob].text, *there = e->outer[knob].text;

        return k->scope == LA_SCOPE_NETNS && here && there && k->standard[0] && strcmp(here, k->standard) == 0 &&
               strcmp(there, k->standard) != 0;
}

void
rule_inherited(const struct evidence *e, struct findings *f)
{
        const char *names = "", *commands = "";
        size_t count = 0;

        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++)
                if (not_inherited(e, (enum la_knob)i)) {
                        const struct la_knob_info *k = la_knob_info((enum la_knob)i);
                        names = findings_say(f, "%s%s%s", names, count ? ", " : "", k->leaf);
                        commands = findings_say(f, "%s %s=\"%s\"", commands, k->name, e->outer[i].text);
                        count++;
                }
        if (count == 0)
                return;
        struct finding *x = findings_add(
                f, "settings-not-inherited", SEVERITY_NOTICE,
                _("%zu settings were changed on the host and do not hold in this network namespace: %s"), count, names);
        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++)
                if (not_inherited(e, (enum la_knob)i))
                        finding_text(x, la_knob_info((enum la_knob)i)->name,
                                     findings_say(f, _("%s here, %s on the host"), e->knob[i].text, e->outer[i].text));
        x->why = _("A new network namespace (a container, a pod) begins with what was compiled into the kernel, not "
                   "with the host's settings: sysctl.conf of the host does not reach it.");
        finding_fix(x, FIX_KNOB,
                    _("Set them for the container (docker run --sysctl, a pod's securityContext), if they are meant "
                      "for it."),
                    findings_say(f, "sysctl -w%s", commands), _("The same values as on the host, in this namespace."),
                    "");
}
