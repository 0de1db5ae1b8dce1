/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * xdp.bpf.c - takes from an interface what is for the stack's addresses, and leaves the kernel the rest: so a host goes on
 * working on an interface that it shares with a stack.
 *
 * For the stack's addresses means: IPv4 and IPv6 packets to them, ARP that asks for them or answers them, and neighbour
 * solicitations for them.  What does not come on a queue that a stack looks at is the kernel's, too.
 */
#include "types.h"

#include <bpf/bpf_helpers.h>

/* linux/bpf.h */
struct xdp_md {
        __u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex;
};

enum {
        XDP_PASS = 2,
        BPF_MAP_TYPE_HASH = 1,
        BPF_MAP_TYPE_XSKMAP = 17,
};

/* An IPv4 address is mapped into IPv6. */
struct address {
        __u32 word[4];
};

struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, 64);
        __type(key, struct address);
        __type(value, __u8);
} addresses SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_XSKMAP);
        __uint(max_entries, 1024);
        __type(key, __u32); /* the queue */
        __type(value, __u32);
} sockets SEC(".maps");

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NETWORK16(x) ((__u16)((x) << 8 | (x) >> 8))
#else
#define NETWORK16(x) (x)
#endif

#define ETHERTYPE_AT 12
#define PACKET_AT    14
#define ARP_TARGET   (PACKET_AT + 24)
#define IPV4_TO      (PACKET_AT + 16)
#define IPV6_NEXT    (PACKET_AT + 6)
#define IPV6_TO      (PACKET_AT + 24)
#define ICMPV6_TYPE  (PACKET_AT + 40)
#define ND_TARGET    (PACKET_AT + 48)

#define ICMPV6                58
#define NEIGHBOR_SOLICITATION 135

/* Where 4 or 16 bytes lie in a frame that holds them; else 0. */
static inline __attribute__((always_inline)) const void *
at(const struct xdp_md *frame, unsigned int offset, unsigned int bytes)
{
        const char *data = (const char *)(unsigned long)frame->data;
        const char *end = (const char *)(unsigned long)frame->data_end;

        return data + offset + bytes <= end ? data + offset : 0;
}

static inline __attribute__((always_inline)) int
is_ours(const struct address *address)
{
        return bpf_map_lookup_elem(&addresses, address) != 0;
}

static inline __attribute__((always_inline)) int
ipv4_is_ours(const struct xdp_md *frame, unsigned int offset)
{
        const __u32 *to = at(frame, offset, 4);
        struct address mapped = { { 0, 0, 0, 0 } };

        if (!to)
                return 0;
        __builtin_memset((char *)&mapped + 10, 0xff, 2);
        mapped.word[3] = *to;
        return is_ours(&mapped);
}

static inline __attribute__((always_inline)) int
ipv6_is_ours(const struct xdp_md *frame, unsigned int offset)
{
        const struct address *to = at(frame, offset, 16);
        struct address copy;

        if (!to)
                return 0;
        copy = *to;
        return is_ours(&copy);
}

static inline __attribute__((always_inline)) int
asks_for_ours(const struct xdp_md *frame)
{
        const __u8 *next = at(frame, IPV6_NEXT, 1), *type = at(frame, ICMPV6_TYPE, 1);

        return next && type && *next == ICMPV6 && *type == NEIGHBOR_SOLICITATION && ipv6_is_ours(frame, ND_TARGET);
}

static inline __attribute__((always_inline)) int
is_for_the_stack(const struct xdp_md *frame)
{
        const __u16 *type = at(frame, ETHERTYPE_AT, 2);

        if (!type)
                return 0;
        switch (*type) {
        case NETWORK16(0x0800):
                return ipv4_is_ours(frame, IPV4_TO);
        case NETWORK16(0x0806):
                return ipv4_is_ours(frame, ARP_TARGET);
        case NETWORK16(0x86dd):
                return ipv6_is_ours(frame, IPV6_TO) || asks_for_ours(frame);
        default:
                return 0;
        }
}

SEC("xdp")
int
to_stack(struct xdp_md *frame)
{
        if (!is_for_the_stack(frame))
                return XDP_PASS;
        return (int)bpf_redirect_map(&sockets, frame->rx_queue_index, XDP_PASS);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
