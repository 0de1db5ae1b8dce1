/* SPDX-License-Identifier: BSD-2-Clause */
/* Which fields of a socket a recording has, and addresses in disguise. */
#include <string.h>

#include "cli/recording.h"

#define FIELD(name)                                                                                \
        {                                                                                          \
#name, offsetof(struct la_snapshot, name), sizeof(((struct la_snapshot *)0)->name) \
        }
#define TCP_FIELD(name)                                                                                    \
        {                                                                                                  \
#name, offsetof(struct la_snapshot, tcp.name), sizeof(((struct la_snapshot *)0)->tcp.name) \
        }
#define MEMORY_FIELD(name)                                                                                       \
        {                                                                                                        \
#name, offsetof(struct la_snapshot, memory.name), sizeof(((struct la_snapshot *)0)->memory.name) \
        }

const struct recording_field recording_fields[] = {
        FIELD(known),
        FIELD(interface),
        FIELD(timer),
        FIELD(timer_ms),
        FIELD(retransmits),
        FIELD(receive_queue),
        FIELD(send_queue),
        FIELD(half_open),
        FIELD(inode),
        FIELD(v6only),
        FIELD(age_min_ms),
        FIELD(age_max_ms),
        TCP_FIELD(timestamps),
        TCP_FIELD(sack),
        TCP_FIELD(ecn),
        TCP_FIELD(fastopen),
        TCP_FIELD(window_scaling),
        TCP_FIELD(backoff),
        TCP_FIELD(rto_us),
        TCP_FIELD(rtt_us),
        TCP_FIELD(rttvar_us),
        TCP_FIELD(min_rtt_us),
        TCP_FIELD(send_mss_bytes),
        TCP_FIELD(receive_mss_bytes),
        TCP_FIELD(path_mtu_bytes),
        TCP_FIELD(cwnd),
        TCP_FIELD(ssthresh),
        TCP_FIELD(unacked),
        TCP_FIELD(lost),
        TCP_FIELD(retransmitting),
        TCP_FIELD(retransmitted_total),
        TCP_FIELD(last_data_sent_ms),
        TCP_FIELD(last_data_received_ms),
        TCP_FIELD(last_ack_received_ms),
        TCP_FIELD(send_window_bytes),
        TCP_FIELD(not_sent_bytes),
        TCP_FIELD(pacing_wait_ms),
        TCP_FIELD(segments_in),
        TCP_FIELD(segments_out),
        TCP_FIELD(bytes_sent),
        TCP_FIELD(bytes_received),
        MEMORY_FIELD(receive_allocated),
        MEMORY_FIELD(receive_buffer),
        MEMORY_FIELD(send_allocated),
        MEMORY_FIELD(send_buffer),
        MEMORY_FIELD(drops),
};
const size_t recording_field_count = sizeof(recording_fields) / sizeof(recording_fields[0]);

uint64_t
recording_get(const struct la_snapshot *s, const struct recording_field *field)
{
        const uint8_t *at = (const uint8_t *)s + field->offset;
        uint16_t two;
        uint32_t four;
        uint64_t eight;

        switch (field->size) {
        case 1:
                return *at;
        case 2:
                return memcpy(&two, at, 2), two;
        case 4:
                return memcpy(&four, at, 4), four;
        default:
                return memcpy(&eight, at, 8), eight;
        }
}

static bool
is_flag(const struct recording_field *field)
{
        return field->size == 1 && strcmp(field->name, "backoff") != 0;
}

bool
recording_set(struct la_snapshot *s, const struct recording_field *field, uint64_t value)
{
        uint8_t *at = (uint8_t *)s + field->offset;

        if (is_flag(field) && value > 1)
                return false;
        if (strcmp(field->name, "timer") == 0 && value > LA_TIMER_PERSIST)
                return false;
        if (field->size < 8 && value >> (8 * field->size) != 0)
                return false;
        uint8_t one = (uint8_t)value;
        uint16_t two = (uint16_t)value;
        uint32_t four = (uint32_t)value;
        memcpy(at,
               field->size == 1   ? (const void *)&one
               : field->size == 2 ? (const void *)&two
               : field->size == 4 ? (const void *)&four
                                  : (const void *)&value,
               field->size);
        return true;
}

/* ---- Disguise ------------------------------------------------------------------------------------------------------ */

static uint64_t
mix(uint64_t x)
{
        x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
        x = (x ^ x >> 27) * 0x94d049bb133111ebu;
        return x ^ x >> 31;
}

/* A permutation of 32 bits: two addresses stay two. */
static uint32_t
permute(const uint64_t key[2], uint32_t x)
{
        uint16_t left = (uint16_t)(x >> 16), right = (uint16_t)x;

        for (uint64_t round = 0; round < 6; round++) {
                uint16_t next = (uint16_t)(left ^ (uint16_t)mix(key[round % 2] ^ mix(key[1] + round) ^ right));
                left = right;
                right = next;
        }
        return (uint32_t)left << 16 | right;
}

/* Those that mean something by themselves: 0.0.0.0/8, 127.0.0.0/8, multicast and beyond. */
static bool
speaks_ipv4(uint32_t address)
{
        return address >> 24 == 0 || address >> 24 == 127 || address >> 24 >= 224;
}

static void
disguise_ipv4(const uint64_t key[2], uint8_t a[4])
{
        uint32_t x = (uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 | a[3];

        if (speaks_ipv4(x))
                return;
        do
                x = permute(key,
                            x); /* on the way round its cycle an address that may be shown comes, at the latest x */
        while (speaks_ipv4(x));
        for (int i = 0; i < 4; i++)
                a[i] = (uint8_t)(x >> (24 - 8 * i));
}

static bool
speaks_ipv6(const uint8_t a[16])
{
        static const uint8_t zero[16];

        return memcmp(a, zero, 15) == 0 || a[0] == 0xff;
}

void
recording_disguise(const uint64_t key[2], enum la_family family, uint8_t address[16])
{
        struct la_endpoint e;
        uint64_t high, low;

        memcpy(e.address, address, 16);
        if (family == LA_IPV4 || la_endpoint_is_mapped(&e)) {
                disguise_ipv4(key, family == LA_IPV4 ? address : address + 12);
                return;
        }
        if (speaks_ipv6(address))
                return;
        memcpy(&high, address, 8);
        memcpy(&low, address + 8, 8);
        high = mix(key[0] ^ mix(high ^ key[1]) ^ low);
        low = mix(key[1] ^ mix(low + key[0]) ^ high);
        memcpy(address, &high, 8);
        memcpy(address + 8, &low, 8);
        memcpy(address, (uint8_t[4]){ 0x20, 0x01, 0x0d, 0xb8 }, 4); /* RFC 3849: for documentation */
}
