/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diag_bytes.h - netlink messages as the kernel would send them, and as it would not, for tests.
 *
 *         struct diag_bytes b = { 0 };
 *         diag_socket(&b, AF_INET, TCP_ESTABLISHED);
 *         diag_attribute(&b, INET_DIAG_MARK, &mark, sizeof(mark));
 *         diag_done(&b, 0);
 */
#ifndef DIAG_BYTES_H
#define DIAG_BYTES_H

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

/* include/net/tcp_states.h */
enum {
        TCP_ESTABLISHED = 1,
        TCP_SYN_SENT,
        TCP_SYN_RECV,
        TCP_FIN_WAIT1,
        TCP_FIN_WAIT2,
        TCP_TIME_WAIT,
        TCP_CLOSE,
        TCP_CLOSE_WAIT,
        TCP_LAST_ACK,
        TCP_LISTEN,
        TCP_CLOSING,
};

enum { DIAG_SEQUENCE = 7, DIAG_PORT = 4711 };

struct diag_bytes {
        _Alignas(8) uint8_t bytes[8192];
        size_t size;
        size_t last; /* where the last message begins */
        uint32_t sequence, port;
};

static inline struct nlmsghdr *
diag_last(struct diag_bytes *b)
{
        return (struct nlmsghdr *)(void *)(b->bytes + b->last);
}

static inline void *
diag_put(struct diag_bytes *b, size_t size)
{
        void *at = b->bytes + b->size;

        memset(at, 0, NLMSG_ALIGN(size));
        b->size += NLMSG_ALIGN(size);
        return at;
}

static inline void *
diag_message(struct diag_bytes *b, uint16_t type, size_t payload)
{
        struct nlmsghdr *message;

        b->last = b->size;
        message = diag_put(b, sizeof(*message));
        message->nlmsg_type = type;
        message->nlmsg_flags = NLM_F_MULTI;
        message->nlmsg_seq = b->sequence ? b->sequence : DIAG_SEQUENCE;
        message->nlmsg_pid = b->port ? b->port : DIAG_PORT;
        message->nlmsg_len = (uint32_t)(sizeof(*message) + payload);
        return diag_put(b, payload);
}

/* 10.0.0.1:1000 to 10.0.0.2:2000, or fd00::1 to fd00::2, with a value of its own in each field. */
static inline struct inet_diag_msg *
diag_socket(struct diag_bytes *b, uint8_t family, uint8_t state)
{
        struct inet_diag_msg *m = diag_message(b, SOCK_DIAG_BY_FAMILY, sizeof(*m));

        m->idiag_family = family;
        m->idiag_state = state;
        m->id.idiag_sport = htons(1000);
        m->id.idiag_dport = htons(2000);
        inet_pton(family, family == AF_INET ? "10.0.0.1" : "fd00::1", m->id.idiag_src);
        inet_pton(family, family == AF_INET ? "10.0.0.2" : "fd00::2", m->id.idiag_dst);
        m->id.idiag_if = 3;
        m->id.idiag_cookie[0] = 0x11111111;
        m->id.idiag_cookie[1] = 0x22222222;
        m->idiag_rqueue = 4;
        m->idiag_wqueue = 5;
        m->idiag_uid = 6;
        m->idiag_inode = 77;
        return m;
}

/* Appends to the last message. */
static inline void *
diag_attribute(struct diag_bytes *b, uint16_t type, const void *payload, size_t size)
{
        struct nlattr *attribute = diag_put(b, sizeof(*attribute) + size);

        attribute->nla_type = type;
        attribute->nla_len = (uint16_t)(sizeof(*attribute) + size);
        memcpy(attribute + 1, payload, size);
        diag_last(b)->nlmsg_len = (uint32_t)(b->size - b->last);
        return attribute;
}

static inline void
diag_done(struct diag_bytes *b, int error)
{
        memcpy(diag_message(b, NLMSG_DONE, sizeof(error)), &error, sizeof(error));
}

static inline void
diag_refusal(struct diag_bytes *b, int error)
{
        struct nlmsgerr *e = diag_message(b, NLMSG_ERROR, sizeof(*e));

        e->error = error;
}

#endif
