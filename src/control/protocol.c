/* SPDX-License-Identifier: BSD-2-Clause */
#include "control/protocol.h"

#include <string.h>

#define TCP_BITS    (LA_KNOWN_TCP | LA_KNOWN_CONGESTION | LA_KNOWN_SEND_WINDOW | LA_KNOWN_TRAFFIC | LA_KNOWN_PACING)
#define MEMORY_BITS (LA_KNOWN_MEMORY | LA_KNOWN_DROPS)

/* ---- The layout ---- */

/* FNV-1a, 64 bits. */
static uint64_t
add_bytes(uint64_t hash, const void *bytes, size_t n)
{
        for (size_t i = 0; i < n; i++)
                hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
        return hash;
}

static uint64_t
add_text(uint64_t hash, const char *text)
{
        return add_bytes(hash, text, strlen(text) + 1);
}

static uint64_t
add_tables(uint64_t hash)
{
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++)
                hash = add_text(hash, la_state_name((enum la_state)i));
        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++)
                hash = add_text(hash, la_transition_info((enum la_transition)i)->id);
        for (unsigned int i = 0; i < LA_VERDICT_COUNT; i++)
                hash = add_text(hash, la_verdict_info((enum la_verdict)i)->id);
        for (unsigned int i = 0; i < LA_COUNTER_COUNT; i++)
                hash = add_text(hash, la_counter_name((enum la_counter)i));
        return hash;
}

uint64_t
control_layout(void)
{
#define PLACE(type, member) offsetof(struct type, member)
        static const size_t places[] = {
                sizeof(struct control_hello),
                sizeof(struct control_status),
                sizeof(struct control_knob),
                sizeof(struct la_usage),
                sizeof(struct la_config),
                sizeof(struct la_snapshot),
                PLACE(la_snapshot, local),
                PLACE(la_snapshot, timer),
                PLACE(la_snapshot, receive_queue),
                PLACE(la_snapshot, uid),
                PLACE(la_snapshot, age_min_ms),
                PLACE(la_snapshot, came_by),
                PLACE(la_snapshot, snd_una),
                PLACE(la_snapshot, tcp),
                PLACE(la_snapshot, memory),
                PLACE(la_tcp_details, rto_us),
                PLACE(la_tcp_details, cwnd),
                PLACE(la_tcp_details, bytes_sent),
                PLACE(la_tcp_details, congestion),
                sizeof(struct la_trace),
                PLACE(la_trace, kind),
                PLACE(la_trace, local),
                LA_KNOWN_PACING,
        };
#undef PLACE
        return add_tables(add_bytes(UINT64_C(0xcbf29ce484222325), places, sizeof(places)));
}

/* ---- Headers ---- */

struct control_header
control_header_of(enum control_kind kind, uint32_t serial, size_t bytes)
{
        return (struct control_header){
                .magic = CONTROL_MAGIC,
                .version = CONTROL_VERSION,
                .kind = (uint16_t)kind,
                .serial = serial,
                .bytes = (uint32_t)bytes,
        };
}

enum control_reason
control_header_read(const uint8_t *message, size_t length, struct control_header *ret_header)
{
        *ret_header = (struct control_header){ 0 };
        memcpy(ret_header, message, length < sizeof(*ret_header) ? length : sizeof(*ret_header));
        if (length < sizeof(*ret_header) || ret_header->magic != CONTROL_MAGIC || ret_header->bytes != length)
                return CONTROL_MALFORMED;
        return ret_header->version == CONTROL_VERSION ? CONTROL_NO_REASON : CONTROL_OTHER_VERSION;
}

/* ---- Snapshots ---- */

static size_t
bytes_by_known(uint32_t known)
{
        return known & (LA_KNOWN_TCP | LA_KNOWN_MEMORY) ? sizeof(struct la_snapshot)
                                                        : offsetof(struct la_snapshot, tcp);
}

size_t
control_snapshot_trim(struct la_snapshot *s, uint32_t parts)
{
        if (!(parts & CONTROL_PART_TCP)) {
                s->known &= ~(uint32_t)TCP_BITS;
                s->tcp = (struct la_tcp_details){ 0 };
        }
        if (!(parts & CONTROL_PART_MEMORY)) {
                s->known &= ~(uint32_t)MEMORY_BITS;
                s->memory = (struct la_memory){ 0 };
        }
        s->owners = NULL;
        s->owner_count = 0;
        return bytes_by_known(s->known);
}

size_t
control_snapshot_bytes(const uint8_t *bytes, size_t length)
{
        uint32_t known;
        size_t n;

        if (length < sizeof(known))
                return 0;
        memcpy(&known, bytes + offsetof(struct la_snapshot, known), sizeof(known));
        n = bytes_by_known(known);
        return n <= length ? n : 0;
}
