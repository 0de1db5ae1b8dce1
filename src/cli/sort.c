/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/sort.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A field's value is a number or bytes in network order; both are compared as bytes. */
struct sort_field {
        const char *name;
        size_t size; /* bytes of its key */
        uint32_t needs;
        void (*write)(uint8_t *key, const struct la_snapshot *s);
};

static void
put_number(uint8_t *key, size_t size, uint64_t n)
{
        while (size > 0) {
                key[--size] = (uint8_t)n;
                n >>= 8;
        }
}

#define NUMBER_FIELD(function, expression)                              \
        static void function(uint8_t *key, const struct la_snapshot *s) \
        {                                                               \
                put_number(key, 8, expression);                         \
        }

NUMBER_FIELD(state_key, s->state)
NUMBER_FIELD(local_port_key, s->local.port)
NUMBER_FIELD(remote_port_key, s->remote.port)
NUMBER_FIELD(receive_queue_key, s->receive_queue)
NUMBER_FIELD(send_queue_key, s->send_queue)
NUMBER_FIELD(timer_key, s->timer == LA_TIMER_NONE ? UINT64_MAX : s->timer_ms)
NUMBER_FIELD(retransmits_key, s->retransmits)
NUMBER_FIELD(age_key, s->known &LA_KNOWN_AGE ? s->age_min_ms : 0)
NUMBER_FIELD(uid_key, s->uid)
NUMBER_FIELD(inode_key, s->inode)
NUMBER_FIELD(netns_key, s->netns)
NUMBER_FIELD(pid_key, s->owner_count > 0 ? (uint64_t)s->owners[0].pid : 0)
NUMBER_FIELD(rtt_key, s->tcp.rtt_us)
NUMBER_FIELD(rto_key, s->tcp.rto_us)
NUMBER_FIELD(cwnd_key, s->tcp.cwnd)
NUMBER_FIELD(lost_key, s->tcp.retransmitted_total)
NUMBER_FIELD(sent_key, s->tcp.bytes_sent)
NUMBER_FIELD(received_key, s->tcp.bytes_received)
NUMBER_FIELD(drops_key, s->memory.drops)

static void
endpoint_key(uint8_t *key, enum la_family family, const struct la_endpoint *e)
{
        key[0] = (uint8_t)family;
        memcpy(key + 1, e->address, sizeof(e->address));
        put_number(key + 17, 2, e->port);
}

static void
local_key(uint8_t *key, const struct la_snapshot *s)
{
        endpoint_key(key, s->family, &s->local);
}

static void
remote_key(uint8_t *key, const struct la_snapshot *s)
{
        endpoint_key(key, s->family, &s->remote);
}

static void
comm_key(uint8_t *key, const struct la_snapshot *s)
{
        memset(key, 0, LA_NAME_SIZE);
        if (s->owner_count > 0)
                memcpy(key, s->owners[0].comm, strnlen(s->owners[0].comm, LA_NAME_SIZE));
}

static const struct sort_field fields[] = {
        { "state", 8, 0, state_key },
        { "local", 19, 0, local_key },
        { "remote", 19, 0, remote_key },
        { "sport", 8, 0, local_port_key },
        { "dport", 8, 0, remote_port_key },
        { "recvq", 8, LA_KNOWN_QUEUES, receive_queue_key },
        { "sendq", 8, LA_KNOWN_QUEUES, send_queue_key },
        { "timer", 8, LA_KNOWN_TIMER, timer_key },
        { "probes", 8, LA_KNOWN_TIMER, retransmits_key },
        { "age", 8, LA_KNOWN_AGE | LA_KNOWN_TCP, age_key },
        { "uid", 8, LA_KNOWN_INODE, uid_key },
        { "ino", 8, LA_KNOWN_INODE, inode_key },
        { "netns", 8, LA_KNOWN_NETNS, netns_key },
        { "pid", 8, LA_KNOWN_OWNERS, pid_key },
        { "comm", LA_NAME_SIZE, LA_KNOWN_OWNERS, comm_key },
        { "rtt", 8, LA_KNOWN_TCP, rtt_key },
        { "rto", 8, LA_KNOWN_TCP, rto_key },
        { "cwnd", 8, LA_KNOWN_TCP, cwnd_key },
        { "retrans", 8, LA_KNOWN_TCP, lost_key },
        { "sent", 8, LA_KNOWN_TCP, sent_key },
        { "received", 8, LA_KNOWN_TCP, received_key },
        { "drops", 8, LA_KNOWN_MEMORY, drops_key },
};
#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

