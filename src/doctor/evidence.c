/* SPDX-License-Identifier: BSD-2-Clause */
#include "doctor/evidence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/array.h"

/* ---- Amounts ------------------------------------------------------------------------------------------------------ */

static struct amount *
amount_of(const struct amounts *a, const char *name)
{
        for (size_t i = 0; i < a->count; i++)
                if (strcmp(a->amount[i].name, name) == 0)
                        return &a->amount[i];
        return NULL;
}

bool
amounts_get(const struct amounts *a, const char *name, int64_t *ret)
{
        const struct amount *amount = amount_of(a, name);

        if (!amount)
                return false;
        *ret = amount->value;
        return true;
}

/* A name that is too long is nobody's that a rule asks for. */
static int
set(struct amounts *a, const char *name, int64_t value)
{
        struct amount *amount = amount_of(a, name);

        if (strlen(name) >= AMOUNT_NAME_SIZE)
                return 0;
        if (!amount) {
                struct amount *grown = array_grown(a->amount, a->count, &a->capacity, 256, sizeof(*grown));
                if (!grown)
                        return -ENOMEM;
                a->amount = grown;
                amount = &a->amount[a->count++];
                strcpy(amount->name, name);
        }
        amount->value = value;
        return 0;
}

/* ---- For sources -------------------------------------------------------------------------------------------------- */

void
evidence_init(struct evidence *e, uint32_t idle_ms)
{
        memset(e, 0, sizeof(*e));
        e->idle_ms = idle_ms;
}

static void
look_fini(struct look *look)
{
        survey_fini(&look->survey);
        free(look->counters.amount);
        free(look->facts.amount);
}

void
evidence_fini(struct evidence *e)
{
        look_fini(&e->before);
        look_fini(&e->now);
        for (size_t i = 0; i < LA_KNOB_COUNT; i++) {
                free(e->knob[i].text);
                free(e->outer[i].text);
        }
        memset(e, 0, sizeof(*e));
}

int
evidence_stack(struct evidence *e, const char *name)
{
        static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/";

        if (*name == '\0' || strlen(name) >= sizeof(e->stack) || strspn(name, plain) != strlen(name))
                return -EINVAL;
        strcpy(e->stack, name);
        return 0;
}

static int
take_knob(struct knob_value *v, const char *text, const int64_t *numbers, size_t count)
{
        char *copy = strdup(text);

        if (!copy)
                return -ENOMEM;
        free(v->text);
        *v = (struct knob_value){ .text = copy, .numbers = count };
        for (size_t i = 0; i < count; i++)
                v->number[i] = numbers[i];
        return 0;
}

int
evidence_knob(struct evidence *e, enum la_knob knob, const char *text, const int64_t *numbers, size_t count)
{
        return take_knob(&e->knob[knob], text, numbers, count);
}

int
evidence_outer_knob(struct evidence *e, enum la_knob knob, const char *text, const int64_t *numbers, size_t count)
{
        return take_knob(&e->outer[knob], text, numbers, count);
}

static bool
is_reserved(const struct evidence *e, uint32_t port)
{
        return e->reserved_ports[port / 64] >> port % 64 & 1;
}

/* tcp_tw_reuse_delay, fixed before Linux 6.14. */
enum { REUSE_DELAY_MS = 1000 };

/* What the survey has to know of the settings before the first socket comes. */
static void
prepare(const struct evidence *e, struct survey *s)
{
        const struct knob_value *range = &e->knob[LA_K_ip_local_port_range];

        s->idle_ms = e->idle_ms;
        s->reuse_delay_ms = (uint32_t)evidence_number_or(e, LA_K_tcp_tw_reuse_delay, REUSE_DELAY_MS);
        if (range->numbers != 2)
                return;
        s->port_low = (uint16_t)range->number[0];
        s->port_high = (uint16_t)range->number[1];
        for (uint32_t port = s->port_low; port <= s->port_high; port++)
                s->ports_reserved += is_reserved(e, port);
}

void
evidence_look(struct evidence *e, uint64_t at_ms)
{
        if (e->now.taken) {
                look_fini(&e->before);
                e->before = e->now;
                survey_condense(&e->before.survey);
                memset(&e->now, 0, sizeof(e->now));
        }
        e->now.taken = true;
        e->now.at_ms = at_ms;
        prepare(e, &e->now.survey);
}

int
evidence_fact(struct evidence *e, const char *name, int64_t value)
{
        return set(&e->now.facts, name, value);
}

int
evidence_counter(struct evidence *e, const char *name, int64_t value)
{
        return set(&e->now.counters, name, value);
}

int
evidence_socket(struct evidence *e, const struct la_snapshot *s)
{
        return survey_add(&e->now.survey, s);
}

void
evidence_restart(struct evidence *e)
{
        survey_clear(&e->now.survey);
}

/* ---- For rules ---------------------------------------------------------------------------------------------------- */

uint64_t
evidence_span_ms(const struct evidence *e)
{
        return e->before.taken && e->now.at_ms > e->before.at_ms ? e->now.at_ms - e->before.at_ms : 0;
}

bool
evidence_number(const struct evidence *e, enum la_knob knob, int64_t *ret)
{
        if (e->knob[knob].numbers == 0)
                return false;
        *ret = e->knob[knob].number[0];
        return true;
}

int64_t
evidence_number_or(const struct evidence *e, enum la_knob knob, int64_t otherwise)
{
        evidence_number(e, knob, &otherwise);
        return otherwise;
}

bool
evidence_fact_is(const struct evidence *e, const char *name, int64_t *ret)
{
        return amounts_get(&e->now.facts, name, ret);
}

bool
evidence_grown(const struct evidence *e, const char *counter, int64_t *ret)
{
        int64_t before, now;

        if (evidence_span_ms(e) == 0 || !amounts_get(&e->before.counters, counter, &before) ||
            !amounts_get(&e->now.counters, counter, &now) || now < before)
                return false;
        *ret = now - before;
        return true;
}

int64_t
evidence_growth(const struct evidence *e, const char *counter)
{
        int64_t grown = 0;

        evidence_grown(e, counter, &grown);
        return grown;
}

int64_t
evidence_total(const struct evidence *e, const char *counter)
{
        int64_t total = 0;

        amounts_get(&e->now.counters, counter, &total);
        return total;
}

double
evidence_rate(const struct evidence *e, int64_t amount)
{
        uint64_t span_ms = evidence_span_ms(e);

        return span_ms > 0 ? (double)amount * 1000 / (double)span_ms : 0;
}

const char *
evidence_comm(const struct evidence *e, int32_t pid)
{
        const struct holder *h = pid ? holders_find(&e->now.survey.owners, pid) : NULL;

        return h ? h->owner.comm : "";
}
