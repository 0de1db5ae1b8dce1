/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor_words.h - the words that tests of the doctor's rules are written in: evidence that is made, and what is found. */
#ifndef LASTACK_TESTS_DOCTOR_WORDS_H
#define LASTACK_TESTS_DOCTOR_WORDS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/facts.h"
#include "doctor/findings.h"
#include "snapshot_words.h"

#define IDLE_MS 3600000

static struct evidence e;
static struct findings found;

static inline int
begin(void **unused)
{
        (void)unused;
        evidence_init(&e, IDLE_MS);
        findings_init(&found);
        return 0;
}

static inline int
end(void **unused)
{
        (void)unused;
        evidence_fini(&e);
        findings_fini(&found);
        return 0;
}

/* ---- Words --------------------------------------------------------------------------------------------------------- */

static inline void
knob(enum la_knob k, const char *text, int64_t a, int64_t b)
{
        int64_t numbers[] = { a, b };

        assert_int_equal(evidence_knob(&e, k, text, numbers, strchr(text, ' ') ? 2 : 1), 0);
}

/* A host with the settings of a fresh one, looked at for the first time. */
static inline void
first_look(void)
{
        knob(LA_K_ip_local_port_range, "32768 60999", 32768, 60999);
        knob(LA_K_tcp_tw_reuse, "2", 2, 0);
        knob(LA_K_tcp_timestamps, "1", 1, 0);
        knob(LA_K_tcp_syncookies, "1", 1, 0);
        knob(LA_K_tcp_max_tw_buckets, "131072", 131072, 0);
        knob(LA_K_somaxconn, "4096", 4096, 0);
        evidence_look(&e, 1000);
}

static inline void
second_look(uint64_t seconds)
{
        evidence_look(&e, 1000 + seconds * 1000);
}

static inline void
fact(const char *name, int64_t value)
{
        assert_int_equal(evidence_fact(&e, name, value), 0);
}

static inline void
counter(const char *name, int64_t value)
{
        assert_int_equal(evidence_counter(&e, name, value), 0);
}

static inline void
add(struct la_snapshot s)
{
        assert_int_equal(evidence_socket(&e, &s), 0);
}

static inline void
add_time_wait(uint32_t count, uint16_t first_port, uint8_t remote_host, uint32_t age_ms)
{
        for (uint32_t i = 0; i < count; i++) {
                struct la_snapshot s = connection(LA_TIME_WAIT, (uint16_t)(first_port + i), remote_host, 443);
                s.known = LA_KNOWN_AGE | LA_KNOWN_INODE;
                s.age_min_ms = s.age_max_ms = age_ms;
                add(s);
        }
}

static inline void
add_held(enum la_state state, uint32_t count, uint32_t age_ms, const struct la_owner *owner)
{
        for (uint32_t i = 0; i < count; i++) {
                struct la_snapshot s = connection(state, (uint16_t)(1000 + i), 2, 443);
                s.known = LA_KNOWN_AGE | LA_KNOWN_INODE;
                s.inode = i + 1;
                s.age_min_ms = age_ms;
                s.owners = owner;
                s.owner_count = owner ? 1 : 0;
                add(s);
        }
}

static inline struct la_snapshot
listener(uint16_t port, uint32_t queue, uint32_t limit, uint32_t drops)
{
        return (struct la_snapshot){
                .known = LA_KNOWN_QUEUES | LA_KNOWN_QUEUE_LIMIT | LA_KNOWN_DROPS,
                .state = LA_LISTEN,
                .family = LA_IPV4,
                .local = { { 0 }, port },
                .receive_queue = queue,
                .send_queue = limit,
                .memory.drops = drops,
        };
}

static inline struct la_snapshot
repeating(enum la_state state, uint16_t local_port, uint8_t remote_host, enum la_timer timer)
{
        struct la_snapshot s = connection(state, local_port, remote_host, 443);

        s.known = LA_KNOWN_TIMER | LA_KNOWN_QUEUES | LA_KNOWN_TCP | LA_KNOWN_TRAFFIC | LA_KNOWN_SEND_WINDOW;
        s.timer = timer;
        s.retransmits = 3;
        s.send_queue = 5000;
        s.tcp.send_mss_bytes = 1460;
        s.tcp.last_ack_received_ms = s.tcp.last_data_received_ms = 2500;
        return s;
}

static inline const struct finding *
judged(const char *id)
{
        findings_fini(&found);
        doctor_judge(&e, NULL, &found);
        for (size_t i = 0; i < found.count; i++)
                if (strcmp(found.finding[i].id, id) == 0)
                        return &found.finding[i];
        return NULL;
}

static inline const struct detail *
detail(const struct finding *x, const char *name)
{
        for (size_t i = 0; i < x->details; i++)
                if (strcmp(x->detail[i].name, name) == 0)
                        return &x->detail[i];
        fail_msg("%s has no %s", x->id, name);
        return NULL;
}

static inline int64_t
number(const struct finding *x, const char *name)
{
        return detail(x, name)->number;
}

static inline bool
advises(const struct finding *x, const char *command)
{
        for (size_t i = 0; i < x->fixes; i++)
                if (strstr(x->fix[i].command, command))
                        return true;
        return false;
}

/* Some effect of a fix has these words. */
static inline bool
says(const struct finding *x, const char *words)
{
        for (size_t i = 0; i < x->fixes; i++)
                if (strstr(x->fix[i].effect, words))
                        return true;
        return false;
}

#define doctor_test(f) cmocka_unit_test_setup_teardown(f, begin, end)

#endif