const char *
sort_fields(void)
{
        static char names[FIELD_COUNT * 12];

        if (!names[0])
                for (size_t i = 0; i < FIELD_COUNT; i++) {
                        strcat(names, fields[i].name);
                        if (i + 1 < FIELD_COUNT)
                                strcat(names, ", ");
                }
        return names;
}

static const struct sort_field *
find_field(const char *name, size_t length)
{
        for (size_t i = 0; i < FIELD_COUNT; i++)
                if (strlen(fields[i].name) == length && strncasecmp(fields[i].name, name, length) == 0)
                        return &fields[i];
        return NULL;
}

bool
sort_parse(const char *text, struct sort_order *ret_order, const char **ret_wrong, size_t *ret_length)
{
        struct sort_order order = { .count = 0 };

        for (const char *word = text;; word++) {
                bool descending = *word == '-';
                size_t length = strcspn(word, ",");
                const struct sort_field *field = find_field(word + descending, length - descending);
                if (!field || order.count == SORT_KEYS_MAX) {
                        *ret_wrong = word;
                        *ret_length = length;
                        return false;
                }
                order.by[order.count++] = (struct sort_by){ field, descending };
                word += length;
                if (*word == '\0')
                        break;
        }
        *ret_order = order;
        return true;
}

uint32_t
sort_needs(const struct sort_order *order)
{
        uint32_t needs = 0;

        for (size_t i = 0; i < order->count; i++)
                needs |= order->by[i].field->needs;
        return needs;
}

size_t
sort_key(const struct sort_order *order, const struct la_snapshot *s, uint8_t key[SORT_KEY_ROOM])
{
        size_t length = 0;

        for (size_t i = 0; i < order->count; i++) {
                const struct sort_field *f = order->by[i].field;
                f->write(key + length, s);
                if (order->by[i].descending)
                        for (size_t j = 0; j < f->size; j++)
                                key[length + j] = (uint8_t)~key[length + j];
                length += f->size;
        }
        return length;
}

static bool
grow(struct sorted_rows *r, size_t more)
{
        if (r->count == r->offset_capacity) {
                size_t capacity = r->offset_capacity ? r->offset_capacity * 2 : 1024;
                size_t *offset = realloc(r->offset, capacity * sizeof(*offset));
                if (!offset)
                        return false;
                r->offset = offset;
                r->offset_capacity = capacity;
        }
        if (r->capacity - r->used < more) {
                size_t capacity = r->capacity * 2 + more + 65536;
                char *text = realloc(r->text, capacity);
                if (!text)
                        return false;
                r->text = text;
                r->capacity = capacity;
        }
        return true;
}

bool
sorted_rows_add(struct sorted_rows *r, const uint8_t *key, size_t key_length, const char *text, size_t length)
{
        if (!grow(r, key_length + length))
                return false;
        r->key_length = key_length;
        r->offset[r->count++] = r->used;
        if (key_length > 0)
                memcpy(r->text + r->used, key, key_length);
        memcpy(r->text + r->used + key_length, text, length);
        r->used += key_length + length;
        return true;
}

static int
by_key(const void *a, const void *b, void *rows)
{
        const struct sorted_rows *r = rows;
        const size_t *x = a, *y = b;
        int order = memcmp(r->text + *x, r->text + *y, r->key_length);

        return order ? order : (*x > *y) - (*x < *y);
}

void
sorted_rows_sort(struct sorted_rows *r)
{
        if (r->count > 0 && r->key_length > 0)
                qsort_r(r->offset, r->count, sizeof(*r->offset), by_key, r);
}

const char *
sorted_rows_text(const struct sorted_rows *r, size_t i)
{
        return r->text + r->offset[i] + r->key_length;
}

void
sorted_rows_clear(struct sorted_rows *r)
{
        r->used = r->count = 0;
}

void
sorted_rows_fini(struct sorted_rows *r)
{
        free(r->text);
        free(r->offset);
        *r = (struct sorted_rows){ 0 };
}
