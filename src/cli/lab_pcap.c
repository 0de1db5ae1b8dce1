/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capture files of the lab's runs: an interface for each run, and each packet as it was sent, with a comment on what became
 * of it and what it caused.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/gettext.h"
#include "cli/lab.h"
#include "link/pcapng.h"

#define COMMENT_SIZE 1024

/* ---- Comments ---- */

static void
append(char *text, const char *more)
{
        size_t n = strlen(text);

        snprintf(text + n, COMMENT_SIZE - n, "%s%s", n > 0 ? "\n" : "", more);
}

static void
comment_journey(const struct la_lab *lab, const struct la_lab_packet *p, char *text)
{
        char line[256], what[128];

        snprintf(line, sizeof(line), "%s -> %s: %s%s%s%s", la_lab_host_name(lab, p->from),
                 p->to >= 0 ? la_lab_host_name(lab, p->to) : "?", la_lab_describe(lab, p->id, what, sizeof(what)),
                 p->duplicate ? ", duplicated by the path"
                 : p->again   ? ", retransmitted"
                              : "",
                 p->marked ? ", marked on its way (CE)" : "", p->corrupted ? ", damaged on its way" : "");
        append(text, line);
        if (p->fate == LA_LAB_DELIVERED)
                snprintf(line, sizeof(line), "arrives at %llu.%06u s", (unsigned long long)(p->ended / 1000000),
                         (unsigned int)(p->ended % 1000000));
        else
                snprintf(line, sizeof(line), "%s", p->fate == LA_LAB_UNDER_WAY ? "still under way" : "lost");
        append(text, line);
}

static void
comment_effect(const struct la_lab *lab, const struct la_lab_event *e, char *text)
{
        const struct la_transition_info *t;
        const struct la_verdict_info *v;
        char line[256];

        if (e->kind == LA_LAB_EVENT_TRANSITION) {
                t = la_transition_info(e->transition);
                snprintf(line, sizeof(line), "%s: %s -> %s, %s (%s%s)", la_lab_host_name(lab, e->host),
                         la_state_name(t->from), la_state_name(t->to), t->id,
                         t->section[0] >= '0' && t->section[0] <= '9' ? "RFC 9293 " : "", t->section);
                append(text, line);
        } else if (e->kind == LA_LAB_EVENT_VERDICT) {
                v = la_verdict_info(e->verdict);
                snprintf(line, sizeof(line), "%s: verdict %s (%s)", la_lab_host_name(lab, e->host), v->id, v->section);
                append(text, line);
        }
}

static void
comment_packet(const struct la_lab *lab, const struct la_lab_packet *p, char *text)
{
        size_t delivery = LA_LAB_NO_CAUSE;

        text[0] = '\0';
        comment_journey(lab, p, text);
        for (size_t i = 0; i < la_lab_event_count(lab); i++) {
                const struct la_lab_event *e = la_lab_event(lab, i);

                if (e->kind == LA_LAB_EVENT_DELIVERED && e->packet == p->id)
                        delivery = i;
                else if (delivery != LA_LAB_NO_CAUSE && e->cause == delivery)
                        comment_effect(lab, e, text);
        }
}

static int
write_packet(FILE *file, uint32_t interface, const struct la_lab *lab, const struct la_lab_packet *p, tcp_time base)
{
        struct la_part whole = { p->bytes, p->length };
        char comment[COMMENT_SIZE];

        comment_packet(lab, p, comment);
        return pcapng_packet(file, interface, base + p->sent, &whole, 1, comment);
}

static int
write_run(FILE *file, uint32_t interface, const struct lab_run *run, tcp_time base)
{
        int status = 0;

        for (size_t i = 0; i < la_lab_packet_count(run->lab) && status == 0; i++)
                status = write_packet(file, interface, run->lab, la_lab_packet(run->lab, i), base);
        return status;
}

/* All interfaces come first, so that readers that want them so are content; one run's time begins where another's ended. */
static int
write_all(FILE *file, const struct lab_run *runs, size_t count)
{
        tcp_time base = 0;
        int status = pcapng_section(file, "lastack lab");

        for (size_t i = 0; i < count && status == 0; i++)
                status = pcapng_interface(file, runs[i].scenario->name,
                                          runs[i].scenario->title ? _(runs[i].scenario->title) : NULL);
        for (size_t i = 0; i < count && status == 0; i++)
                if (runs[i].lab) {
                        status = write_run(file, (uint32_t)i, &runs[i], base);
                        base += la_lab_now(runs[i].lab) + 1000000;
                }
        return status;
}

int
lab_runs_pcap(const char *path, const struct lab_run *runs, size_t count)
{
        FILE *file = fopen(path, "wbe");
        int status;

        if (!file)
                return -errno;
        status = write_all(file, runs, count);
        if (fclose(file) != 0 && status == 0)
                status = -errno;
        return status;
}
